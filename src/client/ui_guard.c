/* A thread beside the worker that asks nothing of any driver. */
#include "client/ui_guard.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/os.h"
#include "client/exit.h"

#define LOOK_MS 1000

struct ui_guard {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct ui_state *state;
    const char *door;
    bool stop;
};

/* False: the worker came back. */
static bool rest(struct ui_guard *g) {
    int64_t until = os_clock_ms() + LOOK_MS;

    pthread_mutex_lock(&g->lock);
    while (!g->stop && os_clock_ms() < until)
        (void)os_cond_wait(&g->changed, &g->lock, until);
    bool go_on = !g->stop;
    pthread_mutex_unlock(&g->lock);
    return go_on;
}

static void *run(void *arg) {
    struct ui_guard *g = arg;
    int64_t looked_ms = os_clock_ms();

    while (rest(g)) {
        if (!ui_state_abandoned(g->state))
            looked_ms = os_clock_ms();
        if (os_clock_ms() - looked_ms < UI_GUARD_MS)
            continue;
        if (g->door[0] != '\0')
            (void)fs_remove(g->door);
        _exit(EXIT_WRITE_FAILED); /* not exit(): the driver has handlers of its own */
    }
    return NULL;
}

static void discard(struct ui_guard *g) {
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

enum rc ui_guard_new(struct ui_state *state, const char *door, struct ui_guard **out) {
    struct ui_guard *g = calloc(1, sizeof *g);

    if (g == NULL)
        FAIL(RC_LIMIT, "out of memory");
    g->state = state;
    g->door = door;
    pthread_mutex_init(&g->lock, NULL);
    os_cond_init(&g->changed);
    if (pthread_create(&g->thread, NULL, run, g) != 0) {
        discard(g);
        FAIL(RC_LIMIT, "out of memory");
    }
    *out = g;
    return RC_OK;
}

void ui_guard_free(struct ui_guard *g) {
    if (g == NULL)
        return;
    pthread_mutex_lock(&g->lock);
    g->stop = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
    (void)pthread_join(g->thread, NULL);
    discard(g);
}
