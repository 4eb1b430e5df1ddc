/* A log line that comes again and again is counted: the next other line tells how often (`repeated`). */
#pragma once

#include <pthread.h>
#include <stdint.h>

#define REPEATS_MS (10 * 1000) /* after which the same text is a line again */

struct repeats { /* thread-safe; repeats_open makes it ready */
    pthread_mutex_t lock;
    char text[256]; /* the last one written, and when */
    int64_t at_ms;
    int64_t count; /* since then */
};

void repeats_open(struct repeats *s);
void repeats_close(struct repeats *s);
void repeats_log(struct repeats *s, const char *event, const char *text);
