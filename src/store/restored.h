/* What was issued, written once more after the records that had it were lost. */
#pragma once

#include "store/issue.h"

struct restored {
    const struct issued_row *row; /* whole, with `der`; confirmed_at INSTANT_NONE: its holder confirms it again */
    const char *campaign_hash;
    struct span receipt; /* of a confirmed one, with its secret; else empty */
    const char *secret;
    const char *actor, *detail; /* of its line in the audit */
};

/* In place of a reservation that came to nothing. RC_EXISTS: a certificate is stored for it, or another has the new
   serial number (nothing was written, the transaction goes on). RC_NOT_FOUND: no such old certificate. */
MUST enum rc restored_put(struct tx *tx, const struct restored *r);

/* Was it put back, so that all the records know of it is what came with it? No request for it is kept. */
bool restored_is(const struct issued_row *row);

/* Of one that was put back: channel, holder and times as `row` has them, and the confirmation where there is none yet.
 */
MUST enum rc restored_complete(struct tx *tx, const struct restored *r);
