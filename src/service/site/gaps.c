/* Compares the journal with the database (declared in service/site/gaps.h). */
#include "service/site/gaps.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "store/issue.h"
#include "store/outline.h"

#define AT_ONCE 500 /* gaps that gaps_again looks at */

struct gaps {
    struct gap *all; /* by old_id */
    struct gap **by_bytes;
    atomic_bool *filled; /* of each of `all` */
    size_t count;
    atomic_size_t open;
    size_t again;      /* where gaps_again goes on */
    struct buf behind; /* int64_t: old_id of what is issued and not in the journal */
    atomic_size_t unsealed;
    uint64_t entries;
};

struct finding {
    struct sha256 old_key;
    char old_issuer[2 * KEY_ID_MAX + 1]; /* as certs.issuer_key has it */
    struct journal_book *journal, *missing;
    uint8_t *state; /* of each entry of the journal */
    struct gaps *g;
};
enum { MISSING, HERE, OTHER, RESERVED };

static void finding_free(struct finding *f) {
    journal_book_free(f->journal);
    journal_book_free(f->missing);
    free(f->state);
}

void gaps_free(struct gaps *g) {
    if (g == NULL)
        return;
    free(g->all);
    free(g->by_bytes);
    free(g->filled);
    buf_free(&g->behind);
    free(g);
}

/* What was reserved and not stored has its bytes in the row; those of a certificate are looked at when it is read. */
static enum rc is_it(const struct outline *o, const struct journal_entry *e, bool *same) {
    struct cert cert;
    struct span tbs = o->tbs;
    if (o->der.len > 0) {
        enum rc rc = cert_parse(o->der, &cert);
        *same = false;
        if (rc != RC_OK)
            return rc == RC_LIMIT ? rc : RC_OK; /* a damaged one is not the one that was signed */
        tbs = cert.tbs;
    }
    struct sha256 is = sha256_of(tbs);
    *same = tbs.len == 0 || memcmp(&is, &e->bytes, sizeof is) == 0;
    return RC_OK;
}

static enum rc put_behind(struct gaps *g, int64_t old_id) {
    atomic_fetch_add(&g->unsealed, 1);
    return buf_add(&g->behind, &old_id, sizeof old_id);
}

static enum rc see_issued(void *arg, const struct outline *o) {
    struct finding *f = arg;
    struct journal_old old = journal_old(f->old_key, o->old_serial);
    const struct journal_entry *e = journal_book_find(f->journal, &old);
    bool same;
    if (e == NULL)
        return o->issued ? put_behind(f->g, o->old_id) : RC_OK;
    TRY(is_it(o, e, &same));
    size_t i = (size_t)(e - journal_book_at(f->journal, 0));
    if (same)
        f->state[i] = o->issued ? HERE : RESERVED;
    else if (o->issued)
        f->state[i] = OTHER;
    return RC_OK;
}

/* The record of a missing one: a second certificate of that serial number was issued by somebody else. */
static enum rc see_record(void *arg, int64_t id, const char *issuer_key, const char *serial) {
    struct finding *f = arg;
    if (strcmp(issuer_key, f->old_issuer) != 0 && issuer_key[0] != '\0')
        return RC_OK;
    struct journal_old old = journal_old(f->old_key, serial);
    const struct journal_entry *e = journal_book_find(f->missing, &old);
    if (e == NULL)
        return RC_OK;
    struct gap *gap = &f->g->all[e - journal_book_at(f->missing, 0)];
    gap->old_id = id;
    return text_set(gap->serial, sizeof gap->serial, serial);
}

static int by_id(const void *a, const void *b) {
    int64_t x = ((const struct gap *)a)->old_id, y = ((const struct gap *)b)->old_id;
    return (x > y) - (x < y);
}

static int by_bytes(const void *a, const void *b) {
    const struct gap *const *x = a, *const *y = b;
    return memcmp(&(*x)->entry.bytes, &(*y)->entry.bytes, sizeof(struct sha256));
}

static enum rc take_missing(struct finding *f) {
    uint32_t count = journal_book_count(f->journal);
    struct gaps *g = f->g;
    for (uint32_t i = 0; i < count; i++)
        g->count += f->state[i] != HERE;
    g->all = calloc(g->count + 1, sizeof *g->all);
    g->by_bytes = calloc(g->count + 1, sizeof(struct gap *));
    g->filled = calloc(g->count + 1, sizeof *g->filled);
    if (g->all == NULL || g->by_bytes == NULL || g->filled == NULL)
        FAIL(RC_LIMIT, "out of memory");
    for (uint32_t i = 0, n = 0; i < count; i++) {
        if (f->state[i] == HERE)
            continue;
        g->all[n++] = (struct gap){.entry = *journal_book_at(f->journal, i),
                                   .other = f->state[i] == OTHER,
                                   .reserved = f->state[i] == RESERVED};
        atomic_fetch_add(&g->open, !g->all[n - 1].reserved);
        TRY(journal_book_put(f->missing, &g->all[n - 1].entry));
    }
    return RC_OK;
}

