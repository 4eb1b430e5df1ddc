/* A table of digests in which each has one place: a newer one takes an older one's. */
#include "pki/ca/proven.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 4096 /* 128 KiB; more than ever renew at once */

struct proven {
    pthread_mutex_t lock;
    struct sha256 places[PLACES]; /* all zero: nothing, a digest that nobody can meet */
};

enum rc proven_new(struct proven **out) {
    struct proven *p = calloc(1, sizeof *p);
    if (p == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&p->lock, NULL);
    *out = p;
    return RC_OK;
}

void proven_free(struct proven *p) {
    if (p == NULL)
        return;
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static struct sha256 *place_of(struct proven *p, const struct sha256 *certificate) {
    return &p->places[(certificate->bytes[0] << 8 | certificate->bytes[1]) % PLACES];
}

bool proven_has(struct proven *p, const struct sha256 *certificate) {
    pthread_mutex_lock(&p->lock);
    bool has = memcmp(place_of(p, certificate), certificate, sizeof *certificate) == 0;
    pthread_mutex_unlock(&p->lock);
    return has;
}

void proven_add(struct proven *p, const struct sha256 *certificate) {
    pthread_mutex_lock(&p->lock);
    *place_of(p, certificate) = *certificate;
    pthread_mutex_unlock(&p->lock);
}
