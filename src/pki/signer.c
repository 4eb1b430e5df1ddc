/* The pool of helper processes as the server sees it: whoever finds one free has a few of those that wait signed by it,
   in the order they came. */
#include "pki/signer.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#include "p11/module.h"
#include "pki/pubkey.h"
#include "pki/signer_wire.h"

#define HELPERS_MAX 64

struct helper {
    struct signer_channel channel;
    bool taken;
};

struct waiting { /* on the stack of the thread that asks */
    struct signer_job job;
    struct waiting *next;
    bool settled;
    bool second_try; /* one helper has died over it: not another */
    sem_t wake;      /* settled, or a helper is free */
};

struct signer {
    pthread_mutex_t lock; /* over all that follows, and over `settled` and `next` of those that wait */
    struct waiting *first, **end;
    size_t queued;
    struct helper helpers[HELPERS_MAX];
    int count, alive;
    struct span alg;
};

/* One after the other: a wrong PIN costs the CA's token one try, not one for each helper. */
static enum rc start_all(const struct signer_config *cfg, struct signer *s) {
    for (int i = 0; i < cfg->helpers; i++) {
        TRY(signer_channel_open(cfg, &s->helpers[i].channel));
        s->count++;
        TRY(signer_channel_ready(&s->helpers[i].channel));
        s->alive++;
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
    s->end = &s->first;
    s->alg = sig_alg_of(ca.facts.key_kind, HASH_SHA256);
    TRY(start_all(cfg, s));
    *out = MOVE(s);
    return RC_OK;
}

void signer_free(struct signer *s) {
    if (s == NULL)
        return;
    for (int i = 0; i < s->count; i++)
        signer_channel_drop(&s->helpers[i].channel);
    for (int i = 0; i < s->count; i++)
        signer_channel_reap(&s->helpers[i].channel);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static struct helper *find_free(struct signer *s) {
    for (int i = 0; i < s->count; i++)
        if (s->helpers[i].channel.fd >= 0 && !s->helpers[i].taken)
            return &s->helpers[i];
    return NULL;
}

static size_t size_of(const struct waiting *w) {
    return sizeof(struct signer_ask) + w->job.req->old_cert.len + w->job.req->tbs.len;
}

/* A helper's fair share of those that wait, as many as fit into a packet. */
static size_t take_batch(struct signer *s, struct waiting *batch[SIGNER_BATCH]) {
    size_t share = (s->queued + (size_t)s->alive - 1) / (size_t)s->alive, n = 0, bytes = 0;
    while (s->first != NULL && n < share && n < SIGNER_BATCH && bytes + size_of(s->first) <= SIGNER_PACKET) {
        bytes += size_of(s->first);
        batch[n++] = s->first;
        s->first = s->first->next;
    }
    if (s->first == NULL)
        s->end = &s->first;
    s->queued -= n;
    return n;
}

/* Once settled and the lock given back, the thread that asked may be gone. */
static void tell_settled(struct waiting *w) {
    w->settled = true;
    sem_post(&w->wake);
}

static void nobody_left(struct signer *s) {
    while (s->first != NULL) {
        struct waiting *w = s->first;
        s->first = w->next;
        w->job.rc = RC_BUSY;
        (void)snprintf(w->job.text, sizeof w->job.text, "no signing helper is alive: the service has to be restarted");
        tell_settled(w);
    }
    s->end = &s->first;
    s->queued = 0;
}

static void call_next(struct signer *s) {
    if (s->first != NULL && (s->alive == 0 || find_free(s) != NULL))
        sem_post(&s->first->wake);
}

/* In front again, for another helper: signing the same bytes twice does no harm. */
static void ask_again(struct signer *s, struct waiting *w) {
    w->second_try = true;
    w->next = s->first;
    if (s->first == NULL)
        s->end = &w->next;
    s->first = w;
    s->queued++;
}

/* The caller works for the others too: has a batch signed, while the next who waits is called to the next helper. The
   lock is held, and given back meanwhile. */
static void serve(struct signer *s, struct helper *h) {
    struct waiting *batch[SIGNER_BATCH];
    struct signer_job *jobs[SIGNER_BATCH];
    size_t n = take_batch(s, batch);
    for (size_t i = 0; i < n; i++)
        jobs[i] = &batch[i]->job;
    h->taken = true;
    call_next(s);
    pthread_mutex_unlock(&s->lock);
    bool usable = signer_channel_ask(&h->channel, jobs, n);
    pthread_mutex_lock(&s->lock);
    h->taken = false;
    if (!usable) {
        signer_channel_drop(&h->channel);
        s->alive--;
    }
    for (size_t i = n; i-- > 0;) { /* the last first: those who are put in front keep their order */
        if (jobs[i]->orphaned && !batch[i]->second_try)
            ask_again(s, batch[i]);
        else
            tell_settled(batch[i]);
    }
    call_next(s);
}

static void await(struct signer *s, struct waiting *own) {
    pthread_mutex_unlock(&s->lock);
    while (sem_wait(&own->wake) != 0) /* EINTR */
        ;
    pthread_mutex_lock(&s->lock);
}

enum rc signer_sign(struct signer *s, const struct signer_request *req, struct buf *signature) {
    struct waiting own = {.job = {.req = req, .signature = signature}};
    if (req->old_cert.len > CERT_LIMIT || req->tbs.len > CERT_LIMIT)
        FAIL(RC_LIMIT, "more than %d bytes of certificate", CERT_LIMIT);
    sem_init(&own.wake, 0, 0);
    pthread_mutex_lock(&s->lock);
    *s->end = &own;
    s->end = &own.next;
    s->queued++;
    while (!own.settled) {
        struct helper *h = find_free(s);
        if (s->alive == 0)
            nobody_left(s);
        else if (h != NULL && s->first != NULL)
            serve(s, h);
        else
            await(s, &own);
    }
    pthread_mutex_unlock(&s->lock);
    sem_destroy(&own.wake);
    return own.job.rc == RC_OK ? RC_OK : err_set(own.job.rc, "%s", own.job.text);
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
        alive += h->channel.fd >= 0 && (h->taken || !signer_channel_hung_up(&h->channel));
    }
    pthread_mutex_unlock(&all->lock);
    return alive;
}
