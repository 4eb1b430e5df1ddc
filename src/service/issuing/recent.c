/* A set-associative table of transactions, the oldest of a set goes (declared in service/issuing/recent.h). */
#include "service/issuing/recent.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAYS   8
#define SETS   (RECENT_MOST / WAYS)
#define ID_MAX 64 /* bytes of a transactionID (pki/cmp/cmp_msg.h) */

struct entry {
    uint8_t id[ID_MAX];
    size_t len;
    struct granted granted;
};

struct recent {
    pthread_mutex_t lock;
    struct entry *sets[SETS][WAYS]; /* the newest first; NULL: free */
};

void granted_free(struct granted *g) {
    buf_free(&g->request);
    buf_free(&g->response);
    issued_row_free(&g->issued);
    *g = (struct granted){0};
}

static void entry_free(struct entry *e) {
    if (e != NULL)
        granted_free(&e->granted);
    free(e);
}

enum rc recent_new(struct recent **out) {
    struct recent *r = calloc(1, sizeof *r);
    if (r == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&r->lock, NULL);
    *out = r;
    return RC_OK;
}

void recent_free(struct recent *r) {
    if (r == NULL)
        return;
    for (size_t i = 0; i < SETS; i++)
        for (size_t k = 0; k < WAYS; k++)
            entry_free(r->sets[i][k]);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* FNV-1a. Only who was granted something comes in here, so nobody chooses where for others. */
static struct entry **set_of(struct recent *r, struct span id) {
    uint32_t h = 0x811c9dc5u;
    for (size_t i = 0; i < id.len; i++)
        h = (h ^ id.ptr[i]) * 0x01000193u;
    return r->sets[(h ^ h >> 16) % SETS];
}

/* Takes the entry at `from` out and moves those before it there, so that the first place is free. */
static struct entry *pull(struct entry **set, size_t from) {
    struct entry *e = set[from];
    memmove(&set[1], &set[0], from * sizeof(struct entry *));
    set[0] = NULL;
    return e;
}

static size_t find(struct entry *const *set, struct span id) {
    size_t at = 0;
    while (at < WAYS && (set[at] == NULL || !span_eq(span_of(set[at]->id, set[at]->len), id)))
        at++;
    return at;
}

/* Where a new one displaces what is there: the same transaction, a free place, the oldest. */
static size_t place_of(struct entry *const *set, struct span id) {
    size_t at = find(set, id);
    for (size_t i = 0; at == WAYS && i < WAYS; i++)
        if (set[i] == NULL)
            return i;
    return at == WAYS ? WAYS - 1 : at;
}

void recent_put(struct recent *r, struct span transaction, struct granted *g) {
    struct entry *e = transaction.len <= ID_MAX ? calloc(1, sizeof *e) : NULL;
    if (e == NULL) { /* then the store is asked */
        granted_free(g);
        return;
    }
    memcpy(e->id, transaction.ptr, transaction.len);
    e->len = transaction.len;
    e->granted = *g;
    *g = (struct granted){0};
    struct entry **set = set_of(r, transaction);
    pthread_mutex_lock(&r->lock);
    struct entry *gone = pull(set, place_of(set, transaction));
    set[0] = e;
    pthread_mutex_unlock(&r->lock);
    entry_free(gone);
}

bool recent_take(struct recent *r, struct span transaction, struct granted *out) {
    struct entry **set = set_of(r, transaction), *e = NULL;
    pthread_mutex_lock(&r->lock);
    size_t at = find(set, transaction);
    if (at < WAYS)
        e = pull(set, at);
    pthread_mutex_unlock(&r->lock);
    if (e == NULL)
        return false;
    *out = e->granted;
    free(e);
    return true;
}
