/* What all private keys have in common, wherever they live: signing, matching, their public half. */
#include "pki/key/key.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "base/os.h"
#include "pki/cert/cert_in.h"
#include "pki/key/key_whole.h"

#define SIGNATURE_MAX 2048 /* bytes: RSA of 16384 bits */
#define PROBE_MS      2000

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
    if (k->token.again != NULL)
        k->token.again->free(k->token.again);
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

bool key_turned(struct key *k) {
    bool turned = k->token.turned;

    k->token.turned = false;
    return turned;
}

/* By OpenSSL, or by the token behind it. */
static bool sign(struct key *k, const struct digest *d, uint8_t out[SIGNATURE_MAX], unsigned *len) {
    return (k->raw.rsa != NULL ? RSA_sign(d->nid, d->bytes, d->len, out, len, k->raw.rsa)
                               : ECDSA_sign(0, d->bytes, (int)d->len, out, len, k->raw.ec)) == 1;
}

static bool try_token(struct key *k, const struct digest *d, uint8_t out[SIGNATURE_MAX], unsigned *len) {
    struct key_token *t = &k->token;
    t->failed = t->lost && t->again != NULL ? t->again->open(k) : RC_OK;
    if (t->failed != RC_OK)
        return false;
    t->lost = false;
    return sign(k, d, out, len);
}

/* Once more where the session was lost just now; not where it was known to be, and a new one does not help either. */
static bool sign_in_turn(struct key *k, const struct digest *d, uint8_t out[SIGNATURE_MAX], unsigned *len) {
    bool was_lost = k->token.lost, made = try_token(k, d, out, len);
    if (!made && k->token.lost && !was_lost && k->token.again != NULL) {
        ERR_clear_error();
        made = try_token(k, d, out, len);
    }
    atomic_store(&k->token.tried_ms, os_clock_ms());
    atomic_store(&k->token.failing, !made);
    return made;
}

/* The failure is this call's: nobody else may sign before it was read. What a driver gives back wrong does not leave.
 */
static enum rc sign_on_token(struct key *k, enum hash h, struct span data, const struct digest *d,
                             uint8_t out[SIGNATURE_MAX], unsigned *len) {
    pthread_mutex_lock(&k->token.turn);
    key_whole_put(k, h, data);
    bool made = sign_in_turn(k, d, out, len);
    enum rc failed = k->token.failed;
    key_whole_end(k);
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
        TRY(sign_on_token(k, h, data, &d, out, &len));
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

/* Of many that ask at once one tries. */
bool key_signs(struct key *k) {
    AUTO(buf) signature = {0};
    if (!atomic_load(&k->token.failing))
        return true;
    int64_t tried = atomic_load(&k->token.tried_ms), now = os_clock_ms();
    if (now - tried < PROBE_MS || !atomic_compare_exchange_strong(&k->token.tried_ms, &tried, now))
        return false;
    return key_sign(k, span_str(KEY_PROBE), &signature) == RC_OK;
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
