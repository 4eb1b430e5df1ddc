/* Finds certificates and asks the server about them. */
#include "client/flow/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/hex.h"
#include "rules/semver.h"

#define PEM_LIMIT 65536
#define LEARN_MS  1500 /* nobody waits longer to hear that no token is there */

void survey_free(struct survey *s) {
    for (size_t i = 0; i < s->count; i++)
        api_check_free(&s->items[i].check);
    free(s->items);
    find_free(&s->find);
    *s = (struct survey){0};
}

bool survey_asked(const struct survey *s) {
    for (size_t k = 0; k < s->count; k++)
        if (s->items[k].asked)
            return true;
    return false;
}

bool survey_is_partial(const struct survey *s) {
    for (size_t i = 0; i < s->find.token_count; i++)
        if (!s->find.tokens[i].twin && s->find.tokens[i].failed[0] != '\0')
            return true;
    return false;
}

const struct find_token *survey_bare(const struct survey *s) {
    for (size_t i = 0; i < s->find.token_count; i++) {
        const struct find_token *t = &s->find.tokens[i];
        if (!t->twin && t->failed[0] == '\0' && t->keys > 0 && t->certs == 0)
            return t;
    }
    return NULL;
}

void survey_serial(const struct survey_item *i, char out[2 * SERIAL_MAX + 2]) {
    serial_to_hex(i->candidate->cert.facts.serial, i->candidate->cert.facts.serial_len, out);
}

static int by_age(const void *a, const void *b) {
    int64_t x = ((const struct survey_item *)a)->candidate->cert.facts.not_before;
    int64_t y = ((const struct survey_item *)b)->candidate->cert.facts.not_before;

    return (x > y) - (x < y);
}

static void models_set(const struct options *o, struct survey *s) {
    for (size_t i = 0; i < s->find.token_count; i++)
        s->find.tokens[i].model = devices_of_token(&o->catalogue->known.devices, &s->find.tokens[i].token);
}

static enum rc items_make(struct survey *s) {
    s->items = calloc(s->find.candidate_count + 1, sizeof *s->items);
    if (s->items == NULL)
        FAIL(RC_LIMIT, "out of memory");
    for (size_t i = 0; i < s->find.candidate_count; i++)
        if (!s->find.candidates[i].cert.facts.ca)
            s->items[s->count++].candidate = &s->find.candidates[i];
    qsort(s->items, s->count, sizeof *s->items, by_age);
    return RC_OK;
}

enum rc survey_find(const struct options *o, struct survey *out) {
    TRY(places_find(o, &o->catalogue->known.devices, &out->places));
    TRY(find_run(&out->places, &out->find));
    models_set(o, out);
    if (out->find.token_count == 0)
        FAIL(RC_NOT_FOUND, "no token is plugged in");
    return items_make(out);
}

struct find_token *survey_shut(struct survey *s) {
    struct find_token *only = NULL;

    for (size_t i = 0; i < s->find.token_count; i++) {
        struct find_token *t = &s->find.tokens[i];
        if (t->twin || !t->shut)
            continue;
        if (only != NULL)
            return NULL;
        only = t;
    }
    return only;
}

enum rc survey_unlock(struct survey *s, struct find_token *t, struct span pin) {
    TRY(find_unlock(&s->find, t, pin));
    for (size_t i = 0; i < s->count; i++)
        api_check_free(&s->items[i].check);
    free(s->items);
    s->items = NULL;
    s->count = 0;
    s->told = NULL;
    return items_make(s);
}

static bool wanted(const struct options *o, const struct survey_item *i) {
    char serial[2 * SERIAL_MAX + 2];

    survey_serial(i, serial);
    return o->serial_readings == 0 || strcmp(o->serials[0], serial) == 0 ||
           (o->serial_readings > 1 && strcmp(o->serials[1], serial) == 0);
}

/* Issued by the new CA, which an earlier answer told us of? Then nothing is owed on it, and no question is needed
 * (R2.6). */
static bool issued_by(const struct survey_item *i, const struct buf *issuer) {
    struct cert ca;

    if (issuer->len == 0 || cert_parse(buf_span(issuer), &ca) != RC_OK || ca.facts.ski_len == 0)
        return false;
    const struct cert_facts *f = &i->candidate->cert.facts;
    return f->aki_len == ca.facts.ski_len && memcmp(f->aki, ca.facts.ski, f->aki_len) == 0;
}

static const struct find_candidate *successor_of(const struct survey *s, const struct survey_item *i) {
    for (size_t k = 0; k < s->count; k++) {
        const struct survey_item *other = &s->items[k];
        char serial[2 * SERIAL_MAX + 2];
        survey_serial(other, serial);
        if (other->candidate->at == i->candidate->at && strcmp(serial, i->check.new_serial) == 0 &&
            issued_by(other, &i->check.client.issuer) && cert_same_key(&other->candidate->cert, &i->candidate->cert))
            return other->candidate;
    }
    return NULL;
}

bool survey_may_clean(const struct survey_item *i) {
    const struct device_model *m = i->candidate->at->model;

    return i->check.may_clean && (m == NULL || m->old != DEVICE_OLD_KEEP);
}

bool survey_unfinished(const struct survey_item *i) {
    const char *state = i->check.state;

    return strcmp(state, "reserved") == 0 || strcmp(state, "issued") == 0 ||
           (strcmp(state, "confirmed") == 0 && i->successor == NULL);
}

