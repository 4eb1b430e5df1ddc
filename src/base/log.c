/* Writes one JSON line a call to stderr, in one write(2), so that lines of several threads do not mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/day.h"
#include "base/fs.h"
#include "base/jsonw.h"

static const char *log_program = "capbu";
static enum log_level log_least = LOG_INFO;

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

static enum rc put_line(struct jsonw *w, enum log_level level, const char *event, va_list pairs) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    jsonw_object(w, NULL);
    put_time(w);
    jsonw_str(w, "level", names[level]);
    jsonw_str(w, "program", log_program);
    jsonw_str(w, "event", event);
    for (const char *key = va_arg(pairs, const char *); key != NULL; key = va_arg(pairs, const char *)) {
        const char *value = va_arg(pairs, const char *);
        if (value != NULL)
            jsonw_str(w, key, value);
    }
    jsonw_close(w, '}');
    TRY(jsonw_end(w));
    return buf_add_char(&w->out, '\n');
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
    rc = fs_write_all(STDERR_FILENO, line);
    (void)rc; /* a log that cannot be written has nowhere to say so */
}
