/* Brings back what was issued and is missing in the records (service/site/gaps.h): the certificate itself is the proof.
 */
#pragma once

#include "service/issuing/receipt.h"
#include "service/site/gaps.h"

struct recover_source {
    const char *name;                             /* for the audit: "client" "export" "certificate" */
    enum channel channel;                         /* as far as it is known, else CHANNEL_SELF */
    const char *holder;                           /* "" nobody */
    int64_t reserved_at, issued_at, confirmed_at; /* INSTANT_NONE: not known */
    const struct responder
        *responder; /* makes the receipt of a confirmed one anew; NULL: its holder confirms it again */
};

/* *taken: it fills a gap and is recorded now. Else it is none that is missing, or is not the one that was signed: other
   bytes, or no signature of the new CA. RC_NOT_FOUND: the record of its old certificate is missing too. */
MUST enum rc recover_certificate(struct site *s, struct span der, const struct recover_source *from, int64_t now,
                                 bool *taken);

/* The same for what a client shows: of a record that is missing nothing is said. */
MUST enum rc recover_shown(struct site *s, struct span der, int64_t now, bool *taken);
