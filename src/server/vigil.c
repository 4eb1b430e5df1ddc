/* A thread that looks every few seconds while there is something to look for (declared in server/vigil.h). */
#include "server/vigil.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/os.h"
#include "base/thread.h"

#define AGAIN_MS 2000
#define LATER_MS 10000 /* after what the signers' parent would not enter: a person has to look at it */

static void tell_left(const struct catchup *c) {
    char count[24];
    (void)snprintf(count, sizeof count, "%zu", c->left);
    log_line(LOG_ERROR, "journal-behind", "count", count, "old_serial", c->serial, "why", c->why, "text",
             "certificates of the database are not in the journal and cannot be entered, so nothing is issued: see "
             "capbuctl audit verify, then stop, capbuctl journal add, start",
             NULL);
}

static void tell_entered(size_t entered) {
    char count[24];
    (void)snprintf(count, sizeof count, "%zu", entered);
    log_line(LOG_WARN, "journal-completed", "count", count, "text",
             "the journal was older than the database: what it lacked is entered", NULL);
}

/* The same failure is told once. */
static void tell_failed(enum rc rc, char told[ERR_TEXT]) {
    if (rc != RC_OK && strcmp(told, err_text()) != 0)
        log_line(LOG_ERROR, "journal-behind", "text", err_text(), NULL);
    (void)snprintf(told, ERR_TEXT, "%s", rc == RC_OK ? "" : err_text());
}

static void complete(struct vigil *w) {
    struct catchup *c = &w->catchup;
    const struct catchup before = *c;
    if (gaps_unsealed(w->site->gaps) == 0)
        return;
    enum rc rc = catchup_journal(w->site, w->signer, c);
    tell_failed(rc, w->told);
    if (c->entered > before.entered)
        tell_entered(c->entered - before.entered);
    if (c->left > 0 && c->left != before.left)
        tell_left(c);
}

static void *run(void *arg) {
    struct vigil *w = arg;
    pthread_mutex_lock(&w->lock);
    while (!w->stopping) {
        pthread_mutex_unlock(&w->lock);
        complete(w);
        enum rc rc = catchup_gaps(w->site);
        (void)rc; /* a database that is away is told by others, and looked at again */
        pthread_mutex_lock(&w->lock);
        int64_t until_ms = os_clock_ms() + (w->catchup.left > 0 ? LATER_MS : AGAIN_MS);
        while (!w->stopping && os_cond_wait(&w->wake, &w->lock, until_ms))
            ;
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

enum rc vigil_start(struct vigil *w, struct site *site, struct signer *signer) {
    *w = (struct vigil){.site = site, .signer = signer};
    pthread_mutex_init(&w->lock, NULL);
    os_cond_init(&w->wake);
    enum rc rc = thread_start("capbud-vigil", run, w, &w->thread);
    w->started = rc == RC_OK;
    return rc;
}

void vigil_stop(struct vigil *w) {
    if (!w->started)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    w->started = false;
}
