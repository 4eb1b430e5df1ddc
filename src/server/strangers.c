/* A table that never grows of reasons and address blocks; what does not fit is one row for all. */
#include "server/strangers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "server/http/caller.h"
#include "store/audit.h"

#define CODE_KEPT   64 /* with NUL; several reason codes may be joined */
#define OTHERS_TEXT "others"

struct row {
    char code[CODE_KEPT];
    char block[CALLER_BLOCK_TEXT];
    int64_t told_ms; /* when its last line was written */
    int64_t count;   /* since that line */
};

struct strangers {
    struct store *store;
    pthread_mutex_t lock;
    int kept;
    struct row rows[STRANGERS_KEPT + 1]; /* the last is for all others */
};

enum rc strangers_new(struct store *store, struct strangers **out) {
    struct strangers *s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    s->store = store;
    s->rows[STRANGERS_KEPT] = (struct row){.code = OTHERS_TEXT, .block = OTHERS_TEXT, .told_ms = INT64_MIN / 2};
    *out = s;
    return RC_OK;
}

void strangers_free(struct strangers *s) {
    if (s == NULL)
        return;
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static bool due(const struct row *r, int64_t clock_ms) {
    return clock_ms - r->told_ms >= STRANGERS_EVERY_MS;
}

/* When all rows are taken, one that was not told of for a minute makes room: *left is what it still has to tell. */
static struct row *row_of(struct strangers *s, const char *code, const char *block, int64_t clock_ms,
                          struct row *left) {
    struct row *spare = s->kept < STRANGERS_KEPT ? &s->rows[s->kept] : NULL;
    for (int i = 0; i < s->kept; i++) {
        struct row *r = &s->rows[i];
        if (strcmp(r->code, code) == 0 && strcmp(r->block, block) == 0)
            return r;
        if (spare == NULL && due(r, clock_ms))
            spare = r;
    }
    if (spare == NULL)
        return &s->rows[STRANGERS_KEPT];
    s->kept += spare == &s->rows[s->kept];
    *left = *spare;
    *spare = (struct row){.told_ms = INT64_MIN / 2};
    (void)snprintf(spare->code, sizeof spare->code, "%s", code);
    (void)snprintf(spare->block, sizeof spare->block, "%s", block);
    return spare;
}

struct line {
    struct row row;
    const char *first;
};

/* {"code":"bad-protection","from":"203.0.113.0/24","count":7,"first":{…}} */
static enum rc put(struct tx *tx, const struct line *l) {
    AUTO(jsonw) w = {0};
    if (l->row.count == 0)
        return RC_OK;
    jsonw_object(&w, NULL);
    jsonw_str(&w, "code", l->row.code);
    jsonw_str(&w, "from", l->row.block);
    jsonw_int(&w, "count", l->row.count);
    if (l->first[0] != '\0' && strlen(l->first) <= STRANGERS_FIRST)
        jsonw_raw(&w, "first", l->first);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return audit_put(tx, &(struct audit_event){"unproven", NULL, "stranger", buf_str(&w.out)});
}

/* What one event has to tell: of a row that made room for it, and of its own. A count of 0 is not told. */
struct news {
    struct line left, own;
};

static enum rc news_body(struct tx *tx, void *arg) {
    const struct news *n = arg;
    TRY(put(tx, &n->left));
    return put(tx, &n->own);
}

static enum rc tell(struct strangers *s, struct news *n, int64_t now) {
    return n->left.row.count + n->own.row.count == 0 ? RC_OK : store_write(s->store, now, news_body, n);
}

/* Hands over what a row has counted; the row begins anew. */
static struct row take(struct row *r) {
    struct row taken = *r;
    r->count = 0;
    return taken;
}

static void count(struct strangers *s, const char *code, const char *block, int64_t clock_ms, struct news *out) {
    char kept[CODE_KEPT];
    (void)snprintf(kept, sizeof kept, "%s", code);
    pthread_mutex_lock(&s->lock);
    struct row *r = row_of(s, kept, block, clock_ms, &out->left.row);
    r->count++;
    if (due(r, clock_ms)) {
        out->own.row = take(r);
        r->told_ms = clock_ms;
    }
    pthread_mutex_unlock(&s->lock);
}

enum rc strangers_note(struct strangers *s, const char *code, const struct peer *from, const char *first, int64_t now,
                       int64_t clock_ms) {
    char block[CALLER_BLOCK_TEXT];
    struct news n = {.left.first = "", .own.first = first};
    caller_block_text(from, block);
    count(s, code, block, clock_ms, &n);
    return tell(s, &n, now);
}

enum rc strangers_tell(struct strangers *s, int64_t now) {
    for (int i = 0; i <= STRANGERS_KEPT; i++) { /* requests may still be running */
        struct news n = {.left.first = "", .own.first = ""};
        pthread_mutex_lock(&s->lock);
        n.own.row = take(&s->rows[i]);
        pthread_mutex_unlock(&s->lock);
        TRY(tell(s, &n, now));
    }
    return RC_OK;
}
