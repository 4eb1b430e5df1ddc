/* The pool of helper processes as the server sees it: one queue, and a thread for each helper that has a few of those
   that wait signed at a time, in the order they came. */
#include "pki/signer/signer.h"

#include <stdlib.h>

#include "base/latch.h"
#include "base/thread.h"
#include "p11/module.h"
#include "pki/key/pubkey.h"
#include "pki/signer/signer_wire.h"

#define HELPERS_MAX 64
#define NOBODY      "no signing helper is alive: the service has to be restarted"

struct helper {
    struct signer *pool;
    struct signer_channel channel;
    pthread_t thread;
    bool threaded;
    bool asked; /* it has a packet in its hands */
};

struct signer {
    pthread_mutex_t lock; /* over all that follows, and over those that wait */
    pthread_cond_t more;
    struct signer_job *first, **end;
    size_t queued;
    bool stopping;
    struct helper helpers[HELPERS_MAX];
    int count, alive;
    struct span alg;
    struct signer_book *book;
};

static struct signer_job *take(struct signer *s) {
    struct signer_job *job = s->first;
    s->first = job->next;
    if (s->first == NULL)
        s->end = &s->first;
    s->queued--;
    return job;
}

static size_t size_of(const struct signer_job *j) {
    return sizeof(struct signer_ask) + j->req.old_cert.len + j->req.kur.len + j->req.tbs.len;
}

/* A helper's fair share of those that wait, as many as fit into a packet. One that was in the hands of a helper when
   that died may be why: it goes alone. */
static size_t take_batch(struct signer *s, struct signer_job *batch[SIGNER_BATCH]) {
    size_t share = (s->queued + (size_t)s->alive - 1) / (size_t)s->alive, n = 0, bytes = 0;
    while (s->first != NULL && n < share && n < SIGNER_BATCH && bytes + size_of(s->first) <= SIGNER_PACKET &&
           (n == 0 || (batch[0]->deaths == 0 && s->first->deaths == 0))) {
        bytes += size_of(s->first);
        batch[n++] = take(s);
    }
    return n;
}

/* In front again, for another helper: signing the same bytes twice does no harm. */
static void ask_again(struct signer *s, struct signer_job *job) {
    job->next = s->first;
    if (s->first == NULL)
        s->end = &job->next;
    s->first = job;
    s->queued++;
}

/* Gives back what another helper may sign, the last first: so they keep their order. The rest is told. */
static void settle(struct signer *s, struct signer_job *batch[SIGNER_BATCH], size_t n) {
    size_t told = 0;
    struct signer_job *to_tell[SIGNER_BATCH];
    for (size_t i = n; i-- > 0;)
        if (batch[i]->orphaned && batch[i]->deaths < 2)
            ask_again(s, batch[i]);
        else
            to_tell[told++] = batch[i];
    pthread_mutex_unlock(&s->lock);
    while (told-- > 0)
        to_tell[told]->done(to_tell[told]->arg, to_tell[told]->rc, to_tell[told]->text);
    pthread_mutex_lock(&s->lock);
}

/* Has a batch signed; the lock is held, and given back meanwhile. False: the helper is of no use any more. */
static bool serve(struct signer *s, struct helper *h) {
    struct signer_job *batch[SIGNER_BATCH];
    size_t n = take_batch(s, batch);
    h->asked = true;
    if (s->first != NULL)
        pthread_cond_signal(&s->more);
    pthread_mutex_unlock(&s->lock);
    bool usable = signer_channel_ask(&h->channel, batch, n);
    pthread_mutex_lock(&s->lock);
    h->asked = false;
    if (!usable) {
        signer_channel_drop(&h->channel);
        s->alive--;
        pthread_cond_broadcast(&s->more);
    }
    settle(s, batch, n);
    return usable;
}

