/* Screens every stored certificate: workers read and verify batches of rows side by side, the caller takes them in
   import order. Memory is a few batches, however many rows there are. */
#include "service/issuing/screen.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_IDS   480 /* below what the store reads with one statement */
#define THREADS_MAX 64

struct slot { /* one row; its buffers are kept from batch to batch */
    struct cert_row row;
    struct issued_row issued; /* without its bytes: no rule looks at them */
    bool has_issued;
    struct screened verdict;
};

struct batch {
    struct slot slots[BATCH_IDS];
    size_t count;
    bool ready; /* judged, waits for the caller */
};

struct pass {
    struct site *site;
    int64_t now, max_id;
    struct phase_switches switches;
    struct batch *batches; /* a ring: batch n lies at n % ring */
    int64_t ring;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int64_t claimed, taken, total; /* batches handed to workers, to the caller, and all there are */
    enum rc rc;                    /* the first failure ends the pass */
    char text[512];
};

static enum rc copy_row(void *arg, const struct cert_row *r, const struct issued_row *issued) {
    struct batch *b = arg;
    if (b->count == BATCH_IDS)
        FAIL(RC_BUG, "more rows than ids in a batch");
    struct slot *slot = &b->slots[b->count];
    struct buf der = slot->row.der;
    slot->row = *r;
    slot->row.der = der;
    TRY(buf_set(&slot->row.der, buf_span(&r->der)));
    slot->has_issued = issued != NULL;
    if (issued != NULL) {
        slot->issued = *issued;
        slot->issued.tbs = slot->issued.der = (struct buf){0};
    }
    b->count++;
    return RC_OK;
}

struct range {
    struct batch *batch;
    int64_t after_id, to_id;
};

static enum rc read_range(struct db *db, void *arg) {
    struct range *r = arg;
    r->batch->count = 0;
    return certs_each(db, r->after_id, r->to_id, copy_row, r->batch);
}

static enum rc judge_slot(const struct pass *p, struct slot *slot) {
    struct cert cert;
    enum rc rc = cert_parse(buf_span(&slot->row.der), &cert);
    if (rc != RC_OK) /* import let nothing in that does not parse */
        return err_in(RC_DB, "certificate %s as stored", slot->row.serial);
    ca_identify(site_cas(p->site), &cert);
    screen_judge(p->site, &cert, &slot->row, slot->has_issued ? &slot->issued : NULL, &p->switches, p->now,
                 &slot->verdict);
    return RC_OK;
}

/* The connection is given back before the signatures are verified, which takes most of the time. */
static enum rc fill(struct pass *p, int64_t n) {
    struct batch *b = &p->batches[n % p->ring];
    int64_t to = (n + 1) * BATCH_IDS;
    struct range range = {b, n * BATCH_IDS, to < p->max_id ? to : p->max_id};
    TRY(store_read(p->site->store, read_range, &range));
    for (size_t i = 0; i < b->count; i++)
        TRY(judge_slot(p, &b->slots[i]));
    return RC_OK;
}

static void stop(struct pass *p, enum rc rc) { /* lock held */
    if (p->rc == RC_OK) {
        p->rc = rc;
        (void)snprintf(p->text, sizeof p->text, "%s", err_text());
    }
    pthread_cond_broadcast(&p->moved);
}

/* Claims the next batch for a worker; false when there is none left. */
static bool claim(struct pass *p, int64_t *n) {
    pthread_mutex_lock(&p->lock);
    while (p->rc == RC_OK && p->claimed < p->total && p->claimed - p->taken >= p->ring)
        pthread_cond_wait(&p->moved, &p->lock);
    bool more = p->rc == RC_OK && p->claimed < p->total;
    if (more)
        *n = p->claimed++;
    pthread_mutex_unlock(&p->lock);
    return more;
}

static void *work(void *arg) {
    struct pass *p = arg;
    int64_t n = 0;
    while (claim(p, &n)) {
        enum rc rc = fill(p, n);
        pthread_mutex_lock(&p->lock);
        if (rc != RC_OK)
            stop(p, rc);
        p->batches[n % p->ring].ready = true;
        pthread_cond_broadcast(&p->moved);
        pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

/* Waits for batch `n`; NULL when the pass has failed. */
static struct batch *await(struct pass *p, int64_t n) {
    struct batch *b = &p->batches[n % p->ring];
    pthread_mutex_lock(&p->lock);
    while (p->rc == RC_OK && !b->ready)
        pthread_cond_wait(&p->moved, &p->lock);
    bool ok = p->rc == RC_OK;
    pthread_mutex_unlock(&p->lock);
    return ok ? b : NULL;
}

static void give_back(struct pass *p, struct batch *b) {
    pthread_mutex_lock(&p->lock);
    b->ready = false;
    p->taken++;
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
}

/* The caller's side: every batch in order. Failing ends the workers too. */
static enum rc emit(struct pass *p, enum rc (*each)(void *arg, const struct cert_row *row, const struct screened *v),
                    void *arg) {
    for (int64_t n = 0; n < p->total; n++) {
        struct batch *b = await(p, n);
        if (b == NULL)
            return err_set(p->rc, "%s", p->text);
        for (size_t i = 0; i < b->count; i++)
            TRY(each(arg, &b->slots[i].row, &b->slots[i].verdict));
        give_back(p, b);
    }
    return RC_OK;
}

static enum rc read_start(struct db *db, void *arg) {
    struct pass *p = arg;
    TRY(phase_switches_get(db, &p->site->campaign, &p->switches));
    return certs_max_id(db, &p->max_id);
}

static enum rc run(struct pass *p, int threads,
                   enum rc (*each)(void *arg, const struct cert_row *row, const struct screened *v), void *arg) {
    pthread_t worker[THREADS_MAX];
    int started = 0;
    enum rc rc = RC_OK;
    while (started < threads && pthread_create(&worker[started], NULL, work, p) == 0)
        started++;
    if (started == 0)
        rc = err_set(RC_IO, "cannot start a thread for screening");
    else
        rc = emit(p, each, arg);
    if (rc != RC_OK) {
        pthread_mutex_lock(&p->lock);
        stop(p, rc);
        pthread_mutex_unlock(&p->lock);
    }
    for (int i = 0; i < started; i++)
        pthread_join(worker[i], NULL);
    return rc;
}

static void batches_free(struct batch *batches, int64_t count) {
    for (int64_t n = 0; batches != NULL && n < count; n++)
        for (size_t i = 0; i < BATCH_IDS; i++)
            buf_free(&batches[n].slots[i].row.der);
    free(batches);
}

enum rc screen_all(struct site *s, int64_t now, int threads,
                   enum rc (*each)(void *arg, const struct cert_row *row, const struct screened *v), void *arg) {
    struct pass p = {.site = s, .now = now, .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};
    threads = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
    TRY(store_read(s->store, read_start, &p));
    p.total = (p.max_id + BATCH_IDS - 1) / BATCH_IDS;
    p.ring = threads + 2; /* one more a worker would only cost memory: the caller is much faster than they */
    p.batches = calloc((size_t)p.ring, sizeof *p.batches);
    if (p.batches == NULL)
        FAIL(RC_LIMIT, "no memory for screening with %d threads", threads);
    enum rc rc = run(&p, threads, each, arg);
    batches_free(p.batches, p.ring);
    pthread_mutex_destroy(&p.lock);
    pthread_cond_destroy(&p.moved);
    return rc;
}
