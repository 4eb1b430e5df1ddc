/* Writes one JSON line a call to stderr, one thread at a time, so that lines do not mix. Who reads the log may stand
   still: then lines are lost, and counted, for the server has more to do than to tell of it. */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/day.h"
#include "base/jsonw.h"
#include "base/os.h"

#define PATIENCE_MS 100 /* in each SECOND_MS: how long all threads together wait for the reader */
#define SECOND_MS   1000

static const char *log_program = "capbu";
static enum log_level log_least = LOG_INFO;
static struct {
    pthread_mutex_t lock;
    int64_t second_ms, waited_ms; /* since when, and how long in it */
    long long lost;               /* lines, not told yet */
    bool torn;                    /* the last one lacks its end */
} out = {.lock = PTHREAD_MUTEX_INITIALIZER, .second_ms = -SECOND_MS};

void log_open(const char *program, enum log_level least) {
    log_program = program;
    log_least = least;
}

/* The machine's clock: a log tells when things really happened, also in a drill. */
static void put_time(struct jsonw *w) {
    struct timespec now;
    char second[INSTANT_TEXT], text[INSTANT_TEXT + 8];
    clock_gettime(CLOCK_REALTIME, &now);
    instant_format(now.tv_sec, second);
    snprintf(text, sizeof text, "%.19s.%03uZ", second, (unsigned)(now.tv_nsec / 1000000) % 1000);
    jsonw_str(w, "time", text);
}

static void put_head(struct jsonw *w, enum log_level level, const char *event) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    jsonw_object(w, NULL);
    put_time(w);
    jsonw_str(w, "level", names[level]);
    jsonw_str(w, "program", log_program);
    jsonw_str(w, "event", event);
}

static enum rc put_end(struct jsonw *w) {
    jsonw_close(w, '}');
    TRY(jsonw_end(w));
    return buf_add_char(&w->out, '\n');
}

static enum rc put_line(struct jsonw *w, enum log_level level, const char *event, va_list pairs) {
    put_head(w, level, event);
    for (const char *key = va_arg(pairs, const char *); key != NULL; key = va_arg(pairs, const char *)) {
        const char *value = va_arg(pairs, const char *);
        if (value != NULL)
            jsonw_str(w, key, value);
    }
    return put_end(w);
}

/* By the lock, as what follows. */
static bool writable(void) {
    int64_t now_ms = os_clock_ms();

    if (now_ms - out.second_ms >= SECOND_MS) {
        out.second_ms = now_ms;
        out.waited_ms = 0;
    }
    bool yes = os_writable(STDERR_FILENO, out.waited_ms < PATIENCE_MS ? (int)(PATIENCE_MS - out.waited_ms) : 0);
    out.waited_ms += os_clock_ms() - now_ms;
    return yes;
}

/* In pieces, each of which finds room. false: not all of it. */
static bool put(struct span line) {
    size_t at = 0;

    while (at < line.len && writable()) {
        size_t left = line.len - at;
        ssize_t sent = write(STDERR_FILENO, line.ptr + at, left < OS_AT_ONCE ? left : OS_AT_ONCE);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            break;
        at += (size_t)sent;
    }
    if (at > 0)
        out.torn = at < line.len;
    return at == line.len;
}

static enum rc put_lost(struct jsonw *w, long long lost) {
    char text[64];

    (void)snprintf(text, sizeof text, "%lld lines were lost: they could not be written", lost);
    put_head(w, LOG_ERROR, "log-lines-lost");
    jsonw_str(w, "text", text);
    return put_end(w);
}

/* What is missing is told before anything else. */
static bool tell_lost(void) {
    AUTO(jsonw) w = {0};

    if (out.torn && !put(span_str("\n")))
        return false;
    if (out.lost == 0)
        return true;
    if (put_lost(&w, out.lost) != RC_OK || !put(buf_span(&w.out)))
        return false;
    out.lost = 0;
    return true;
}

void log_line(enum log_level level, const char *event, ...) {
    static const char lost[] = "{\"level\":\"error\",\"event\":\"log-line-lost\"}\n";
    if (level < log_least)
        return;
    AUTO(jsonw) w = {0};
    va_list pairs;
    va_start(pairs, event);
    enum rc rc = put_line(&w, level, event, pairs);
    va_end(pairs);
    struct span line = rc == RC_OK ? buf_span(&w.out) : span_str(lost);
    pthread_mutex_lock(&out.lock);
    if (!tell_lost() || !put(line))
        out.lost++;
    pthread_mutex_unlock(&out.lock);
}
