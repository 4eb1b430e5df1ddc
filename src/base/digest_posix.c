/* SHA-256 by libcrypto, random bytes by the kernel. */
#include <errno.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/digest.h"

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct sha256_run), "the library's state fits");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(struct sha256_run), "and is aligned");

enum rc digest_init(void) {
    uint8_t one;
    if (getrandom(&one, 1, 0) != 1 || RAND_status() != 1) /* ours, and that of OpenSSL's signatures */
        FAIL(RC_BUG, "there is no source of random bytes");
    return RC_OK;
}

static SHA256_CTX *state_of(struct sha256_run *r) {
    return (SHA256_CTX *)(void *)r->state;
}

/* OpenSSL 3.0's one-shot function looks its algorithm up anew each time; these do not. */
void sha256_start(struct sha256_run *r) {
    SHA256_Init(state_of(r));
}

void sha256_more(struct sha256_run *r, struct span data) {
    SHA256_Update(state_of(r), data.ptr, data.len);
}

struct sha256 sha256_end(struct sha256_run *r) {
    struct sha256 h;
    SHA256_Final(h.bytes, state_of(r));
    return h;
}

struct sha256 sha256_of(struct span data) {
    return sha256_of2(data, (struct span){0});
}

/* OpenSSL's generator is made anew in each thread, which costs more than what one asks of it. Nothing may go on with
   bytes that are not random. */
void random_bytes(void *out, size_t len) {
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);
        if (got < 0 && errno != EINTR)
            abort();
        out = (uint8_t *)out + (got > 0 ? got : 0);
        len -= got > 0 ? (size_t)got : 0;
    }
}
