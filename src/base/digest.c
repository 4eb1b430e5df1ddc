/* Digests of two, in hex, and fair random numbers, from what the system's file gives. */
#include "base/digest.h"

struct sha256 sha256_of2(struct span a, struct span b) {
    struct sha256_run r;
    sha256_start(&r);
    sha256_more(&r, a);
    sha256_more(&r, b);
    return sha256_end(&r);
}

void sha256_hex(struct sha256 h, char out[2 * SHA256_LEN + 1]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_LEN; i++) {
        out[2 * i] = digits[h.bytes[i] >> 4];
        out[2 * i + 1] = digits[h.bytes[i] & 15];
    }
    out[2 * SHA256_LEN] = 0;
}

/* The lowest 2^32 mod bound numbers are drawn again: what is left is a multiple of the bound. */
uint32_t random_below(uint32_t bound) {
    if (bound < 2)
        return 0;
    uint32_t drawn, least = (UINT32_MAX - bound + 1) % bound;
    do
        random_bytes(&drawn, sizeof drawn);
    while (drawn < least);
    return drawn % bound;
}
