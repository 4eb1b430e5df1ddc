/* HMAC-SHA-256 by libcrypto, with the key and the name of each use worked in once: what is left is a copy and the
 * bytes.
 */
#include "pki/seal/seal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/hex.h"
#include "base/os.h"

#define FILE_LIMIT 256

static const char *const names[] = {
    [SEAL_JOURNAL] = "capbu journal", [SEAL_AUDIT] = "capbu audit", [SEAL_RECORD] = "capbu record"};
#define USES (sizeof names / sizeof names[0])

struct seal {
    EVP_MAC_CTX *begun[USES]; /* never finished, only copied */
};

static inline void mac_freep(EVP_MAC **m) {
    EVP_MAC_free(*m);
}

static inline void ctx_freep(EVP_MAC_CTX **c) {
    EVP_MAC_CTX_free(*c);
}

enum rc seal_make(const char *path) {
    uint8_t key[SEAL_KEY_LEN];
    char text[2 * SEAL_KEY_LEN + 2];
    random_bytes(key, sizeof key);
    hex_to(key, sizeof key, text);
    text[2 * SEAL_KEY_LEN] = '\n';
    enum rc rc = fs_write_new(path, span_of(text, 2 * SEAL_KEY_LEN + 1), 0600);
    os_wipe(key, sizeof key);
    os_wipe(text, sizeof text);
    return rc;
}

static enum rc check_mode(const char *path) {
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        FAIL(RC_INPUT, "%s can be read or changed by others than its owner: chmod 600 %s", path, path);
    return RC_OK; /* where it is not there, the reading says so */
}

static enum rc read_key(const char *path, uint8_t key[SEAL_KEY_LEN]) {
    AUTO(buf) text = {0};
    size_t len = SEAL_KEY_LEN;
    TRY(check_mode(path));
    enum rc rc = fs_read(path, FILE_LIMIT, &text);
    if (rc == RC_NOT_FOUND)
        FAIL(rc,
             "there is no seal key %s: restore it from where it is kept; for an installation that never had one: "
             "capbuctl audit adopt",
             path);
    if (rc == RC_OK && text.len == 2 * SEAL_KEY_LEN + 1 && text.data[text.len - 1] == '\n')
        text.data[text.len - 1] = '\0';
    if (rc == RC_OK && (hex_from(buf_str(&text), key, &len) != RC_OK || len != SEAL_KEY_LEN))
        rc = err_set(RC_INPUT, "%s holds no seal key: %d bytes in hexadecimal", path, SEAL_KEY_LEN);
    buf_wipe(&text);
    return rc;
}

static bool begin(EVP_MAC *hmac, const uint8_t *key, const char *name, EVP_MAC_CTX **out) {
    char digest[] = "SHA256";
    const OSSL_PARAM how[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                              OSSL_PARAM_construct_end()};
    *out = EVP_MAC_CTX_new(hmac);
    return *out != NULL && EVP_MAC_init(*out, key, SEAL_KEY_LEN, how) &&
           EVP_MAC_update(*out, (const unsigned char *)name, strlen(name) + 1);
}

static enum rc fill(struct seal *s, const uint8_t *key) {
    __attribute__((cleanup(mac_freep))) EVP_MAC *hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    for (size_t i = 0; i < USES; i++)
        if (hmac == NULL || !begin(hmac, key, names[i], &s->begun[i])) {
            ERR_clear_error();
            FAIL(RC_CRYPTO, "HMAC-SHA-256 cannot be had from OpenSSL");
        }
    return RC_OK;
}

enum rc seal_open(const char *path, struct seal **out) {
    uint8_t key[SEAL_KEY_LEN];
    AUTO_PTR(seal) s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    enum rc rc = read_key(path, key);
    if (rc == RC_OK)
        rc = fill(s, key);
    os_wipe(key, sizeof key);
    TRY(rc);
    *out = MOVE(s);
    return RC_OK;
}

void seal_free(struct seal *s) {
    for (size_t i = 0; s != NULL && i < USES; i++)
        EVP_MAC_CTX_free(s->begun[i]); /* OpenSSL wipes the key with it */
    free(s);
}

enum rc seal_mac(const struct seal *s, enum seal_use use, struct span bytes, struct sha256 *out) {
    __attribute__((cleanup(ctx_freep))) EVP_MAC_CTX *c = EVP_MAC_CTX_dup(s->begun[use]);
    size_t len = 0;
    if (c == NULL || !EVP_MAC_update(c, bytes.ptr, bytes.len) || !EVP_MAC_final(c, out->bytes, &len, SHA256_LEN) ||
        len != SHA256_LEN) {
        ERR_clear_error();
        FAIL(RC_LIMIT, "out of memory");
    }
    return RC_OK;
}

enum rc seal_check(const struct seal *s, enum seal_use use, struct span bytes, const struct sha256 *mac) {
    struct sha256 right;
    TRY(seal_mac(s, use, bytes, &right));
    if (CRYPTO_memcmp(right.bytes, mac->bytes, SHA256_LEN) != 0)
        FAIL(RC_REFUSED, "its seal does not hold: it was not written by capbu, or with another seal key");
    return RC_OK;
}
