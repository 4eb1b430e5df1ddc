/* Puts into words what a comparison with the journal has found (declared in service/site/gaps.h). */
#include <stdarg.h>
#include <stdio.h>

#include "service/site/gaps.h"

#define NAMED 20

struct talk {
    void (*say)(void *arg, const char *text);
    void *arg;
};

static void warn(const struct talk *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void warn(const struct talk *t, const char *fmt, ...) {
    char text[ERR_TEXT];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    t->say(t->arg, text);
}

static void say_gap(const struct talk *t, const struct gap *gap) {
    char bytes[2 * SHA256_LEN + 1];
    sha256_hex(gap->entry.bytes, bytes);
    if (gap->old_id == 0)
        warn(t,
             "signed and missing: a certificate whose bytes have the SHA-256 %s, for an old one that was not imported",
             bytes);
    else if (gap->other)
        warn(t, "the database has another certificate for %s than the one that was signed", gap->serial);
    else
        warn(t, "signed and missing: the new certificate of %s", gap->serial);
}

static void say_gaps(const struct talk *t, const struct gaps *g) {
    size_t told = 0;
    if (gaps_open(g) == 0)
        return;
    warn(
        t,
        "the database is older than the journal: %zu certificates were signed that it does not have. Nothing is issued "
        "for these: bring them back by capbuctl recover",
        gaps_open(g));
    for (size_t i = 0; i < gaps_count(g) && told < NAMED; i++)
        if (gaps_is_open(g, i)) {
            say_gap(t, gaps_at(g, i));
            told++;
        }
    if (gaps_open(g) > told)
        warn(t, "signed and missing: %zu more", gaps_open(g) - told);
}

void gaps_say(const struct gaps *g, void (*say)(void *arg, const char *text), void *arg) {
    const struct talk t = {say, arg};
    say_gaps(&t, g);
    if (gaps_unsealed(g) > 0)
        warn(&t,
             "the journal is older than the database: %zu certificates are not in it. capbud enters them at its start, "
             "and "
             "issues nothing before; the newest journal may have more",
             gaps_unsealed(g));
}
