/* What a subscriber gets to keep when a renewal is confirmed: the receipt, and the secret by which it asks again. */
#pragma once

#include "base/buf.h"

struct cmp_keep {
    struct buf receipt; /* CMS ContentInfo, DER; empty: none */
    struct buf secret;  /* by which receipt and marks are asked for again; empty: none */
};
void cmp_keep_free(struct cmp_keep *k);
