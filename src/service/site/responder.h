/* Who speaks for the CA: the key and certificate that protect CMP answers and sign receipts. */
#pragma once

#include "pki/key/key.h"
#include "service/site/conf.h"

struct responder { /* zero-initialise */
    struct key *key;
    struct buf der;
    struct cert cert; /* view of `der` */
};
void responder_free(struct responder *r);

/* Of the configuration's cmp_key and cmp_cert. RC_CRYPTO: they do not belong together, or may not sign documents. */
MUST enum rc responder_open(const struct conf *c, struct responder *out);
