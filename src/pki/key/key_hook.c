/* Makes OpenSSL sign with a key on a token: an RSA_METHOD and an EC_KEY_METHOD whose one private operation is C_Sign.
 */
#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "p11/sign.h"
#include "pki/key/key_whole.h"

static RSA_METHOD *rsa_method;
static EC_KEY_METHOD *ec_method;
static int rsa_slot = -1, ec_slot = -1; /* ex_data: the struct key */
static pthread_once_t methods_once = PTHREAD_ONCE_INIT;

static struct key *key_of(const EVP_PKEY *pkey) {
    const RSA *rsa = EVP_PKEY_base_id(pkey) == EVP_PKEY_RSA ? EVP_PKEY_get0_RSA(pkey) : NULL;
    const EC_KEY *ec = EVP_PKEY_base_id(pkey) == EVP_PKEY_EC ? EVP_PKEY_get0_EC_KEY(pkey) : NULL;

    return rsa != NULL ? RSA_get_ex_data(rsa, rsa_slot) : ec != NULL ? EC_KEY_get_ex_data(ec, ec_slot) : NULL;
}

/* May another mechanism do better? Not where token, session or login are the trouble. */
static bool of_mechanism(CK_RV rv) {
    return rv != CKR_OK && !p11_rv_lost(rv) && rv != CKR_USER_NOT_LOGGED_IN && rv != CKR_PIN_INCORRECT &&
           rv != CKR_PIN_LOCKED && rv != CKR_PIN_EXPIRED && rv != CKR_FUNCTION_CANCELED;
}

static enum rc sign_by(struct key *k, CK_MECHANISM_TYPE mechanism, struct span in, uint8_t *out, size_t *len) {
    struct key_token *t = &k->token;

    size_t room = *len;

    p11_rv_forget();
    enum rc rc = p11_sign(t->session, t->handle, mechanism, in, out, len);
    bool moved = p11_last_rv() == CKR_OBJECT_HANDLE_INVALID || p11_last_rv() == CKR_KEY_HANDLE_INVALID;
    if (rc != RC_OK && moved && t->again == NULL && t->find_again(k) == RC_OK) {
        *len = room;
        rc = p11_sign(t->session, t->handle, mechanism, in, out, len);
    }
    t->lost = rc != RC_OK && !p11_rv_of_call(p11_last_rv());
    return rc;
}

/* The data itself, by a mechanism that hashes it. The first answer counts when that does not help either. */
static enum rc sign_whole(struct key *k, uint8_t *out, size_t *len) {
    CK_MECHANISM_TYPE mechanism;

    if (key_whole_mechanism(k, &mechanism))
        return sign_by(k, mechanism, k->token.whole, out, len);
    FAIL(RC_TOKEN, "C_SignInit: %s (0x%lx)", p11_rv_name(CKR_MECHANISM_INVALID), (CK_RV)CKR_MECHANISM_INVALID);
}

static enum rc sign_any(struct key *k, CK_MECHANISM_TYPE mechanism, struct span in, uint8_t *out, size_t *len) {
    struct key_token *t = &k->token;
    size_t room = *len;

    if (t->hashes && t->whole.ptr != NULL)
        return sign_whole(k, out, len);
    enum rc rc = sign_by(k, mechanism, in, out, len);
    if (rc == RC_OK || mechanism == CKM_RSA_X_509 || !of_mechanism(p11_last_rv()))
        return rc;
    if (t->whole.ptr == NULL) { /* whoever asked is asked to come again, with the data */
        t->turned = !t->hashes;
        t->hashes = true;
        key_whole_hook(key_of);
        return rc;
    }
    char told[ERR_TEXT];
    (void)snprintf(told, sizeof told, "%s", err_text());
    CK_RV first = p11_last_rv();
    *len = room;
    if (sign_whole(k, out, len) == RC_OK) {
        t->hashes = true;
        return RC_OK;
    }
    t->lost = !p11_rv_of_call(first);
    return err_set(rc, "%s", told);
}

/* Keeps the code for the caller behind OpenSSL, and leaves a reason in OpenSSL's queue too. */
static bool token_sign(struct key *k, CK_MECHANISM_TYPE mechanism, struct span in, uint8_t *out, size_t *len) {
    k->token.failed = sign_any(k, mechanism, in, out, len);
    if (k->token.failed != RC_OK)
        ERR_raise_data(ERR_LIB_USER, ERR_R_OPERATION_FAIL, "%s", err_text());
    return k->token.failed == RC_OK;
}

/* `from` is a finished DigestInfo (PKCS#1), or a whole padded block (PSS): cards that only know PKCS#1 refuse that.
   A signature is a number: some tokens leave off the zero bytes it begins with. */
