/* Can the database take writes now? Looks at how the last ones ended, at the free space, and writes for a trial when
   nobody else has; never longer than the caller will wait. */
#pragma once

#include <pthread.h>

#include "store/writer.h"

#define PULSE_FRESH_MS 1000  /* a commit so recent proves enough, unless one failed since */
#define PULSE_BYTES    65536 /* of a trial after a write has failed: more than a renewal needs, less than its disk has */
#define PULSE_SPACE    (8 << 20) /* least to be free: the write-ahead log's size, and as much again */

struct pulse { /* thread-safe; one trial at a time, which all wait for who ask meanwhile */
    pthread_mutex_t lock;
    pthread_cond_t beat;
    struct write trial;
    struct writer *writer;
    bool running, big;
    uint64_t round; /* of trials that ended */
    enum rc rc;     /* of the last one, with its text */
    char text[ERR_TEXT];
};

void pulse_init(struct pulse *p, struct writer *writer);
void pulse_end(struct pulse *p); /* the writer must have ended before */

/* RC_DB: it fails, or the audit's end is not as it was sealed. RC_NETWORK: who seals is away, or silent. RC_BUSY: no
   answer within `ms`. RC_LIMIT: hardly any space is left (`dsn`: a file's only; a server's disk is its own business
   until a trial fails). */
MUST enum rc pulse_take(struct pulse *p, const char *dsn, int ms);
