/* SHA-256 and random bytes, by libsodium. */
#include <sodium.h>

#include "base/digest.h"

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct sha256_run), "the library's state fits");
_Static_assert(_Alignof(crypto_hash_sha256_state) <= _Alignof(struct sha256_run), "and is aligned");

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

static crypto_hash_sha256_state *state_of(struct sha256_run *r) {
    return (crypto_hash_sha256_state *)(void *)r->state;
}

void sha256_start(struct sha256_run *r) {
    crypto_hash_sha256_init(state_of(r));
}

void sha256_more(struct sha256_run *r, struct span data) {
    crypto_hash_sha256_update(state_of(r), data.ptr, data.len);
}

struct sha256 sha256_end(struct sha256_run *r) {
    struct sha256 h;
    crypto_hash_sha256_final(state_of(r), h.bytes);
    return h;
}

void random_bytes(void *out, size_t len) {
    randombytes_buf(out, len);
}
