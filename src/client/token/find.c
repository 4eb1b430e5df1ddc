/* Walks modules, tokens and certificates, and pairs certificates with keys by value. */
#include "client/token/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/token/keepsake.h"
#include "client/token/tries.h"
#include "driver/driver.h"

#define KEYS_MAX 64

static void candidate_free(struct find_candidate *c) {
    buf_free(&c->der);
}

void find_free(struct find *f) {
    for (size_t i = 0; i < f->candidate_count; i++)
        candidate_free(&f->candidates[i]);
    for (size_t i = 0; i < f->module_count; i++)
        p11_module_free(&f->modules[i].module);
    free(f->candidates);
    free(f->tokens);
    free(f->modules);
    *f = (struct find){0};
}

static bool same_token(const struct p11_token *a, const struct p11_token *b) {
    return strcmp(a->serial, b->serial) == 0 && strcmp(a->label, b->label) == 0 &&
           strcmp(a->manufacturer, b->manufacturer) == 0;
}

/* Two modules may show one token; two tokens of one module are two, however alike (some have no serial). */
static bool twins(const struct find_token *a, const struct find_token *b) {
    return a->token.module != b->token.module && same_token(&a->token, &b->token);
}

static void pair(struct find_candidate *c, const struct p11_key *keys, size_t key_count) {
    memcpy(c->key_id, c->id, c->id_len);
    c->key_id_len = c->id_len;
    for (size_t i = 0; i < key_count && !c->key_seen; i++) {
        if (!p11_key_is(&keys[i], c->cert.modulus, c->cert.point))
            continue;
        c->key_seen = true;
        memcpy(c->key_id, keys[i].id, keys[i].id_len);
        c->key_id_len = keys[i].id_len;
    }
}

/* The same token, whatever the drivers call it: a certificate that another driver has shown already, or this token
   itself, is there once. Two tokens of one driver are two. */
static bool one(const struct find_candidate *known, const struct find_candidate *c) {
    return (known->at == c->at || known->at->token.module != c->at->token.module) &&
           span_eq(buf_span(&known->der), buf_span(&c->der));
}

/* Takes the candidate over. */
static enum rc add(struct find *f, struct find_candidate *c) {
    for (size_t i = 0; i < f->candidate_count; i++) {
        struct find_candidate *known = &f->candidates[i];
        if (!one(known, c))
            continue;
        if (c->key_seen && !known->key_seen) {
            candidate_free(known);
            *known = *c;
        } else {
            candidate_free(c);
        }
        return RC_OK;
    }
    if (f->candidate_count == FIND_CANDIDATES_MAX) {
        candidate_free(c);
        FAIL(RC_LIMIT, "more than %d certificates are plugged in", FIND_CANDIDATES_MAX);
    }
    f->candidates[f->candidate_count++] = *c;
    return RC_OK;
}

static enum rc add_cert(struct find *f, struct find_token *t, struct p11_cert *from, const struct p11_key *keys,
                        size_t key_count) {
    struct find_candidate c = {.at = t, .id_len = from->id_len};
    if (cert_parse(buf_span(&from->der), &c.cert) != RC_OK) {
        t->unreadable++;
        return RC_OK;
    }
    c.der = from->der; /* moved: the views stay right */
    from->der = (struct buf){0};
    memcpy(c.id, from->id, from->id_len);
    memcpy(c.label, from->label, sizeof c.label);
    t->good++;
    tries_recall(&t->token, tries_of_key(&c.cert));
    pair(&c, keys, key_count);
    return add(f, &c);
}

/* Keys that cannot be listed are a hint less; the certificates count. */
static enum rc list_token(const struct p11_token *t, struct p11_certs *certs, struct p11_key *keys, size_t *key_count) {
    AUTO(p11_session) s = {0};
    TRY(p11_session_open(t, false, &s));
    if (p11_keys_list(&s, false, keys, KEYS_MAX, key_count) != RC_OK)
        *key_count = 0;
    return p11_certs_list(&s, certs);
}

/* The public keys, and the private ones, whose public half many tokens tell. */
static enum rc list_open(const struct p11_token *t, struct span pin, struct p11_certs *certs, struct p11_key *keys,
                         size_t *key_count) {
    AUTO(p11_session) s = {0};
    size_t more = 0;

    *key_count = 0;
    TRY(p11_session_open(t, false, &s));
    TRY(p11_login(&s, pin));
    if (p11_keys_list(&s, true, keys, KEYS_MAX, key_count) != RC_OK)
        *key_count = 0;
    if (p11_keys_list(&s, false, keys + *key_count, KEYS_MAX - *key_count, &more) == RC_OK)
        *key_count += more;
    return p11_certs_list(&s, certs);
}

enum rc find_unlock(struct find *f, struct find_token *t, struct span pin) {
    struct p11_key keys[KEYS_MAX];
    size_t key_count = 0;
    AUTO(p11_certs) certs = {0};

    TRY(list_open(&t->token, pin, &certs, keys, &key_count));
    t->shut = false;
    t->keys = key_count;
    t->certs = certs.count;
    t->unreadable += (int)certs.unreadable;
    for (size_t i = 0; i < certs.count; i++)
        TRY(add_cert(f, t, &certs.at[i], keys, key_count));
    return RC_OK;
}

