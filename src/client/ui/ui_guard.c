/* A thread beside the worker that asks nothing of any driver. */
#include "client/ui/ui_guard.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/os.h"
#include "client/exit.h"
#include "client/process.h"

#define LOOK_MS 100

struct ui_guard {
    pthread_t thread;
    struct ui_state *state;
    const char *door;
    atomic_bool stop;
};

static void door_close(const struct ui_guard *g) {
    if (g->door[0] != '\0')
        (void)fs_remove(g->door);
}

static void *run(void *arg) {
    struct ui_guard *g = arg;
    int64_t looked_ms = os_clock_ms();

    for (; !atomic_load(&g->stop); os_pause_ms(LOOK_MS)) {
        if (process_stopping()) { /* the door at once: a second signal leaves no time */
            door_close(g);
            ui_state_end(g->state);
        }
        if (!ui_state_abandoned(g->state))
            looked_ms = os_clock_ms();
        if (os_clock_ms() - looked_ms < UI_GUARD_MS)
            continue;
        door_close(g);
        _exit(EXIT_WRITE_FAILED); /* not exit(): the driver has handlers of its own */
    }
    return NULL;
}

enum rc ui_guard_new(struct ui_state *state, const char *door, struct ui_guard **out) {
    struct ui_guard *g = calloc(1, sizeof *g);

    if (g == NULL)
        FAIL(RC_LIMIT, "out of memory");
    g->state = state;
    g->door = door;
    atomic_init(&g->stop, false);
    if (pthread_create(&g->thread, NULL, run, g) != 0) {
        free(g);
        FAIL(RC_LIMIT, "out of memory");
    }
    *out = g;
    return RC_OK;
}

void ui_guard_free(struct ui_guard *g) {
    if (g == NULL)
        return;
    atomic_store(&g->stop, true);
    (void)pthread_join(g->thread, NULL);
    free(g);
}