static void sort(struct gaps *g) {
    qsort(g->all, g->count, sizeof *g->all, by_id);
    for (size_t i = 0; i < g->count; i++)
        g->by_bytes[i] = &g->all[i];
    qsort(g->by_bytes, g->count, sizeof(struct gap *), by_bytes);
}

enum rc gaps_find(const struct site *s, struct db *db, const struct seal *seal, bool whole, struct gaps **out) {
    const struct cert *old_ca = ca_cert(s->old_ca);
    AUTO(finding) f = {.old_key = sha256_of(old_ca->spki)};
    AUTO_PTR(gaps) g = calloc(1, sizeof *g);
    struct journal_state is;
    if (g == NULL)
        FAIL(RC_LIMIT, "out of memory");
    f.g = g;
    hex_to(old_ca->facts.ski, old_ca->facts.ski_len, f.old_issuer);
    TRY(journal_book_new(&f.journal));
    TRY(journal_book_new(&f.missing));
    TRY(signed_journal_read(s->conf.signed_journal, seal, f.journal, &is));
    g->entries = is.entries;
    f.state = calloc(is.entries + 1, sizeof *f.state);
    if (f.state == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(outline_issued(db, whole, see_issued, &f));
    TRY(take_missing(&f));
    if (g->count > 0)
        TRY(outline_certs(db, see_record, &f));
    sort(g);
    *out = MOVE(g);
    return RC_OK;
}

size_t gaps_open(const struct gaps *g) {
    return g == NULL ? 0 : atomic_load(&g->open);
}

size_t gaps_count(const struct gaps *g) {
    return g == NULL ? 0 : g->count;
}

const struct gap *gaps_at(const struct gaps *g, size_t i) {
    return &g->all[i];
}

static bool is_filled(const struct gaps *g, const struct gap *gap) {
    return atomic_load(&g->filled[gap - g->all]);
}

bool gaps_is_open(const struct gaps *g, size_t i) {
    return !g->all[i].reserved && !is_filled(g, &g->all[i]);
}

size_t gaps_unsealed(const struct gaps *g) {
    return g == NULL ? 0 : atomic_load(&g->unsealed);
}

int64_t gaps_unsealed_at(const struct gaps *g, size_t i) {
    int64_t old_id;
    memcpy(&old_id, g->behind.data + i * sizeof old_id, sizeof old_id);
    return old_id;
}

/* The last one takes its place. */
void gaps_seal(struct gaps *g, size_t i) {
    size_t last = g->behind.len - sizeof(int64_t);
    memmove(g->behind.data + i * sizeof(int64_t), g->behind.data + last, sizeof(int64_t));
    g->behind.len = last;
    atomic_fetch_sub(&g->unsealed, 1);
}

uint64_t gaps_entries(const struct gaps *g) {
    return g == NULL ? 0 : g->entries;
}

static const struct gap *find(const struct gaps *g, int64_t old_id) {
    const struct gap key = {.old_id = old_id};
    return gaps_count(g) == 0 ? NULL : bsearch(&key, g->all, g->count, sizeof *g->all, by_id);
}

bool gaps_has(const struct gaps *g, int64_t old_id) {
    const struct gap *found = find(g, old_id);
    return found != NULL && gaps_is_open(g, (size_t)(found - g->all));
}

bool gaps_wants(const struct gaps *g, int64_t old_id) {
    const struct gap *found = find(g, old_id);
    return found != NULL && !is_filled(g, found);
}

const struct gap *gaps_find_bytes(const struct gaps *g, const struct sha256 *bytes) {
    struct gap key = {.entry.bytes = *bytes};
    struct gap *const at = &key;
    if (gaps_count(g) == 0)
        return NULL;
    struct gap *const *found = bsearch(&at, g->by_bytes, g->count, sizeof(struct gap *), by_bytes);
    return found != NULL && !is_filled(g, *found) ? *found : NULL;
}

void gaps_close(struct gaps *g, const struct gap *filled) {
    bool open = false;
    if (atomic_compare_exchange_strong(&g->filled[filled - g->all], &open, true) && !filled->reserved)
        atomic_fetch_sub(&g->open, 1);
}

/* Has its row the bytes that were signed now? */
static enum rc see_again(struct gaps *g, const struct gap *gap, struct db *db) {
    AUTO(issued_row) row = {0};
    struct cert cert;
    enum rc rc = issue_get(db, gap->old_id, &row);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    TRY(rc);
    if (row.der.len == 0 || cert_parse(buf_span(&row.der), &cert) != RC_OK)
        return RC_OK;
    struct sha256 is = sha256_of(cert.tbs);
    if (memcmp(&is, &gap->entry.bytes, sizeof is) == 0)
        gaps_close(g, gap);
    return RC_OK;
}

enum rc gaps_again(struct gaps *g, struct db *db) {
    for (size_t n = 0; n < AT_ONCE && n < g->count; n++) {
        size_t i = g->again++ % g->count;
        if (gaps_is_open(g, i) && g->all[i].old_id != 0)
            TRY(see_again(g, &g->all[i], db));
    }
    return RC_OK;
}