bool survey_opens(const struct survey_item *i, bool assisted) {
    return survey_unfinished(i) || (i->check.open && api_opens(&i->check, assisted));
}

/* Owed: is it open, and for the way the person comes (R3, R5.6)? */
static enum due due_of_owed(const struct survey_item *i, bool assisted) {
    if (survey_opens(i, assisted))
        return DUE_NOW;
    return i->check.open ? DUE_OTHER_WAY : DUE_LATER;
}

static enum due due_of(const struct survey_item *i, bool assisted) {
    const struct api_check *c = &i->check;

    if (strcmp(c->verdict, "done") == 0)
        return survey_unfinished(i) ? DUE_NOW : DUE_DONE;
    if (issued_by(i, &c->client.issuer))
        return DUE_FULL;
    if (strcmp(c->verdict, "held") == 0)
        return DUE_HELD;
    if (strcmp(c->verdict, "eligible") == 0)
        return due_of_owed(i, assisted);
    return DUE_NOTHING;
}

enum rc survey_anchor(const struct options *o, struct buf *der) {
    AUTO(buf) file = {0};

    if (o->new_ca == NULL)
        return RC_OK;
    enum rc rc = fs_read(o->new_ca, PEM_LIMIT, &file);
    if (rc == RC_OK)
        rc = cert_from_pem_or_der(buf_span(&file), der);
    return rc == RC_OK ? RC_OK : err_in(RC_USAGE, "--ca %s: name the new CA's certificate, PEM or DER", o->new_ca);
}

/* Is the CA the server names the one of --ca, by its bytes or its key? */
static enum rc anchor_hold(const struct options *o, const struct buf *anchor, const struct buf *issuer) {
    struct cert want, is;

    if (o->new_ca == NULL || span_eq(buf_span(anchor), buf_span(issuer)))
        return RC_OK;
    if (cert_parse(buf_span(anchor), &want) == RC_OK && cert_parse(buf_span(issuer), &is) == RC_OK &&
        cert_same_key(&want, &is))
        return RC_OK;
    FAIL(RC_REFUSED, "the server names another new CA than the one in --ca %s: a wrong or hostile server", o->new_ca);
}

/* The server was put back to an older state and lacks what is on the token: it is shown that, and asked once more. It
   takes nothing but what it signed itself, so every one of that key and issuer may be shown. */
static enum rc show_successors(struct http *h, const struct survey *s, struct survey_item *i) {
    bool shown = false;
    if (!i->check.successor_wanted)
        return RC_OK;
    for (size_t k = 0; k < s->count; k++) {
        const struct find_candidate *c = s->items[k].candidate;
        AUTO(api_check) told = {0};
        if (&s->items[k] == i || !issued_by(&s->items[k], &i->check.client.issuer) ||
            !cert_same_key(&c->cert, &i->candidate->cert))
            continue;
        TRY(api_check_run(h, buf_span(&c->der), &told));
        shown = true;
    }
    if (!shown)
        return RC_OK;
    api_check_free(&i->check);
    i->check = (struct api_check){0};
    return api_check_run(h, buf_span(&i->candidate->der), &i->check);
}

enum rc survey_check(const struct options *o, struct http *h, struct survey *s) {
    const struct buf none = {0};
    AUTO(buf) anchor = {0};
    const struct buf *issuer = &none;

    TRY(survey_anchor(o, &anchor));
    for (size_t k = 0; k < s->count; k++) {
        struct survey_item *i = &s->items[k];
        if (!wanted(o, i) || issued_by(i, issuer))
            continue;
        TRY(api_check_run(h, buf_span(&i->candidate->der), &i->check));
        TRY(show_successors(h, s, i));
        TRY(anchor_hold(o, &anchor, &i->check.client.issuer));
        i->asked = true;
        issuer = &i->check.client.issuer;
        i->successor = successor_of(s, i);
        i->due = due_of(i, o->assist != NULL);
        s->told = &i->check.client;
    }
    struct span ca = anchor.len > 0 ? buf_span(&anchor) : buf_span(issuer);
    if (s->told != NULL && catalogue_refresh(o->catalogue, h, ca, s->told))
        models_set(o, s);
    return RC_OK;
}

bool survey_too_old(const struct api_client *c) {
    return semver_older(CAPBU_VERSION, c->minimum);
}

bool survey_newer(const struct api_client *c) {
    return semver_older(CAPBU_VERSION, c->latest);
}

bool survey_learn(const struct options *o, struct http *h, char hotline[API_HOTLINE]) {
    AUTO(api_client) told = {0};
    AUTO(buf) anchor = {0};
    struct catalogue *c = o->catalogue;
    long lost = h->lost_ms;

    if (c->asked || c->greeted || survey_anchor(o, &anchor) != RC_OK)
        return false;
    c->greeted = true;
    h->lost_ms = HTTP_LOST_MS - LEARN_MS;
    bool answered = api_client_run(h, &told) == RC_OK;
    if (answered && hotline != NULL)
        memcpy(hotline, told.hotline, API_HOTLINE);
    bool newer = answered && catalogue_refresh(c, h, buf_span(anchor.len > 0 ? &anchor : &told.issuer), &told);
    h->lost_ms = lost;
    h->trouble = HTTP_FINE;
    return newer;
}
