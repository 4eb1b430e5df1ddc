/* HMAC-SHA-256 (RFC 2104) over libcrypto's SHA-256, with the key and the name of each use worked in once: what is left
   is two copies and the bytes. OpenSSL's own HMAC allocates for each copy, which an import of a million rows feels. */
#include "pki/seal/seal.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/hex.h"
#include "base/os.h"

#define FILE_LIMIT 256
#define BLOCK      64 /* bytes of SHA-256 */

static const char *const names[] = {
    [SEAL_JOURNAL] = "capbu journal", [SEAL_AUDIT] = "capbu audit", [SEAL_RECORD] = "capbu record"};
#define USES (sizeof names / sizeof names[0])

struct seal { /* never ended, only copied: on POSIX a run is plain memory */
    struct sha256_run inner[USES], outer;
};

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
        FAIL(RC_INPUT, "others can read or change a private key or PIN: chmod go= %s", path);
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

static void begin(struct sha256_run *run, const uint8_t key[SEAL_KEY_LEN], uint8_t pad) {
    uint8_t block[BLOCK];
    for (size_t i = 0; i < BLOCK; i++)
        block[i] = (uint8_t)(pad ^ (i < SEAL_KEY_LEN ? key[i] : 0));
    sha256_start(run);
    sha256_more(run, span_of(block, BLOCK));
    os_wipe(block, sizeof block);
}

static void fill(struct seal *s, const uint8_t key[SEAL_KEY_LEN]) {
    for (size_t i = 0; i < USES; i++) {
        begin(&s->inner[i], key, 0x36);
        sha256_more(&s->inner[i], span_of(names[i], strlen(names[i]) + 1));
    }
    begin(&s->outer, key, 0x5c);
}

enum rc seal_open(const char *path, struct seal **out) {
    uint8_t key[SEAL_KEY_LEN];
    AUTO_PTR(seal) s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    enum rc rc = read_key(path, key);
    if (rc == RC_OK)
        fill(s, key);
    os_wipe(key, sizeof key);
    TRY(rc);
    *out = MOVE(s);
    return RC_OK;
}

void seal_free(struct seal *s) {
    if (s != NULL)
        os_wipe(s, sizeof *s);
    free(s);
}

struct sha256 seal_mac(const struct seal *s, enum seal_use use, struct span bytes) {
    struct sha256_run inner = s->inner[use], outer = s->outer;
    sha256_more(&inner, bytes);
    const struct sha256 digest = sha256_end(&inner);
    sha256_more(&outer, span_of(digest.bytes, SHA256_LEN));
    return sha256_end(&outer);
}

enum rc seal_check(const struct seal *s, enum seal_use use, struct span bytes, const struct sha256 *mac) {
    const struct sha256 right = seal_mac(s, use, bytes);
    if (CRYPTO_memcmp(right.bytes, mac->bytes, SHA256_LEN) != 0)
        FAIL(RC_REFUSED, "its seal does not hold: it was not written by capbu, or with another seal key");
    return RC_OK;
}
