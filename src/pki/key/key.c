/* What all private keys have in common, wherever they live: signing, matching, their public half. */
#include "pki/key/key.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "pki/cert/cert_in.h"
#include "pki/key/key_in.h"

#define SIGNATURE_MAX 2048 /* bytes: RSA of 16384 bits */

enum rc key_set_spki(struct key *k, struct span spki) {
    TRY(buf_set(&k->spki, spki));
    struct der d = der_open(buf_span(&k->spki));
    TRY(cert_at("public key", cert_spki_read(&d, &k->pub)));
    return der_end(&d);
}

void key_free(struct key *k) {
    if (k == NULL)
        return;
    EVP_PKEY_free(k->pkey);
    pubkey_free(&k->raw);
    if (k->token.turns)
        pthread_mutex_destroy(&k->token.turn);
    p11_session_free(&k->token.own);
    if (k->token.module.fn != NULL)
        p11_module_free(&k->token.module);
    buf_free(&k->spki);
    free(k);
}

EVP_PKEY *key_evp(struct key *k) {
    return k->pkey;
}

enum rc key_token_rc(const struct key *k) {
    return k->token.failed;
}

/* By OpenSSL, or by the token behind it. */
static bool sign(struct key *k, const struct digest *d, uint8_t out[SIGNATURE_MAX], unsigned *len) {
    return (k->raw.rsa != NULL ? RSA_sign(d->nid, d->bytes, d->len, out, len, k->raw.rsa)
                               : ECDSA_sign(0, d->bytes, (int)d->len, out, len, k->raw.ec)) == 1;
}

/* The failure is this call's: nobody else may sign before it was read. What a driver gives back wrong does not leave.
 */
static enum rc sign_on_token(struct key *k, const struct digest *d, uint8_t out[SIGNATURE_MAX], unsigned *len) {
    pthread_mutex_lock(&k->token.turn);
    k->token.failed = RC_OK;
    k->token.lost = false;
    bool made = sign(k, d, out, len);
    enum rc failed = k->token.failed;
    pthread_mutex_unlock(&k->token.turn);
    if (failed != RC_OK) {
        ERR_clear_error();
        return failed; /* the text is this thread's, of the token */
    }
    if (!made)
        return ossl_fail(RC_CRYPTO, "signing");
    if (pubkey_verify_digest(&k->raw, d, span_of(out, *len)) != RC_OK)
        FAIL(RC_CRYPTO, "the token gave back a signature that does not hold");
    return RC_OK;
}

enum rc key_sign_hash(struct key *k, enum hash h, struct span data, struct buf *signature) {
    uint8_t out[SIGNATURE_MAX];
    unsigned len = 0;
    struct digest d;
    digest_of(h, data, &d);
    if (k->token.session != NULL)
        TRY(sign_on_token(k, &d, out, &len));
    else if (!sign(k, &d, out, &len))
        return ossl_fail(RC_CRYPTO, "signing");
    return buf_add(signature, out, len);
}

enum rc key_sign(struct key *k, struct span data, struct buf *signature) {
    return key_sign_hash(k, HASH_SHA256, data, signature);
}

bool key_lost(struct key *k) {
    if (k->token.session == NULL)
        return false;
    pthread_mutex_lock(&k->token.turn);
    bool lost = k->token.lost;
    pthread_mutex_unlock(&k->token.turn);
    return lost;
}

bool key_checks_itself(const struct key *k) {
    return k->token.session != NULL || k->raw.rsa != NULL;
}

struct span key_sig_alg(const struct key *k) {
    return sig_alg_of(k->pub.facts.key_kind, HASH_SHA256);
}

enum rc key_spki(const struct key *k, struct buf *spki) {
    return buf_add_span(spki, buf_span(&k->spki));
}

bool key_matches(const struct key *k, const struct cert *c) {
    return cert_same_key(&k->pub, c);
}

enum rc key_verify(const struct cert *c, struct span data, struct span signature) {
    AUTO(pubkey) k = {0};
    TRY(pubkey_open(c, &k));
    return pubkey_verify(&k, HASH_SHA256, data, signature);
}
