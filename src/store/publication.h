/* Published token models: each version once, signed, with its audit line. */
#pragma once

#include "base/digest.h"
#include "store/tx.h"

struct publication_row {
    int64_t version, issued_at, expires_at;
    char source_hash[2 * SHA256_LEN + 1]; /* of the devices.conf it was made from */
    struct buf der;                       /* CMS SignedData */
};
void publication_row_free(struct publication_row *r);

/* The newest. RC_NOT_FOUND: nothing was published yet. */
MUST enum rc publication_get(struct db *db, struct publication_row *out);

/* Adds one and audits it as "devices". RC_EXISTS: another came in between. */
MUST enum rc publication_put(struct tx *tx, const struct publication_row *r, const char *actor);
