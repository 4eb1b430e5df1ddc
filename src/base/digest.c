/* SHA-256 and random bytes, by libsodium. */
#include "base/digest.h"

#include <sodium.h>

enum rc digest_init(void) {
    if (sodium_init() < 0)
        FAIL(RC_BUG, "libsodium does not start");
    return RC_OK;
}

struct sha256 sha256_of(struct span data) {
    struct sha256 h;
    crypto_hash_sha256(h.bytes, data.ptr, data.len);
    return h;
}

struct sha256 sha256_of2(struct span a, struct span b) {
    struct sha256 h;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, a.ptr, a.len);
    crypto_hash_sha256_update(&state, b.ptr, b.len);
    crypto_hash_sha256_final(&state, h.bytes);
    return h;
}

void sha256_hex(struct sha256 h, char out[2 * SHA256_LEN + 1]) {
    sodium_bin2hex(out, 2 * SHA256_LEN + 1, h.bytes, sizeof h.bytes);
}

void random_bytes(void *out, size_t len) {
    randombytes_buf(out, len);
}

uint32_t random_below(uint32_t bound) {
    return randombytes_uniform(bound);
}