static int rsa_priv_enc(int len, const unsigned char *from, unsigned char *to, RSA *rsa, int padding) {
    struct key *k = RSA_get_ex_data(rsa, rsa_slot);
    size_t size = (size_t)RSA_size(rsa), got = size;
    if (padding != RSA_PKCS1_PADDING && padding != RSA_NO_PADDING) {
        ERR_raise(ERR_LIB_RSA, RSA_R_UNKNOWN_PADDING_TYPE);
        return -1;
    }
    CK_MECHANISM_TYPE mechanism = padding == RSA_PKCS1_PADDING ? CKM_RSA_PKCS : CKM_RSA_X_509;
    if (!token_sign(k, mechanism, span_of(from, (size_t)len), to, &got))
        return -1;
    if (got == 0 || got > size) {
        k->token.failed = err_set(RC_TOKEN, "C_Sign gave %zu bytes for a key of %zu", got, size);
        return -1;
    }
    memmove(to + (size - got), to, got);
    memset(to, 0, size - got);
    return (int)size;
}

static int rsa_priv_dec(int len, const unsigned char *from, unsigned char *to, RSA *rsa, int padding) {
    (void)len, (void)from, (void)to, (void)rsa, (void)padding;
    ERR_raise(ERR_LIB_RSA, RSA_R_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE);
    return -1;
}

/* r||s, or DER of the two, which some tokens give: that is told by its head and length. */
static ECDSA_SIG *pair_of(const uint8_t *from, size_t len, size_t order) {
    const uint8_t *at = from;
    ECDSA_SIG *sig = len == 2 * order ? NULL : d2i_ECDSA_SIG(NULL, &at, (long)len);
    if (sig != NULL && at == from + len)
        return sig;
    ECDSA_SIG_free(sig);
    if (len == 0 || len % 2 != 0 || len > 2 * order)
        return NULL;
    OSSL_AUTO(BIGNUM) r = BN_bin2bn(from, (int)(len / 2), NULL);
    OSSL_AUTO(BIGNUM) s = BN_bin2bn(from + len / 2, (int)(len / 2), NULL);
    sig = ECDSA_SIG_new();
    if (r == NULL || s == NULL || sig == NULL || !ECDSA_SIG_set0(sig, r, s)) {
        ECDSA_SIG_free(sig);
        return NULL;
    }
    (void)MOVE(r);
    (void)MOVE(s);
    return sig;
}

static ECDSA_SIG *ec_sign_sig(const unsigned char *digest, int len, const BIGNUM *kinv, const BIGNUM *r0, EC_KEY *ec) {
    (void)kinv, (void)r0;
    struct key *k = EC_KEY_get_ex_data(ec, ec_slot);
    uint8_t pair[2 * 66 + 16]; /* r||s, as long as the order each: P-521's is the longest; DER is a little longer */
    size_t got = sizeof pair, order = ((size_t)EC_GROUP_order_bits(EC_KEY_get0_group(ec)) + 7) / 8;
    size_t in = (size_t)len < order ? (size_t)len : order;
    if (!token_sign(k, CKM_ECDSA, span_of(digest, in), pair, &got))
        return NULL;
    ECDSA_SIG *sig = pair_of(pair, got, order);
    if (sig == NULL)
        k->token.failed = err_set(RC_TOKEN, "C_Sign gave %zu bytes for a curve of %zu", got, order);
    return sig;
}

static void make_methods(void) {
    int (*sign)(int, const unsigned char *, int, unsigned char *, unsigned int *, const BIGNUM *, const BIGNUM *,
                EC_KEY *) = NULL;
    int (*setup)(EC_KEY *, BN_CTX *, BIGNUM **, BIGNUM **) = NULL;
    RSA_METHOD *rsa = RSA_meth_dup(RSA_PKCS1_OpenSSL());
    EC_KEY_METHOD *ec = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    rsa_slot = RSA_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    ec_slot = EC_KEY_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    if (rsa == NULL || ec == NULL || rsa_slot < 0 || ec_slot < 0)
        return; /* the methods stay NULL: key_hook_token says so */
    RSA_meth_set1_name(rsa, "capbu token");
    RSA_meth_set_priv_enc(rsa, rsa_priv_enc);
    RSA_meth_set_priv_dec(rsa, rsa_priv_dec);
    EC_KEY_METHOD_get_sign(ec, &sign, &setup, NULL);
    EC_KEY_METHOD_set_sign(ec, sign, setup, ec_sign_sig);
    rsa_method = rsa;
    ec_method = ec;
    ERR_clear_error(); /* the first use leaves a harmless "rdrand.so … no such engine" behind */
}

enum rc key_hook_token(struct key *k) {
    pthread_once(&methods_once, make_methods);
    if (rsa_method == NULL)
        return ossl_fail(RC_CRYPTO, "hooking into OpenSSL");
    k->token.turns = pthread_mutex_init(&k->token.turn, NULL) == 0;
    TRY(pubkey_open(&k->pub, &k->raw));
    k->pkey = EVP_PKEY_new();
    int ok = k->pkey != NULL;
    if (k->raw.rsa != NULL)
        ok = ok && RSA_set_method(k->raw.rsa, rsa_method) && RSA_set_ex_data(k->raw.rsa, rsa_slot, k) &&
             EVP_PKEY_set1_RSA(k->pkey, k->raw.rsa);
    else
        ok = ok && EC_KEY_set_method(k->raw.ec, ec_method) && EC_KEY_set_ex_data(k->raw.ec, ec_slot, k) &&
             EVP_PKEY_set1_EC_KEY(k->pkey, k->raw.ec);
    return ok ? RC_OK : ossl_fail(RC_CRYPTO, "key on a token");
}
