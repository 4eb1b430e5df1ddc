/* Raw RSA: the fastest that this machine's OpenSSL does, with keys and contexts made beforehand. */
#include "yard.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure.h"

#define CORES_MAX    64
#define YARD_SECONDS (measure_smoke() ? 0.02 : 0.7)
#define STRIDE       16 /* operations between looks at the clock */
#define DIGEST_LEN   32
#define SIGNED_MAX   1024

struct lane { /* one thread's */
    EVP_PKEY *key;
    EVP_PKEY_CTX *sign, *verify;
    unsigned char digest[DIGEST_LEN], signature[SIGNED_MAX];
    size_t len;
    bool verifying, failed;
    double until, done;
};

struct yard {
    struct lane lanes[CORES_MAX];
    int count;
};

int yard_cores(void) {
    cpu_set_t set;
    int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return cores > CORES_MAX ? CORES_MAX : cores;
}

static EVP_PKEY *key_read(const char *path) {
    FILE *f = fopen(path, "re");
    EVP_PKEY *key = f == NULL ? NULL : PEM_read_PrivateKey(f, NULL, NULL, NULL);
    if (f != NULL)
        (void)fclose(f);
    return key;
}

static bool set_up(EVP_PKEY_CTX *ctx) {
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
           EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0;
}

static bool sign_once(struct lane *l) {
    l->len = sizeof l->signature;
    return EVP_PKEY_sign(l->sign, l->signature, &l->len, l->digest, DIGEST_LEN) == 1;
}

static enum rc lane_open(const char *path, struct lane *l) {
    l->key = key_read(path);
    l->sign = l->key == NULL ? NULL : EVP_PKEY_CTX_new(l->key, NULL);
    l->verify = l->key == NULL ? NULL : EVP_PKEY_CTX_new(l->key, NULL);
    if (l->verify == NULL || EVP_PKEY_get_bits(l->key) != 2048 || EVP_PKEY_sign_init(l->sign) <= 0 ||
        EVP_PKEY_verify_init(l->verify) <= 0 || !set_up(l->sign) || !set_up(l->verify) || !sign_once(l))
        FAIL(RC_CRYPTO, "%s: no RSA-2048 key for the yardstick", path);
    return RC_OK;
}

enum rc yard_open(const char *key, struct yard **out) {
    AUTO_PTR(yard) y = calloc(1, sizeof *y);
    if (y == NULL)
        FAIL(RC_LIMIT, "out of memory");
    for (; y->count < yard_cores(); y->count++)
        TRY(lane_open(key, &y->lanes[y->count]));
    *out = MOVE(y);
    return RC_OK;
}

void yard_free(struct yard *y) {
    for (int i = 0; y != NULL && i < CORES_MAX; i++) {
        EVP_PKEY_CTX_free(y->lanes[i].sign);
        EVP_PKEY_CTX_free(y->lanes[i].verify);
        EVP_PKEY_free(y->lanes[i].key);
    }
    free(y);
}

static void *lane_run(void *arg) {
    struct lane *l = arg;
    pthread_setname_np(pthread_self(), "yardstick"); /* so that a profile tells it from what is measured */
    while (!l->failed && measure_now() < l->until) {
        for (int i = 0; i < STRIDE && !l->failed; i++)
            l->failed = l->verifying ? EVP_PKEY_verify(l->verify, l->signature, l->len, l->digest, DIGEST_LEN) != 1
                                     : !sign_once(l);
        l->done += STRIDE;
    }
    return NULL;
}

static enum rc run(struct yard *y, bool verifying, double *per_second) {
    pthread_t thread[CORES_MAX];
    double from = measure_now(), done = 0;
    int started = 0;
    bool failed = false;
    for (; started < y->count; started++) {
        struct lane *l = &y->lanes[started];
        l->verifying = verifying;
        l->done = 0;
        l->until = from + YARD_SECONDS;
        if (pthread_create(&thread[started], NULL, lane_run, l) != 0)
            break;
    }
    for (int i = 0; i < started; i++) {
        pthread_join(thread[i], NULL);
        done += y->lanes[i].done;
        failed |= y->lanes[i].failed;
    }
    if (failed || started < y->count)
        FAIL(RC_BUG, "the yardstick failed");
    *per_second = done / (measure_now() - from);
    return RC_OK;
}

enum rc yard_sign(struct yard *y, double *per_second) {
    return run(y, false, per_second);
}

enum rc yard_verify(struct yard *y, double *per_second) {
    return run(y, true, per_second);
}
