/* SHA-256 and random bytes, by the system's bcrypt.dll (CNG). */
#include <stdlib.h>
#include <windows.h>

#include <bcrypt.h>

#include "base/digest.h"

static BCRYPT_ALG_HANDLE sha256; /* may be used by all threads */

enum rc digest_init(void) {
    if (!BCRYPT_SUCCESS(BCryptOpenAlgorithmProvider(&sha256, BCRYPT_SHA256_ALGORITHM, NULL, 0)))
        FAIL(RC_BUG, "bcrypt.dll does not start");
    return RC_OK;
}

/* A system that cannot do this any more can do nothing. */
static void must(NTSTATUS status) {
    if (!BCRYPT_SUCCESS(status))
        abort();
}

static BCRYPT_HASH_HANDLE *handle_of(struct sha256_run *r) {
    return (BCRYPT_HASH_HANDLE *)(void *)r->state;
}

void sha256_start(struct sha256_run *r) {
    must(BCryptCreateHash(sha256, handle_of(r), NULL, 0, NULL, 0, 0));
}

void sha256_more(struct sha256_run *r, struct span data) {
    must(BCryptHashData(*handle_of(r), (PUCHAR)(uintptr_t)data.ptr, (ULONG)data.len, 0));
}

struct sha256 sha256_end(struct sha256_run *r) {
    struct sha256 h;
    must(BCryptFinishHash(*handle_of(r), h.bytes, sizeof h.bytes, 0));
    must(BCryptDestroyHash(*handle_of(r)));
    return h;
}

struct sha256 sha256_of(struct span data) {
    struct sha256_run r;
    sha256_start(&r);
    sha256_more(&r, data);
    return sha256_end(&r);
}

void random_bytes(void *out, size_t len) {
    must(BCryptGenRandom(NULL, out, (ULONG)len, BCRYPT_USE_SYSTEM_PREFERRED_RNG));
}
