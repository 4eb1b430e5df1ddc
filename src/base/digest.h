/* SHA-256 by libcrypto and random bytes by the kernel (digest_posix.c), or both by Windows (digest_windows.c). */
#pragma once

#include "base/buf.h"

#define SHA256_LEN 32

struct sha256 {
    uint8_t bytes[SHA256_LEN];
};

MUST enum rc digest_init(void); /* once per process, before threads */
struct sha256 sha256_of(struct span data);
struct sha256 sha256_of2(struct span a, struct span b); /* of both, one after the other */

/* The same of bytes that come piece by piece; what was started must be ended. */
struct sha256_run {
    uint64_t state[14]; /* the library's */
};
void sha256_start(struct sha256_run *r);
void sha256_more(struct sha256_run *r, struct span data);
struct sha256 sha256_end(struct sha256_run *r);

void sha256_hex(struct sha256 h, char out[2 * SHA256_LEN + 1]); /* lower-case */
void random_bytes(void *out, size_t len);
uint32_t random_below(uint32_t bound); /* 0 … bound - 1, all as likely */
