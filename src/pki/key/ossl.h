/* Inside pki only: OpenSSL's types by this house's idioms. The low-level RSA and EC calls are deprecated in 3.0 and
   used on purpose: a key on a token hooks in there, and raw verification is as fast as with an EVP_PKEY_CTX kept per
   thread (RSA-2048: 16.3 microseconds both) without keeping any. */
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "pki/key/key.h"

/* OSSL_AUTO(X509) x = NULL;  X509_free(x) at the end of the scope. */
#define OSSL_OWN(type, release)                                                                                        \
    static inline void ossl_##type##_freep(type **p) {                                                                 \
        release(*p);                                                                                                   \
    }
#define OSSL_AUTO(type) __attribute__((cleanup(ossl_##type##_freep))) type *
OSSL_OWN(EVP_PKEY, EVP_PKEY_free)
OSSL_OWN(X509, X509_free)
OSSL_OWN(BIO, BIO_free)
OSSL_OWN(BIGNUM, BN_free)
OSSL_OWN(RSA, RSA_free)
OSSL_OWN(EC_KEY, EC_KEY_free)

/* Sets "what: OpenSSL's reason" from this thread's error queue, empties the queue, returns `code`. */
enum rc ossl_fail(enum rc code, const char *what);

MUST enum rc x509_from_der(struct span der, X509 **out);

/* The key as OpenSSL takes it, borrowed. A token key's private operations reach the token. */
EVP_PKEY *key_evp(struct key *k);

/* Why the token last refused an operation of this key that OpenSSL asked for; RC_OK when it did not. err_text() is set
   by then, if nothing failed since. */
enum rc key_token_rc(const struct key *k);

/* The token refused what OpenSSL had hashed, and may sign the data whole: the same call is worth another attempt. True
   once. */
bool key_turned(struct key *k);
