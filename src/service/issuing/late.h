/* What was issued, and neither the journal nor the database knows any more: both are older than the file that has it.
 */
#pragma once

#include "service/site/journal_seed.h"
#include "store/certs.h"

struct late; /* of one run of capbuctl recover; nothing is opened before the first such certificate */

MUST enum rc late_new(struct site *s, struct late **out);
void late_free(struct late *l);
OWN(late)

/* The record of the old certificate: of one in an export by its serial number and tax code, else by its key.
 * RC_NOT_FOUND: none, or more than one has that key. */
MUST enum rc late_record(struct late *l, const struct cert *c, const char *old_serial, const char *tax_code,
                         int64_t *old_id, char serial[2 * SERIAL_MAX + 2]);

/* Into the journal, before the database has it. RC_EXISTS: other bytes were signed for that old certificate. RC_BUSY: a
   signer has the journal, or it cannot be written here; late_why says it. */
MUST enum rc late_enter(struct late *l, const char *old_serial, const struct sha256 *bytes);
const char *late_why(const struct late *l); /* "" nothing was in the way */
