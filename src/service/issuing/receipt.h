/* The receipt: what was done, signed by the responder, for the subscriber to keep (R5.7, R5.10). JSON inside CMS; its
   members are told in doc/protocol.md. */
#pragma once

#include "service/site/responder.h"
#include "store/issue.h"

#define RECEIPT_MARK "{\"receipt\":\"1\"," /* how its text begins, some bytes into the document */

/* For a certificate that is confirmed at `confirmed_at`. RC_CRYPTO: the responder cannot sign. */
MUST enum rc receipt_make(const struct responder *by, const struct campaign *c, const struct issued_row *row,
                          int64_t confirmed_at, struct buf *out);

/* The text of a receipt whose signature holds under `ca`. RC_INPUT, RC_CRYPTO. */
MUST enum rc receipt_text(const struct ca *ca, struct span document, struct buf *out);

/* What was issued, by the old certificate or the new one; whoever asks shows it. RC_NOT_FOUND: nothing. */
MUST enum rc receipt_subject(struct db *db, struct span certificate, struct issued_row *out);
