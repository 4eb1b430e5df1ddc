/* Inside pki only: a public key made from a certificate's bytes without OpenSSL's slow decoders, and what it verifies.
 */
#pragma once

#include "pki/key/ossl.h"
#include "pki/key/sig_alg.h"

struct pubkey { /* exactly one is set */
    RSA *rsa;
    EC_KEY *ec;
};
MUST enum rc pubkey_open(const struct cert *c, struct pubkey *out); /* RC_CRYPTO: no key that OpenSSL can use */
void pubkey_free(struct pubkey *k);

/* PKCS#1 v1.5 or ECDSA as DER. Thread-safe. RC_CRYPTO when it does not hold. */
MUST enum rc pubkey_verify(const struct pubkey *k, enum hash h, struct span data, struct span signature);

/* The same of a digest that is there. */
MUST enum rc pubkey_verify_digest(const struct pubkey *k, const struct digest *d, struct span signature);