struct kept_for {
    struct find *f;
    struct find_token *t;
    const struct p11_key *keys;
    size_t key_count;
    enum rc rc;
};

/* The old certificate of a token that lost it to a new one which never came. */
static void add_kept(void *arg, struct p11_cert *kept) {
    struct kept_for *k = arg;
    struct cert c;

    if (k->rc != RC_OK || cert_parse(buf_span(&kept->der), &c) != RC_OK)
        return;
    for (size_t i = 0; i < k->f->candidate_count; i++)
        if (k->f->candidates[i].at == k->t && cert_same_key(&k->f->candidates[i].cert, &c))
            return; /* it came, or the old one was put back */
    k->rc = add_cert(k->f, k->t, kept, k->keys, k->key_count);
}

static enum rc add_keepsakes(struct find *f, struct find_token *t, const struct p11_key *keys, size_t key_count) {
    struct kept_for k = {f, t, keys, key_count, RC_OK};

    keepsake_each(&t->token, keys, key_count, add_kept, &k);
    return k.rc;
}

static enum rc walk_token(struct find *f, const struct p11_token *token) {
    if (!token->initialized)
        return RC_OK;
    if (f->token_count == FIND_TOKENS_MAX)
        FAIL(RC_LIMIT, "more than %d tokens are plugged in", FIND_TOKENS_MAX);
    struct find_token *t = &f->tokens[f->token_count++];
    t->token = *token;
    for (struct find_token *earlier = f->tokens; earlier < t; earlier++)
        t->twin |= twins(earlier, t);
    struct p11_key keys[KEYS_MAX];
    size_t key_count = 0;
    AUTO(p11_certs) certs = {0};
    p11_rv_forget();
    if (list_token(token, &certs, keys, &key_count) != RC_OK) {
        t->shut = p11_last_rv() == CKR_USER_NOT_LOGGED_IN;
        if (!t->shut)
            snprintf(t->failed, sizeof t->failed, "%s", err_text());
        return RC_OK;
    }
    t->keys = key_count;
    t->certs = certs.count;
    t->unreadable += (int)certs.unreadable;
    t->shut = certs.count + certs.unreadable == 0;
    for (size_t i = 0; i < certs.count; i++)
        TRY(add_cert(f, t, &certs.at[i], keys, key_count));
    return add_keepsakes(f, t, keys, key_count);
}

/* The same library by another path shows nothing new. */
static bool walked(const struct find *f, const struct find_module *m) {
    for (const struct find_module *earlier = f->modules; earlier < m; earlier++)
        if (earlier->module.handle == m->module.handle)
            return true;
    return false;
}

static enum rc walk_module(struct find *f, const char *path) {
    struct find_module *m = &f->modules[f->module_count++];
    struct p11_token tokens[TOKENS_MAX];
    size_t count = 0;
    enum rc rc = driver_open(&m->module, path);
    if (rc == RC_OK && walked(f, m))
        return RC_OK;
    if (rc == RC_OK)
        rc = p11_tokens(&m->module, tokens, TOKENS_MAX, &count);
    if (rc != RC_OK)
        snprintf(m->failed, sizeof m->failed, "%s", err_text());
    for (size_t i = 0; i < count; i++)
        TRY(walk_token(f, &tokens[i]));
    return RC_OK;
}

/* One that ended after it had shown its tokens, or some of them. */
static void name_the_dead(struct find *f) {
    for (size_t i = 0; i < f->module_count; i++) {
        struct find_module *m = &f->modules[i];
        if (m->failed[0] == '\0' && m->module.fn != NULL && driver_check(&m->module) != RC_OK)
            snprintf(m->failed, sizeof m->failed, "%s", err_text());
    }
}

/* A token that has all it shows in common with another driver's, or that another driver could read, is that one. */
static void settle(struct find *f) {
    for (struct find_token *t = f->tokens; t < f->tokens + f->token_count; t++) {
        size_t own = 0;
        for (size_t i = 0; i < f->candidate_count; i++)
            own += f->candidates[i].at == t;
        t->twin = own == 0 && (t->twin || t->good > 0);
        for (struct find_token *other = f->tokens; other < f->tokens + f->token_count; other++)
            t->twin |= own == 0 && t->failed[0] != '\0' && other->good > 0 && twins(other, t);
    }
}

enum rc find_run(const struct places *places, struct find *out) {
    AUTO(find)
    f = {calloc(PLACES_MAX, sizeof *f.modules),
         0,
         calloc(FIND_TOKENS_MAX, sizeof *f.tokens),
         0,
         calloc(FIND_CANDIDATES_MAX, sizeof *f.candidates),
         0};
    if (f.modules == NULL || f.tokens == NULL || f.candidates == NULL)
        FAIL(RC_LIMIT, "out of memory");
    for (int i = 0; i < places->count; i++)
        driver_prepare(places->path[i]);
    for (int i = 0; i < places->count; i++)
        TRY(walk_module(&f, places->path[i]));
    name_the_dead(&f);
    settle(&f);
    *out = f;
    f = (struct find){0};
    return RC_OK;
}
