/* A trial lives in the store, not with who asks: it may end long after they went. */
#include "store/pulse.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/hex.h"
#include "base/os.h"
#include "store/audit.h"
#include "store/control.h"

/* What cannot be packed smaller, or a back end would. */
static enum rc random_text(struct buf *out) {
    uint8_t bytes[32];
    char text[2 * sizeof bytes + 1];

    while (out->len < PULSE_BYTES) {
        random_bytes(bytes, sizeof bytes);
        hex_to(bytes, sizeof bytes, text);
        TRY(buf_add_str(out, text));
    }
    return RC_OK;
}

static enum rc trial_body(struct tx *tx, void *arg) {
    const struct pulse *p = arg;
    AUTO(buf) text = {0};

    if (p->big)
        TRY(random_text(&text));
    TRY(meta_put(tx, "ping", text.len == 0 ? "" : buf_str(&text)));
    return audit_touch(tx);
}

/* On the writer's thread, as are the writes that fail: none comes in between. */
static void trial_done(void *arg, enum rc rc, const char *text) {
    struct pulse *p = arg;

    pthread_mutex_lock(&p->lock);
    if (rc == RC_OK && p->big)
        writer_trust(p->writer);
    p->rc = rc;
    (void)snprintf(p->text, sizeof p->text, "%s", text);
    p->running = false;
    p->round++;
    pthread_cond_broadcast(&p->beat);
    pthread_mutex_unlock(&p->lock);
}

void pulse_init(struct pulse *p, struct writer *writer) {
    *p = (struct pulse){.writer = writer};
    pthread_mutex_init(&p->lock, NULL);
    os_cond_init(&p->beat);
}

void pulse_end(struct pulse *p) {
    pthread_cond_destroy(&p->beat);
    pthread_mutex_destroy(&p->lock);
}

/* The lock is held. */
static enum rc begin(struct pulse *p) {
    if (p->running)
        return RC_OK;
    p->big = writer_doubts(p->writer);
    p->trial = (struct write){trial_body, trial_done, p, 0, NULL};
    p->running = true;
    enum rc rc = writer_submit(p->writer, &p->trial);
    p->running = rc == RC_OK;
    return rc;
}

/* The lock is held. */
static enum rc outcome(struct pulse *p, int ms) {
    int64_t until_ms = os_clock_ms() + ms;
    uint64_t round = p->round;

    TRY(begin(p));
    while (p->round == round)
        if (!os_cond_wait(&p->beat, &p->lock, until_ms) && p->round == round)
            return writer_sealing(p->writer)
                       ? err_set(RC_NETWORK, "who seals the audit does not answer within %d ms", ms)
                       : err_set(RC_BUSY, "the database does not answer within %d ms", ms);
    return p->rc == RC_OK ? RC_OK : err_set(p->rc, "%s", p->text);
}

static enum rc space_check(const char *dsn) {
    struct statvfs fs;

    if (!db_is_file(dsn) || statvfs(dsn, &fs) != 0)
        return RC_OK;
    uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (left < PULSE_SPACE)
        FAIL(RC_LIMIT, "%s: only %llu KiB are free on its disk", dsn, (unsigned long long)left / 1024);
    return RC_OK;
}

enum rc pulse_take(struct pulse *p, const char *dsn, int ms) {
    TRY(space_check(dsn));
    if (writer_fresh(p->writer, PULSE_FRESH_MS))
        return RC_OK;
    pthread_mutex_lock(&p->lock);
    enum rc rc = outcome(p, ms);
    pthread_mutex_unlock(&p->lock);
    return rc;
}
