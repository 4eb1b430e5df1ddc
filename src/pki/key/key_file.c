/* Private keys in files: opened from PEM, made, written. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "base/fs.h"
#include "pki/key/key_in.h"

#define KEY_FILE_LIMIT (64 * 1024)
#define RSA_BITS_MIN   2048
#define RSA_BITS_MAX   8192

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
