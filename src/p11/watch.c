/* One blocking call in a loop; its end is the module's C_Finalize. */
#include "p11/watch.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/os.h"
#include "p11/load.h"

#define BREATH_MS 200  /* between two events: a module that tells without end keeps nobody busy */
#define END_MS    2000 /* for a wait to end after C_Finalize */

struct p11_watch {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void
        *library; /* a reference of its own: the code stays as long as the thread may be in it; NULL: it is elsewhere */
    CK_C_WaitForSlotEvent wait;
    void (*tell)(void *arg);
    void *arg;
    bool stop, ended;
};

/* False: it was told to stop. */
static bool rest(struct p11_watch *w) {
    int64_t until = os_clock_ms() + BREATH_MS;

    pthread_mutex_lock(&w->lock);
    while (!w->stop && os_clock_ms() < until)
        (void)os_cond_wait(&w->changed, &w->lock, until);
    bool go_on = !w->stop;
    pthread_mutex_unlock(&w->lock);
    return go_on;
}

static void *run(void *arg) {
    struct p11_watch *w = arg;
    CK_SLOT_ID slot = 0;

    /* The first error ends it: finalised, not supported, or a module that cannot wait. Polling goes on without us. */
    while (w->wait(0, &slot, NULL) == CKR_OK) {
        if (!rest(w))
            break;
        w->tell(w->arg);
    }
    pthread_mutex_lock(&w->lock);
    w->ended = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void discard(struct p11_watch *w) {
    if (w->library != NULL)
        load_close(w->library);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

enum rc p11_watch_new(const struct p11_module *m, void (*tell)(void *arg), void *arg, struct p11_watch **out) {
    if (m->one_thread || m->fn->C_WaitForSlotEvent == NULL)
        FAIL(RC_NOT_FOUND, "%s cannot wait for tokens", m->path);
    struct p11_watch *w = calloc(1, sizeof *w);
    if (w == NULL)
        FAIL(RC_LIMIT, "out of memory");
    enum rc rc = m->end != NULL ? RC_OK : load_open(m->path, &w->library);
    if (rc != RC_OK) {
        free(w);
        return rc;
    }
    w->wait = m->fn->C_WaitForSlotEvent;
    w->tell = tell;
    w->arg = arg;
    pthread_mutex_init(&w->lock, NULL);
    os_cond_init(&w->changed);
    if (pthread_create(&w->thread, NULL, run, w) != 0) {
        discard(w);
        FAIL(RC_LIMIT, "no thread for %s", m->path);
    }
    *out = w;
    return RC_OK;
}

void p11_watch_free(struct p11_watch *w) {
    if (w == NULL)
        return;
    int64_t until = os_clock_ms() + END_MS;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->changed);
    while (!w->ended && os_clock_ms() < until)
        (void)os_cond_wait(&w->changed, &w->lock, until);
    bool ended = w->ended;
    pthread_mutex_unlock(&w->lock);
    if (!ended) {
        (void)pthread_detach(w->thread);
        return;
    }
    (void)pthread_join(w->thread, NULL);
    discard(w);
}
