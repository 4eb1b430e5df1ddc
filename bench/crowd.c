/* Many threads, one list of work. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "contests.h"

#define THREADS_MAX 256
#define STACK       (256 * 1024)

struct crowd {
    const char *name;
    enum rc (*body)(void *arg, int i);
    void *arg;
    int count;
    atomic_int next, rc;
    pthread_mutex_t lock; /* over `text` */
    char text[512];
};

static void failed(struct crowd *c, enum rc rc) {
    pthread_mutex_lock(&c->lock);
    if (atomic_exchange(&c->rc, (int)rc) == RC_OK)
        (void)snprintf(c->text, sizeof c->text, "%s", err_text());
    pthread_mutex_unlock(&c->lock);
}

static void *work(void *arg) {
    struct crowd *c = arg;
    int i;
    pthread_setname_np(pthread_self(), c->name);
    while (atomic_load(&c->rc) == RC_OK && (i = atomic_fetch_add(&c->next, 1)) < c->count) {
        enum rc rc = c->body(c->arg, i);
        if (rc != RC_OK)
            failed(c, rc);
    }
    return NULL;
}

enum rc contest_crowd(const char *name, int threads, int count, enum rc (*body)(void *arg, int i), void *arg) {
    struct crowd c = {.name = name, .body = body, .arg = arg, .count = count, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t thread[THREADS_MAX];
    pthread_attr_t attr;
    int started = 0;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK);
    while (started < threads && started < THREADS_MAX && pthread_create(&thread[started], &attr, work, &c) == 0)
        started++;
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    pthread_attr_destroy(&attr);
    pthread_mutex_destroy(&c.lock);
    if (started == 0)
        FAIL(RC_LIMIT, "no thread could be started");
    enum rc rc = (enum rc)atomic_load(&c.rc);
    return rc == RC_OK ? RC_OK : err_set(rc, "%s", c.text);
}
