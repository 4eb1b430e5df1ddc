/* A list of sockets and a thread that looks through it a few times a second. */
#include "server/deadline.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/os.h"

struct deadline {
    struct deadline *next, **from; /* `from` points to the pointer to this one */
    int fd;
    int64_t at_ms;
};

struct deadlines {
    pthread_mutex_t lock;
    pthread_cond_t stop;
    pthread_t thread;
    bool stopping;
    struct deadline *first;
};

static void *watch(void *arg) {
    struct deadlines *d = arg;
    struct timespec until;

    pthread_mutex_lock(&d->lock);
    while (!d->stopping) {
        int64_t now = os_clock_ms();
        for (struct deadline *one = d->first; one != NULL; one = one->next)
            if (one->at_ms <= now)
                shutdown(one->fd, SHUT_RDWR);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += DEADLINE_TICK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&d->stop, &d->lock, &until);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

enum rc deadlines_new(struct deadlines **out) {
    struct deadlines *d = calloc(1, sizeof *d);

    if (d == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->stop, NULL);
    if (pthread_create(&d->thread, NULL, watch, d) != 0) {
        free(d);
        FAIL(RC_IO, "cannot start a thread");
    }
    *out = d;
    return RC_OK;
}

void deadlines_free(struct deadlines *d) {
    if (d == NULL)
        return;
    pthread_mutex_lock(&d->lock);
    d->stopping = true;
    pthread_cond_signal(&d->stop);
    pthread_mutex_unlock(&d->lock);
    pthread_join(d->thread, NULL);
    pthread_cond_destroy(&d->stop);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

struct deadline *deadline_add(struct deadlines *d, int fd, int64_t at_ms) {
    struct deadline *one = calloc(1, sizeof *one);

    if (one == NULL)
        return NULL;
    *one = (struct deadline){.fd = fd, .at_ms = at_ms, .from = &d->first};
    pthread_mutex_lock(&d->lock);
    one->next = d->first;
    if (one->next != NULL)
        one->next->from = &one->next;
    d->first = one;
    pthread_mutex_unlock(&d->lock);
    return one;
}

void deadline_set(struct deadlines *d, struct deadline *one, int64_t at_ms) {
    if (one == NULL)
        return;
    pthread_mutex_lock(&d->lock);
    one->at_ms = at_ms;
    pthread_mutex_unlock(&d->lock);
}

void deadline_remove(struct deadlines *d, struct deadline *one) {
    if (one == NULL)
        return;
    pthread_mutex_lock(&d->lock);
    *one->from = one->next;
    if (one->next != NULL)
        one->next->from = one->from;
    pthread_mutex_unlock(&d->lock);
    free(one);
}
