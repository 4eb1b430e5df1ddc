/* Log lines that strangers can cause without end: of each reason some a minute are written, and the others are counted;
   the next line of the reason, or one of its own a minute later, tells how many they were (`repeated`). */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define REPEATS_EVERY_MS (60 * 1000)
#define REPEATS_LINES    10 /* of one reason in that time */
#define REPEATS_KEPT     16 /* reasons that are told apart; the others are told as one */
#define REPEATS_TEXT     128

struct repeats_row {
    const char *event;
    char reason[REPEATS_TEXT]; /* cut */
    int64_t began_ms;          /* its minute */
    int lines;                 /* written in it */
    int64_t count;             /* not written and not told yet */
};

struct repeats { /* thread-safe; repeats_open makes it ready */
    pthread_mutex_t lock;
    const char *key; /* what the log calls the reason */
    int kept;
    int64_t due_ms;                            /* no counted row's minute is over before */
    struct repeats_row rows[REPEATS_KEPT + 1]; /* the last is for all others */
};

void repeats_open(struct repeats *s, const char *key);
void repeats_close(struct repeats *s);

/* One more of them at `now_ms` (a clock that never goes back). true: the caller writes its line, which tells that
 *untold came before it. `event` is static. */
bool repeats_take(struct repeats *s, const char *event, const char *reason, int64_t now_ms, int64_t *untold);

/* The line itself, when it is to be written. */
void repeats_log(struct repeats *s, const char *event, const char *reason);

/* Writes what was counted in minutes that are over; at INT64_MAX all of it. */
void repeats_tell(struct repeats *s, int64_t now_ms);
