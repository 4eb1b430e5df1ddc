/* Token buckets in a set-associative table: an address can only push out others of its set, and which set that is
   depends on a random key; the fullest bucket goes, so that forgetting it changes least. */
#include "server/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

#define MINUTE_MS 60000

struct bucket {
    uint8_t addr[PEER_LEN];
    int64_t level;   /* in 1/60000 of a call, so that a millisecond adds `per_minute` of them */
    int64_t told_ms; /* when `level` was right; 0: free */
};

struct limits {
    pthread_mutex_t lock;
    int64_t per_minute;
    uint8_t key[SHA256_LEN];
    struct bucket sets[LIMITS_SETS][LIMITS_WAYS];
};

enum rc limits_new(int per_minute, struct limits **out) {
    if (per_minute < 1)
        FAIL(RC_USAGE, "a rate limit of %d calls a minute", per_minute);
    struct limits *l = calloc(1, sizeof *l);
    if (l == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&l->lock, NULL);
    l->per_minute = per_minute;
    random_bytes(l->key, sizeof l->key);
    *out = l;
    return RC_OK;
}

void limits_free(struct limits *l) {
    if (l == NULL)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static void refill(const struct limits *l, struct bucket *b, int64_t now_ms) {
    int64_t full = l->per_minute * MINUTE_MS;
    int64_t gone = now_ms - b->told_ms;

    b->told_ms = now_ms;
    if (gone >= MINUTE_MS)
        b->level = full;
    else if (gone > 0)
        b->level = b->level + gone * l->per_minute > full ? full : b->level + gone * l->per_minute;
}

static struct bucket *bucket_of(struct limits *l, const uint8_t addr[PEER_LEN], int64_t now_ms) {
    struct sha256 h = sha256_of2(span_of(l->key, sizeof l->key), span_of(addr, PEER_LEN));
    struct bucket *set = l->sets[(h.bytes[0] | h.bytes[1] << 8) % LIMITS_SETS];
    struct bucket *spare = &set[0];

    for (int i = 0; i < LIMITS_WAYS; i++) {
        struct bucket *b = &set[i];
        if (b->told_ms != 0)
            refill(l, b, now_ms);
        if (b->told_ms != 0 && memcmp(b->addr, addr, PEER_LEN) == 0)
            return b;
        if (spare->told_ms != 0 && (b->told_ms == 0 || b->level > spare->level))
            spare = b;
    }
    memcpy(spare->addr, addr, PEER_LEN);
    spare->level = l->per_minute * MINUTE_MS;
    spare->told_ms = now_ms;
    return spare;
}

int limits_take(struct limits *l, const uint8_t addr[PEER_LEN], int64_t now_ms) {
    int wait = 0;

    pthread_mutex_lock(&l->lock);
    struct bucket *b = bucket_of(l, addr, now_ms);
    if (b->level >= MINUTE_MS)
        b->level -= MINUTE_MS;
    else
        wait = (int)((MINUTE_MS - b->level) / l->per_minute / 1000) + 1;
    pthread_mutex_unlock(&l->lock);
    return wait;
}
