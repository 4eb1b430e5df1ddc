/* A table that never grows, of reasons; what does not fit is one row for all. */
#include "server/http/repeats.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/os.h"

#define OTHERS "others"

void repeats_open(struct repeats *s, const char *key) {
    *s = (struct repeats){.key = key, .due_ms = INT64_MAX};
    s->rows[REPEATS_KEPT].event = "repeated";
    memcpy(s->rows[REPEATS_KEPT].reason, OTHERS, sizeof OTHERS);
    pthread_mutex_init(&s->lock, NULL);
}

void repeats_close(struct repeats *s) {
    pthread_mutex_destroy(&s->lock);
}

static bool over(const struct repeats_row *r, int64_t now_ms) {
    return now_ms - r->began_ms >= REPEATS_EVERY_MS;
}

/* A row whose minute is over makes room when it has nothing to tell. */
static struct repeats_row *row_of(struct repeats *s, const char *event, const char *reason, int64_t now_ms) {
    struct repeats_row *spare = s->kept < REPEATS_KEPT ? &s->rows[s->kept] : NULL;

    for (int i = 0; i < s->kept; i++) {
        struct repeats_row *r = &s->rows[i];
        if (strcmp(r->event, event) == 0 && strcmp(r->reason, reason) == 0)
            return r;
        if (spare == NULL && over(r, now_ms) && r->count == 0)
            spare = r;
    }
    if (spare == NULL)
        return &s->rows[REPEATS_KEPT];
    s->kept += spare == &s->rows[s->kept];
    *spare = (struct repeats_row){.event = event, .began_ms = now_ms};
    (void)snprintf(spare->reason, sizeof spare->reason, "%s", reason);
    return spare;
}

bool repeats_take(struct repeats *s, const char *event, const char *reason, int64_t now_ms, int64_t *untold) {
    char cut[REPEATS_TEXT];

    (void)snprintf(cut, sizeof cut, "%s", reason);
    pthread_mutex_lock(&s->lock);
    struct repeats_row *r = row_of(s, event, cut, now_ms);
    if (over(r, now_ms)) {
        r->began_ms = now_ms;
        r->lines = 0;
    }
    bool due = r->lines < REPEATS_LINES;
    *untold = due ? r->count : 0;
    r->count = due ? 0 : r->count + 1;
    r->lines += due;
    if (r->count > 0 && r->began_ms + REPEATS_EVERY_MS < s->due_ms)
        s->due_ms = r->began_ms + REPEATS_EVERY_MS;
    pthread_mutex_unlock(&s->lock);
    return due;
}

/* With how many came unseen before it. */
static void write_line(const struct repeats *s, const char *event, const char *reason, int64_t untold) {
    char count[24];

    (void)snprintf(count, sizeof count, "%lld", (long long)untold);
    log_line(LOG_INFO, event, s->key, reason, "repeated", untold > 0 ? count : NULL, NULL);
}

void repeats_log(struct repeats *s, const char *event, const char *reason) {
    int64_t untold;

    if (repeats_take(s, event, reason, os_clock_ms(), &untold))
        write_line(s, event, reason, untold);
}

/* Copies those to be told; the lock is held. Every request comes by here, and mostly nothing is due. */
static int take_due(struct repeats *s, int64_t now_ms, struct repeats_row out[REPEATS_KEPT + 1]) {
    int n = 0;

    if (now_ms < s->due_ms)
        return 0;
    s->due_ms = INT64_MAX;
    for (struct repeats_row *r = s->rows; r <= &s->rows[REPEATS_KEPT]; r++) {
        if (r->count > 0 && over(r, now_ms)) {
            out[n++] = *r;
            r->count = 0;
        } else if (r->count > 0 && r->began_ms + REPEATS_EVERY_MS < s->due_ms) {
            s->due_ms = r->began_ms + REPEATS_EVERY_MS;
        }
    }
    return n;
}

void repeats_tell(struct repeats *s, int64_t now_ms) {
    struct repeats_row due[REPEATS_KEPT + 1];

    pthread_mutex_lock(&s->lock);
    int n = take_due(s, now_ms, due);
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < n; i++)
        write_line(s, due[i].event, due[i].reason, due[i].count);
}
