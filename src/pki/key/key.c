/* Private keys in files, and what all private keys have in common: signing, matching, their public half. */
#include "pki/key/key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/secret.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"
#include "pki/key/key_in.h"

#define KEY_FILE_LIMIT (64 * 1024)
#define RSA_BITS_MIN   2048
#define RSA_BITS_MAX   8192
#define SIGNATURE_MAX  2048 /* bytes: RSA of 16384 bits */

enum rc key_set_spki(struct key *k, struct span spki) {
    TRY(buf_set(&k->spki, spki));
    struct der d = der_open(buf_span(&k->spki));
    TRY(cert_at("public key", cert_spki_read(&d, &k->pub)));
    return der_end(&d);
}

/* Takes `pkey` over. Keys too weak for a CA or for TLS are refused where they are opened. */
static enum rc adopt(EVP_PKEY *pkey, struct key **out) {
    OSSL_AUTO(EVP_PKEY) held = pkey;
    AUTO_PTR(key) k = calloc(1, sizeof *k);
    if (k == NULL)
        FAIL(RC_LIMIT, "out of memory");
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(held, &der);
    if (len <= 0)
        return ossl_fail(RC_INPUT, "public key");
    enum rc rc = key_set_spki(k, span_of(der, (size_t)len));
    OPENSSL_free(der);
    if (rc != RC_OK)
        return rc;
    if (k->pub.facts.key_kind == KEY_OTHER)
        FAIL(RC_INPUT, "the key is neither RSA nor EC on P-256, P-384 or P-521");
    k->raw.rsa = k->pub.facts.key_kind == KEY_RSA ? EVP_PKEY_get1_RSA(held) : NULL;
    k->raw.ec = k->pub.facts.key_kind == KEY_EC ? EVP_PKEY_get1_EC_KEY(held) : NULL;
    if (k->raw.rsa == NULL && k->raw.ec == NULL)
        return ossl_fail(RC_INPUT, "private key");
    k->pkey = MOVE(held);
    *out = MOVE(k);
    return RC_OK;
}

/* Never asks on the terminal: an encrypted file is refused. */
static int no_passphrase(char *text, int size, int writing, void *arg) {
    (void)text, (void)size, (void)writing, (void)arg;
    return -1;
}

enum rc key_open_file(const char *path, struct key **out) {
    AUTO(buf) pem = {0};
    enum rc rc = fs_read(path, KEY_FILE_LIMIT, &pem);
    OSSL_AUTO(BIO) bio = rc == RC_OK ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
    EVP_PKEY *pkey = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    buf_wipe(&pem);
    TRY(rc);
    if (pkey == NULL) {
        ERR_clear_error();
        FAIL(RC_INPUT, "%s holds no unencrypted private key in PEM", path);
    }
    rc = adopt(pkey, out);
    return rc == RC_OK ? RC_OK : err_in(rc, "%s", path);
}

enum rc key_open(const char *ref, const char *pin_file, struct key **out) {
    if (strncmp(ref, "pkcs11:", 7) != 0)
        return key_open_file(ref, out);
    AUTO(secret) pin = {0};
    if (pin_file != NULL && pin_file[0] != '\0')
        TRY(secret_read_file(pin_file, &pin));
    return key_open_uri(ref, span_of(pin.text, pin.len), out);
}

void key_free(struct key *k) {
    if (k == NULL)
        return;
    EVP_PKEY_free(k->pkey);
    pubkey_free(&k->raw);
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

enum rc key_sign_hash(struct key *k, enum hash h, struct span data, struct buf *signature) {
    uint8_t out[SIGNATURE_MAX];
    unsigned len = 0;
    struct digest d;
    digest_of(h, data, &d);
    k->token.failed = RC_OK;
    int ok = k->raw.rsa != NULL ? RSA_sign(d.nid, d.bytes, d.len, out, &len, k->raw.rsa)
                                : ECDSA_sign(0, d.bytes, (int)d.len, out, &len, k->raw.ec);
    if (ok == 1)
        return buf_add(signature, out, len);
    if (k->token.failed == RC_OK)
        return ossl_fail(RC_CRYPTO, "signing");
    ERR_clear_error();
    return k->token.failed;
}

enum rc key_sign(struct key *k, struct span data, struct buf *signature) {
    return key_sign_hash(k, HASH_SHA256, data, signature);
}

bool key_checks_itself(const struct key *k) {
    return k->token.session == NULL && k->raw.rsa != NULL;
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

static enum rc write_key(const char *path, EVP_PKEY *pkey) {
    OSSL_AUTO(BIO) bio = BIO_new(BIO_s_secmem());
    if (bio == NULL || !PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL))
        return ossl_fail(RC_CRYPTO, "writing a key");
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);
    enum rc rc = fs_write_new(path, span_of(text, (size_t)len), 0600);
    OPENSSL_cleanse(text, (size_t)len);
    return rc;
}

enum rc key_make_file(const char *path, int bits, struct key **out) {
    if (bits != 0 && (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX))
        FAIL(RC_USAGE, "an RSA key has %d to %d bits, not %d", RSA_BITS_MIN, RSA_BITS_MAX, bits);
    OSSL_AUTO(EVP_PKEY) pkey = bits == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen((unsigned)bits);
    if (pkey == NULL)
        return ossl_fail(RC_CRYPTO, "making a key");
    TRY(write_key(path, pkey));
    return adopt(MOVE(pkey), out);
}

enum rc key_verify(const struct cert *c, struct span data, struct span signature) {
    AUTO(pubkey) k = {0};
    TRY(pubkey_open(c, &k));
    return pubkey_verify(&k, HASH_SHA256, data, signature);
}