static void nobody_left(struct signer *s) {
    while (s->first != NULL) {
        struct signer_job *job = take(s);
        pthread_mutex_unlock(&s->lock);
        job->done(job->arg, RC_BUSY, NOBODY);
        pthread_mutex_lock(&s->lock);
    }
}

static void *work(void *arg) {
    struct helper *h = arg;
    struct signer *s = h->pool;
    bool usable = true;
    pthread_mutex_lock(&s->lock);
    while (usable && !s->stopping)
        if (s->first != NULL)
            usable = serve(s, h);
        else
            pthread_cond_wait(&s->more, &s->lock);
    if (s->alive == 0)
        nobody_left(s);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* One after the other: a wrong PIN costs the CA's token one try, not one for each helper. */
static enum rc start_helpers(const struct signer_config *in, struct signer *s) {
    struct signer_config cfg = *in;
    TRY(signer_book_new(&s->book));
    cfg.book = s->book;
    for (int i = 0; i < cfg.helpers; i++) {
        s->helpers[i].pool = s;
        TRY(signer_channel_open(&cfg, &s->helpers[i].channel));
        s->count++;
        TRY(signer_channel_ready(&s->helpers[i].channel));
        s->alive++;
    }
    return RC_OK;
}

static enum rc start_threads(struct signer *s) {
    for (int i = 0; i < s->count; i++) {
        TRY(thread_start("capbu-signer", work, &s->helpers[i], &s->helpers[i].thread));
        s->helpers[i].threaded = true;
    }
    return RC_OK;
}

enum rc signer_open(const struct signer_config *cfg, struct signer **out) {
    struct cert ca;
    if (cfg->helpers < 1 || cfg->helpers > HELPERS_MAX)
        FAIL(RC_USAGE, "1 to %d signing helpers, not %d", HELPERS_MAX, cfg->helpers);
    TRY(cert_parse(cfg->ca_der, &ca));
    AUTO_PTR(signer) s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->more, NULL);
    s->end = &s->first;
    s->alg = sig_alg_of(ca.facts.key_kind, HASH_SHA256);
    TRY(start_helpers(cfg, s));
    TRY(start_threads(s));
    *out = MOVE(s);
    return RC_OK;
}

void signer_free(struct signer *s) {
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->more);
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < s->count; i++)
        if (s->helpers[i].threaded)
            pthread_join(s->helpers[i].thread, NULL);
    for (int i = 0; i < s->count; i++)
        signer_channel_drop(&s->helpers[i].channel);
    for (int i = 0; i < s->count; i++)
        signer_channel_reap(&s->helpers[i].channel);
    signer_book_free(s->book);
    pthread_cond_destroy(&s->more);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

enum rc signer_submit(struct signer *s, struct signer_job *job) {
    if (job->req.old_cert.len > CERT_LIMIT || job->req.tbs.len > CERT_LIMIT)
        FAIL(RC_LIMIT, "more than %d bytes of certificate", CERT_LIMIT);
    if (job->req.kur.len > CMP_KUR_LIMIT)
        FAIL(RC_LIMIT, "more than %d bytes of request", CMP_KUR_LIMIT);
    job->next = NULL;
    job->deaths = 0;
    pthread_mutex_lock(&s->lock);
    bool possible = s->alive > 0;
    if (possible) {
        *s->end = job;
        s->end = &job->next;
        s->queued++;
        pthread_cond_signal(&s->more);
    }
    pthread_mutex_unlock(&s->lock);
    if (!possible)
        FAIL(RC_BUSY, NOBODY);
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

int signer_alive(const struct signer *s) {
    struct signer *all = p11_arg(s);
    int alive = 0;
    pthread_mutex_lock(&all->lock);
    for (int i = 0; i < s->count; i++) {
        const struct helper *h = &s->helpers[i];
        alive += h->channel.fd >= 0 && (h->asked || !signer_channel_hung_up(&h->channel));
    }
    pthread_mutex_unlock(&all->lock);
    return alive;
}
