/* The published token models, at hand for every answer; a newer one is noticed within a second or so. Thread-safe. */
#pragma once

#include <pthread.h>

#include "store/publication.h"
#include "store/store.h"

struct published {
    pthread_mutex_t lock; /* never held while the store is asked */
    struct publication_row row;
    bool known;        /* a look has ended: there is something to say without one */
    int64_t looked_ms; /* of os_clock_ms: when the last look began */
    int64_t row_ms;    /* and when the one that `row` comes from */
};
void published_open(struct published *p);
void published_free(struct published *p);

/* The version that may be fetched now; 0: none, or what there is has expired. Never fails: token models stop nothing.
 */
int64_t published_version(struct published *p, struct store *s, int64_t now);
/* The newest one's bytes appended. RC_NOT_FOUND: none. */
MUST enum rc published_get(struct published *p, struct store *s, struct buf *out);
