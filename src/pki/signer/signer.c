/* The pool of helper processes as the server sees it: opened, asked, looked at, closed. */
#include "pki/signer/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/latch.h"
#include "base/thread.h"
#include "p11/module.h"
#include "pki/key/pubkey.h"
#include "pki/signer/signer_pool.h"

static enum rc start(const struct signer_config *cfg, struct signer *s) {
    if (cfg->socket != NULL && cfg->socket[0] != '\0') {
        s->link.path = cfg->socket;
        enum rc rc = signer_link_connect(&s->link);
        (void)rc; /* one that is away is not waited for: signer_ear.c calls again */
    } else {
        TRY(signer_link_fork(cfg, &s->link));
    }
    TRY(signer_ear_first(s));
    TRY(thread_start("capbud-signer", signer_ear_run, s, &s->ear));
    s->eared = true;
    return RC_OK;
}

enum rc signer_open(const struct signer_config *cfg, struct signer **out) {
    struct cert ca;
    if (cfg->helpers < 1 || cfg->helpers > SIGNER_HELPERS)
        FAIL(RC_USAGE, "1 to %d signing helpers, not %d", SIGNER_HELPERS, cfg->helpers);
    TRY(cert_parse(cfg->ca_der, &ca));
    AUTO_PTR(signer) s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->trip, NULL);
    pthread_cond_init(&s->more, NULL);
    pthread_cond_init(&s->seated, NULL);
    pthread_cond_init(&s->freed, NULL);
    s->end = &s->first;
    s->link.fd = s->chain = -1;
    s->tell = cfg->tell;
    s->empty_ms = os_clock_ms();
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        s->desks[i] = (struct signer_desk){.pool = s, .fd = -1};
    s->alg = sig_alg_of(ca.facts.key_kind, HASH_SHA256);
    TRY(start(cfg, s));
    *out = MOVE(s);
    return RC_OK;
}

static void stop(struct signer *s) {
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    for (size_t i = 0; i < SIGNER_HELPERS; i++)
        signer_desk_empty(&s->desks[i]);
    if (s->link.fd >= 0)
        (void)shutdown(s->link.fd, SHUT_RD); /* wakes the ear */
    pthread_cond_broadcast(&s->more);
    pthread_cond_broadcast(&s->seated);
    pthread_cond_broadcast(&s->freed);
    pthread_mutex_unlock(&s->lock);
}

void signer_free(struct signer *s) {
    if (s == NULL)
        return;
    stop(s);
    if (s->eared)
        pthread_join(s->ear, NULL);
    for (size_t i = 0; i < SIGNER_HELPERS; i++) {
        if (s->desks[i].threaded)
            pthread_join(s->desks[i].thread, NULL);
        fs_fd_free(&s->desks[i].fd);
    }
    signer_link_close(&s->link);
    fs_fd_free(&s->chain);
    pthread_cond_destroy(&s->more);
    pthread_cond_destroy(&s->seated);
    pthread_cond_destroy(&s->freed);
    pthread_mutex_destroy(&s->trip);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

enum rc signer_submit(struct signer *s, struct signer_job *job) {
    if (job->req.old_cert.len > CERT_LIMIT || job->req.tbs.len > CERT_LIMIT)
        FAIL(RC_LIMIT, "more than %d bytes of certificate", CERT_LIMIT);
    if (job->req.kur.len > CMP_KUR_LIMIT)
        FAIL(RC_LIMIT, "more than %d bytes of request", CMP_KUR_LIMIT);
    job->tries = job->hands = 0;
    pthread_mutex_lock(&s->lock);
    bool taken = signer_possible(s);
    if (taken) {
        signer_queue_end(s, job);
        pthread_cond_signal(&s->more);
    }
    pthread_mutex_unlock(&s->lock);
    if (!taken)
        FAIL(RC_BUSY, SIGNER_NOBODY);
    return RC_OK;
}

static void end(void *arg, enum rc rc, const char *text) {
    latch_open(arg, rc, text);
}

enum rc signer_sign(struct signer *s, const struct signer_request *req, struct buf *signature) {
    struct latch latch;
    struct signer_job job = {.req = *req, .done = end, .arg = &latch};
    latch_init(&latch);
    enum rc rc = signer_submit(s, &job);
    if (rc != RC_OK)
        latch_open(&latch, rc, err_text());
    rc = latch_wait(&latch);
    if (rc == RC_OK)
        rc = buf_add_span(signature, buf_span(&job.signature));
    buf_free(&job.signature);
    return rc;
}

struct span signer_alg(const struct signer *s) {
    return s->alg;
}

void signer_look(const struct signer *s, struct signer_health *out) {
    struct signer *all = p11_arg(s);
    pthread_mutex_lock(&all->lock);
    *out = (struct signer_health){.alive = s->alive, .wanted = s->wanted, .restarts = s->restarts, .rc = s->rc};
    out->unwritten = s->unwritten_ms != 0 && os_clock_ms() - s->unwritten_ms < SIGNER_UNWRITTEN_MS;
    (void)snprintf(out->why, sizeof out->why, "%s", s->why);
    pthread_mutex_unlock(&all->lock);
}

int signer_alive(const struct signer *s) {
    struct signer_health h;
    signer_look(s, &h);
    return h.alive;
}

void signer_retry(struct signer *s) {
    pthread_mutex_lock(&s->lock);
    signer_link_order(&s->link, WISH_RETRY, 0);
    pthread_mutex_unlock(&s->lock);
}
