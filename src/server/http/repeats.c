/* One text remembered: what strangers can cause without end is mostly one thing at a time. */
#include "server/http/repeats.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/os.h"

void repeats_open(struct repeats *s) {
    *s = (struct repeats){.at_ms = -REPEATS_MS};
    pthread_mutex_init(&s->lock, NULL);
}

void repeats_close(struct repeats *s) {
    pthread_mutex_destroy(&s->lock);
}

void repeats_log(struct repeats *s, const char *event, const char *text) {
    char cut[sizeof s->text], count[24];
    int64_t now_ms = os_clock_ms();

    (void)snprintf(cut, sizeof cut, "%s", text);
    pthread_mutex_lock(&s->lock);
    int64_t repeated = s->count;
    bool same = strcmp(cut, s->text) == 0 && now_ms - s->at_ms < REPEATS_MS;
    s->count = same ? repeated + 1 : 0;
    if (!same) {
        memcpy(s->text, cut, sizeof cut);
        s->at_ms = now_ms;
    }
    pthread_mutex_unlock(&s->lock);
    (void)snprintf(count, sizeof count, "%lld", (long long)repeated);
    if (!same)
        log_line(LOG_INFO, event, "text", cut, "repeated", repeated > 0 ? count : NULL, NULL);
}
