/* Makes a drill's population: rows in order, signed by several threads, the first ones on tokens. */
#include "service/drill/drill.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "service/drill/drill_csv.h"
#include "service/drill/drill_token.h"
#include "service/out_file.h"

#define BATCH        512
#define THREADS_MOST 16

struct work {
    const struct site *site;
    const struct drill_options *o;
    const struct drill_ca *ca;
    const struct p11_module *module; /* NULL: no tokens */
    int64_t first;                   /* of this batch */
    int64_t count;
    struct buf rows[BATCH];
};

static void work_free(struct work *w) {
    for (int i = 0; i < BATCH; i++)
        buf_free(&w->rows[i]);
}

/* The certificate over a key that is made on a new token, and on that token. */
static enum rc on_token(const struct work *w, const struct drill_person *p, struct buf *der) {
    static const uint8_t id[] = {1};
    char label[2 * SERIAL_MAX + 2];
    struct p11_key key;
    AUTO(p11_session) s = {0};

    serial_to_hex(p->serial, sizeof p->serial, label);
    TRY(drill_token_make(w->module, label, w->o->pin, &s));
    TRY(drill_token_key(&s, w->o->key_bits, span_of(id, sizeof id), p->name, &key));
    TRY(drill_certificate(w->ca, p, span_of(key.modulus, key.modulus_len), der));
    return drill_token_cert(&s, buf_span(der), span_of(id, sizeof id), p->name);
}

static enum rc row_make(const struct work *w, int64_t number, struct buf *row) {
    struct drill_person p =
        drill_person_make(&w->site->campaign, &w->site->provinces, w->ca->cert.facts.not_after, w->o->seed, number);
    uint8_t modulus[512];
    AUTO(buf) der = {0};

    if (number < w->o->tokens) {
        TRY(on_token(w, &p, &der));
    } else {
        size_t len = (size_t)w->o->key_bits / 8;
        drill_modulus(p.key_seed, modulus, len);
        TRY(drill_certificate(w->ca, &p, span_of(modulus, len), &der));
    }
    buf_clear(row);
    return drill_csv_row(&p, buf_span(&der), row);
}

struct share { /* one thread's part of a batch */
    struct work *work;
    int64_t from, step;
    enum rc rc;
    char why[512];
};

static void *share_run(void *arg) {
    struct share *s = arg;

    for (int64_t i = s->from; i < s->work->count && s->rc == RC_OK; i += s->step)
        s->rc = row_make(s->work, s->work->first + i, &s->work->rows[i]);
    if (s->rc != RC_OK)
        (void)snprintf(s->why, sizeof s->why, "%s", err_text());
    return NULL;
}

static enum rc batch_make(struct work *w, int threads) {
    struct share shares[THREADS_MOST];
    pthread_t at[THREADS_MOST];
    int started = 0;

    for (int t = 0; t < threads; t++) {
        shares[t] = (struct share){.work = w, .from = t, .step = threads};
        if (pthread_create(&at[t], NULL, share_run, &shares[t]) != 0)
            break;
        started++;
    }
    for (int t = 0; t < started; t++)
        pthread_join(at[t], NULL);
    for (int t = 0; t < started; t++)
        if (shares[t].rc != RC_OK)
            return err_set(shares[t].rc, "%s", shares[t].why);
    if (started < threads)
        FAIL(RC_LIMIT, "a thread cannot be started");
    return RC_OK;
}

static enum rc batches(struct work *w, struct out_file *out) {
    const struct drill_options *o = w->o;

    while (w->first < o->count) {
        /* Tokens are made one after the other: initialising one changes every slot number. */
        bool tokens = w->first < o->tokens;
        int64_t end = tokens ? o->tokens : o->count;
        w->count = end - w->first < BATCH ? end - w->first : BATCH;
        TRY(batch_make(w, tokens || o->threads < 1 ? 1 : o->threads > THREADS_MOST ? THREADS_MOST : o->threads));
        for (int64_t i = 0; i < w->count; i++)
            TRY(out_file_add(out, buf_span(&w->rows[i])));
        w->first += w->count;
        if (o->progress != NULL)
            o->progress(o->arg, w->first, o->count);
    }
    return RC_OK;
}

enum rc drill_population(struct site *s, const struct drill_options *o) {
    AUTO(drill_ca) ca = {0};
    AUTO(p11_module) module = {0};
    AUTO(work) w = {.site = s, .o = o, .ca = &ca};
    AUTO(buf) header = {0};

    TRY(drill_ca_open(s, &ca));
    if (o->tokens > 0)
        TRY(p11_module_open(&module, o->token_module));
    w.module = &module;
    AUTO(out_file) out = {0};
    TRY(drill_csv_header(&header));
    /* The header is any import file's: an earlier output looks like a list that took somebody days. */
    TRY(out_file_open(o->csv, (struct out_mark){0}, o->rules, &out));
    TRY(out_file_add(&out, buf_span(&header)));
    TRY(batches(&w, &out));
    return out_file_close(&out);
}
