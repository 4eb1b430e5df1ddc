/* One lock, one condition; the inbox holds what a person can give before the worker looks again. */
#include "client/ui/ui_state.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/os.h"

#define INBOX      8
#define OPEN_MS    (180 * 1000) /* to open the page at all */
#define SILENCE_MS 6000         /* after that without a question the page is closed */
#define GONE_MS    250          /* between two looks whether who waits has hung up */
#define LEAVE_MS   2000         /* after it said so, unless it was a reload */

struct ui_state {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct buf json; /* with the number in front */
    long seq;
    long spent; /* the state that was answered */
    struct ui_command inbox[INBOX];
    int count;
    int polls;       /* waiting now */
    int64_t dead_ms; /* nobody asks until then: abandoned */
    bool ended;
    bool poked;
    int kicks; /* each ends the waits under way */
};

void ui_command_free(struct ui_command *c) {
    secret_free(&c->pin);
    *c = (struct ui_command){0};
}

enum rc ui_state_new(struct ui_state **out) {
    struct ui_state *s = calloc(1, sizeof *s);

    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    os_cond_init(&s->changed);
    s->spent = -1;
    s->dead_ms = os_clock_ms() + OPEN_MS;
    *out = s;
    return RC_OK;
}

void ui_state_free(struct ui_state *s) {
    if (s == NULL)
        return;
    for (int i = 0; i < s->count; i++)
        ui_command_free(&s->inbox[i]);
    buf_free(&s->json);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* Called with the lock held; false: time is up. */
static bool wait_until(struct ui_state *s, int64_t until_ms) {
    return os_cond_wait(&s->changed, &s->lock, until_ms);
}

static enum rc write_state(struct ui_state *s, const char *json) {
    buf_clear(&s->json);
    return buf_printf(&s->json, "{\"seq\":%ld,%s}", s->seq, json);
}

enum rc ui_state_publish(struct ui_state *s, const char *json) {
    pthread_mutex_lock(&s->lock);
    s->seq++;
    enum rc rc = write_state(s, json);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* Called with the lock held. */
static bool missed(const struct ui_state *s) {
    return s->ended || (s->polls == 0 && os_clock_ms() > s->dead_ms);
}

bool ui_state_take(struct ui_state *s, int ms, struct ui_command *out) {
    int64_t until = os_clock_ms() + ms;

    pthread_mutex_lock(&s->lock);
    while (s->count == 0 && !s->poked && !missed(s) && os_clock_ms() < until)
        (void)wait_until(s, s->polls == 0 && s->dead_ms < until ? s->dead_ms + 1 : until);
    bool found = s->count > 0;
    s->poked &= found; /* a command goes first */
    if (found) {
        *out = s->inbox[0];
        s->count--;
        for (int i = 0; i < s->count; i++)
            s->inbox[i] = s->inbox[i + 1];
        s->inbox[s->count] = (struct ui_command){0};
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

void ui_state_poke(struct ui_state *s) {
    pthread_mutex_lock(&s->lock);
    s->poked = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

bool ui_state_abandoned(struct ui_state *s) {
    pthread_mutex_lock(&s->lock);
    bool gone = missed(s);
    pthread_mutex_unlock(&s->lock);
    return gone;
}

void ui_state_end(struct ui_state *s) {
    pthread_mutex_lock(&s->lock);
    s->ended = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

enum rc ui_state_wait(struct ui_state *s, long after, int ms, bool (*gone)(void *arg), void *arg, struct buf *out) {
    int64_t until = os_clock_ms() + ms;
    bool left = false;

    pthread_mutex_lock(&s->lock);
    int kicks = s->kicks;
    s->polls++;
    /* A number from another run of the program is no reason to wait; that nothing was published yet is. */
    while ((s->seq == after || s->seq == 0) && !s->ended && kicks == s->kicks && !left && os_clock_ms() < until) {
        int64_t look = os_clock_ms() + GONE_MS;
        (void)wait_until(s, gone == NULL || until < look ? until : look);
        left = gone != NULL && gone(arg);
    }
    s->polls--;
    if (kicks == s->kicks)
        s->dead_ms = os_clock_ms() + (left ? LEAVE_MS : SILENCE_MS);
    if (left)
        pthread_cond_broadcast(&s->changed); /* the worker counts from now on */
    enum rc rc = buf_set(out, buf_span(&s->json));
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* Called with the lock held. */
static enum rc put(struct ui_state *s, struct ui_command *c) {
    bool always = c->kind == UI_LANG || c->kind == UI_MARK;

    if (s->count == INBOX)
        FAIL(RC_BUSY, "too many commands at once");
    if (!always && (c->seq != s->seq || s->spent == s->seq))
        FAIL(RC_BUSY, "this screen is past");
    if (!always)
        s->spent = s->seq;
    s->inbox[s->count++] = *c;
    *c = (struct ui_command){0};
    s->dead_ms = os_clock_ms() + SILENCE_MS;
    pthread_cond_broadcast(&s->changed);
    return RC_OK;
}

enum rc ui_state_post(struct ui_state *s, struct ui_command *c) {
    pthread_mutex_lock(&s->lock);
    enum rc rc = put(s, c);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

void ui_state_leave(struct ui_state *s) {
    pthread_mutex_lock(&s->lock);
    s->kicks++;
    s->dead_ms = os_clock_ms() + LEAVE_MS;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}
