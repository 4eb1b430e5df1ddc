/* Many threads, one list of work. They stay from one list to the next, as a server's do: what is measured is the work,
   not the making of threads. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "contests.h"

#define THREADS_MAX 256
#define STACK       (256 * 1024)

struct crowd { /* a list of work */
    const char *name;
    enum rc (*body)(void *arg, int i);
    void *arg;
    int count;
    atomic_int next, rc;
    char text[512]; /* of the first failure */
};

static struct {
    pthread_mutex_t lock; /* over all of it, and a crowd's text */
    pthread_cond_t begun, ended;
    int started;        /* threads */
    int wanted, busy;   /* of the list: the first so many take part, so many have not ended */
    int lists;          /* begun so far */
    struct crowd *list; /* the last one */
} hall = {.lock = PTHREAD_MUTEX_INITIALIZER, .begun = PTHREAD_COND_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};

static void failed(struct crowd *c, enum rc rc) {
    pthread_mutex_lock(&hall.lock);
    if (atomic_exchange(&c->rc, (int)rc) == RC_OK)
        (void)snprintf(c->text, sizeof c->text, "%s", err_text());
    pthread_mutex_unlock(&hall.lock);
}

static void work(struct crowd *c) {
    int i;
    pthread_setname_np(pthread_self(), c->name);
    while (atomic_load(&c->rc) == RC_OK && (i = atomic_fetch_add(&c->next, 1)) < c->count) {
        enum rc rc = c->body(c->arg, i);
        if (rc != RC_OK)
            failed(c, rc);
    }
}

static void *wait_and_work(void *arg) {
    const int place = *(const int *)arg;
    int seen = 0;
    pthread_mutex_lock(&hall.lock);
    for (;;) {
        while (hall.lists == seen || place >= hall.wanted)
            pthread_cond_wait(&hall.begun, &hall.lock);
        seen = hall.lists;
        struct crowd *c = hall.list;
        pthread_mutex_unlock(&hall.lock);
        work(c);
        pthread_mutex_lock(&hall.lock);
        if (--hall.busy == 0)
            pthread_cond_signal(&hall.ended);
    }
    return NULL;
}

/* So many threads, or as many as there can be. */
static void gather(int threads) {
    static int places[THREADS_MAX];
    pthread_t thread;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    while (hall.started < threads && hall.started < THREADS_MAX) {
        places[hall.started] = hall.started;
        if (pthread_create(&thread, &attr, wait_and_work, &places[hall.started]) != 0)
            break;
        hall.started++;
    }
    pthread_attr_destroy(&attr);
}

enum rc contest_crowd(const char *name, int threads, int count, enum rc (*body)(void *arg, int i), void *arg) {
    struct crowd c = {.name = name, .body = body, .arg = arg, .count = count};
    pthread_mutex_lock(&hall.lock);
    gather(threads);
    hall.wanted = hall.busy = threads < hall.started ? threads : hall.started;
    hall.list = &c;
    hall.lists++;
    pthread_cond_broadcast(&hall.begun);
    while (hall.busy > 0)
        pthread_cond_wait(&hall.ended, &hall.lock);
    hall.wanted = 0;
    pthread_mutex_unlock(&hall.lock);
    if (hall.started == 0)
        FAIL(RC_LIMIT, "no thread could be started");
    enum rc rc = (enum rc)atomic_load(&c.rc);
    return rc == RC_OK ? RC_OK : err_set(rc, "%s", c.text);
}
