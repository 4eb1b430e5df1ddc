/* The audit chain: lines are appended in the transaction of what they tell of, read back, formatted and verified. */
#include "store/audit.h"

#include <inttypes.h>
#include <string.h>

#include "base/hex.h"
#include "base/jsonw.h"

#define BATCH 1000

/* What one line says, as stored. */
struct content {
    int64_t seq, at;
    struct span kind, old_serial, actor, detail; /* old_serial.ptr NULL: none */
};

/* "length:bytes," as a netstring, "-" for what is absent: no two lines give the same bytes. */
static enum rc add_field(struct buf *out, struct span s) {
    if (s.ptr == NULL)
        return buf_add_char(out, '-');
    TRY(buf_printf(out, "%zu:", s.len));
    TRY(buf_add_span(out, s));
    return buf_add_char(out, ',');
}

/* Appends the canonical line: "seq at kind old_serial actor detail". */
static enum rc canonical(const struct content *c, struct buf *out) {
    TRY(buf_printf(out, "%" PRId64 " %" PRId64 " ", c->seq, c->at));
    TRY(add_field(out, c->kind));
    TRY(add_field(out, c->old_serial));
    TRY(add_field(out, c->actor));
    return add_field(out, c->detail);
}

static struct sha256 chain(const struct sha256 *prev, struct span line) {
    return sha256_of2(span_of(prev->bytes, SHA256_LEN), line);
}

static enum rc get_hash(const struct db_row *r, int column, struct sha256 *out) {
    char text[2 * SHA256_LEN + 1];
    size_t len = SHA256_LEN;
    TRY(db_get_text(r, column, text, sizeof text));
    if (hex_from(text, out->bytes, &len) != RC_OK || len != SHA256_LEN)
        FAIL(RC_DB, "the audit holds something that is not a hash");
    return RC_OK;
}

#define END_COLUMNS "h.seq, h.hash, h.mac"

static enum rc read_end(const struct db_row *r, struct audit_end *end) {
    end->seq = db_get_int(r, 0);
    TRY(get_hash(r, 1, &end->hash));
    end->sealed = db_get_span(r, 2).len > 0;
    return end->sealed ? get_hash(r, 2, &end->mac) : RC_OK;
}

static enum rc head_row(void *arg, const struct db_row *r) {
    struct audit_head *head = arg;
    TRY(read_end(r, &head->from));
    head->to = head->from;
    return RC_OK;
}

void audit_head_free(struct audit_head *head) {
    buf_free(&head->lines);
    buf_free(&head->claims);
}

enum rc audit_touch(struct tx *tx) {
    if (tx->head->loaded)
        return RC_OK;
    TRY(db_one(tx->db, "SELECT " END_COLUMNS " FROM audit_head h WHERE h.id = 1", DB_NO_ARGS, head_row, tx->head));
    tx->head->loaded = true;
    return RC_OK;
}

enum rc audit_claim(struct tx *tx, struct span claim) {
    TRY(audit_touch(tx)); /* what has no head is not sealed, and nobody would judge it */
    return buf_add_span(&tx->head->claims, claim);
}

/* Behind the others of the transaction, with its length before it; *line is valid until the next one. */
static enum rc keep_line(struct buf *lines, const struct content *c, struct span *line) {
    uint32_t len = 0;
    size_t at = lines->len;
    TRY(buf_add(lines, &len, sizeof len));
    TRY(canonical(c, lines));
    *line = span_of(lines->data + at + sizeof len, lines->len - at - sizeof len);
    len = (uint32_t)line->len;
    memcpy(lines->data + at, &len, sizeof len);
    return RC_OK;
}

enum rc audit_put(struct tx *tx, const struct audit_event *e) {
    TRY(audit_touch(tx));
    struct audit_end *end = &tx->head->to;
    const char *actor = e->actor == NULL ? "subscriber" : e->actor;
    const char *detail = e->detail == NULL ? "{}" : e->detail;
    struct content c = {end->seq + 1, tx->now, span_str(e->kind), span_of(NULL, 0), span_str(actor), span_str(detail)};
    struct span line;
    if (e->old_serial != NULL)
        c.old_serial = span_str(e->old_serial);
    char hex[2 * SHA256_LEN + 1];
    TRY(keep_line(&tx->head->lines, &c, &line));
    struct sha256 hash = chain(&end->hash, line);
    sha256_hex(hash, hex);
    TRY(db_exec(
        tx->db,
        "INSERT INTO audit (seq, at, kind, old_serial, actor, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        DB_ARGS(db_int(c.seq), db_int(c.at), db_text(e->kind), db_text(e->old_serial), db_text(actor), db_text(detail),
                db_text(hex)),
        NULL));
    end->seq = c.seq;
    end->hash = hash;
    return RC_OK;
}

enum rc audit_seal(struct audit_head *head, const struct audit_linker *linker) {
    if (!head->loaded)
        return RC_OK;
    if (linker == NULL && (head->from.sealed || head->claims.len > 0))
        FAIL(RC_BUG, "the audit is sealed, and who writes here has no way to the key");
    if (linker == NULL)
        return RC_OK;
    TRY(linker->link(linker->arg, head, &head->to.mac));
    head->to.sealed = true;
    return RC_OK;
}

enum rc audit_flush(struct db *db, const struct audit_head *head) {
    if (!head->loaded)
        return RC_OK;
    char hash[2 * SHA256_LEN + 1], mac[2 * SHA256_LEN + 1] = "";
    sha256_hex(head->to.hash, hash);
    if (head->to.sealed)
        sha256_hex(head->to.mac, mac);
    int64_t changed = 0;
    TRY(db_exec(db, "UPDATE audit_head SET seq = $1, hash = $2, mac = $3 WHERE id = 1",
                DB_ARGS(db_int(head->to.seq), db_text(hash), db_text(mac)), &changed));
    if (changed != 1)
        FAIL(RC_DB, "the audit's head is missing");
    return RC_OK;
}

/* Reading: in batches by seq, so that no snapshot is held for long. */
struct reading {
    enum rc (*line)(void *arg, const struct audit_line *l);
    void *arg;
    struct sha256 prev;
    int64_t seq;
    int rows;
};

/* A NULL cell gives a NULL span, an empty text does not. */
static struct span text_or_absent(const struct db_row *r, int column) {
    struct span s = db_get_span(r, column);
    return s.ptr == NULL && r->v[column].type == DB_TEXT ? span_str("") : s;
}

static enum rc line_row(void *arg, const struct db_row *r) {
    struct reading *rd = arg;
    struct audit_line l = {.seq = db_get_int(r, 0), .at = db_get_int(r, 1), .prev = rd->prev};
    l.kind = text_or_absent(r, 2);
    l.old_serial = text_or_absent(r, 3);
    l.actor = text_or_absent(r, 4);
    l.detail = text_or_absent(r, 5);
    if (get_hash(r, 6, &l.hash) != RC_OK)
        memset(&l.hash, 0, sizeof l.hash); /* shown as zeros and refused by audit_verify */
    TRY(rd->line(rd->arg, &l));
    rd->prev = l.hash;
    rd->seq = l.seq;
    rd->rows++;
    return RC_OK;
}

enum rc audit_each(struct db *db, enum rc (*line)(void *arg, const struct audit_line *l), void *arg) {
    struct reading rd = {.line = line, .arg = arg, .seq = INT64_MIN};
    do {
        rd.rows = 0;
        TRY(db_query(db,
                     "SELECT seq, at, kind, old_serial, actor, detail, hash FROM audit WHERE seq > $1 ORDER BY seq "
                     "LIMIT $2",
                     DB_ARGS(db_int(rd.seq), db_int(BATCH)), line_row, &rd));
    } while (rd.rows == BATCH);
    return RC_OK;
}

struct verifying {
    struct audit_end head; /* as it was when the check began; later lines are not looked at */
    int64_t last_line;     /* highest seq stored at that moment */
    int64_t lines;
    struct buf line;
};

static void verifying_free(struct verifying *v) {
    buf_free(&v->line);
}

static enum rc broken(int64_t seq, const char *how) {
    return err_set(RC_REFUSED, "the audit chain is broken at line %" PRId64 ": %s", seq, how);
}

static enum rc verify_line(void *arg, const struct audit_line *l) {
    struct verifying *v = arg;
    if (v->lines == v->head.seq)
        return RC_OK;
    int64_t expected = v->lines + 1;
    if (l->seq > expected)
        return broken(expected, "it is missing");
    if (l->seq < expected)
        return broken(l->seq, "it was inserted");
    struct content c = {l->seq, l->at, l->kind, l->old_serial, l->actor, l->detail};
    buf_clear(&v->line);
    TRY(canonical(&c, &v->line));
    struct sha256 hash = chain(&l->prev, buf_span(&v->line));
    if (memcmp(&hash, &l->hash, sizeof hash) != 0)
        return broken(l->seq, "its content does not give its hash");
    if (l->seq == v->head.seq && memcmp(&hash, &v->head.hash, sizeof hash) != 0)
        return broken(l->seq, "its hash is not the one kept beside the chain");
    v->lines++;
    return RC_OK;
}

static enum rc ends_row(void *arg, const struct db_row *r) {
    struct verifying *v = arg;
    v->last_line = db_get_int(r, 3);
    return read_end(r, &v->head);
}

enum rc audit_verify(struct db *db, struct audit_end *end) {
    AUTO(verifying) v = {0};
    enum rc rc = db_one(db, "SELECT " END_COLUMNS ", (SELECT max(a.seq) FROM audit a) FROM audit_head h WHERE h.id = 1",
                        DB_NO_ARGS, ends_row, &v);
    if (rc == RC_NOT_FOUND)
        FAIL(RC_REFUSED, "the audit chain is broken at line 0: the head kept beside it is missing");
    TRY(rc);
    TRY(audit_each(db, verify_line, &v));
    if (v.lines < v.head.seq)
        return broken(v.lines + 1, "it and all after it are missing");
    if (v.last_line > v.head.seq)
        return broken(v.head.seq + 1, "it was appended without the program");
    *end = v.head;
    return RC_OK;
}

enum rc audit_format(const struct audit_line *l, struct buf *out) {
    AUTO(jsonw) w = {0};
    AUTO(buf) detail = {0};
    char prev[2 * SHA256_LEN + 1], hash[2 * SHA256_LEN + 1];
    TRY(buf_set(&detail, l->detail));
    sha256_hex(l->prev, prev);
    sha256_hex(l->hash, hash);
    jsonw_object(&w, NULL);
    jsonw_int(&w, "seq", l->seq);
    jsonw_instant(&w, "at", l->at);
    jsonw_span(&w, "kind", l->kind);
    if (l->old_serial.ptr == NULL)
        jsonw_null(&w, "old_serial");
    else
        jsonw_span(&w, "old_serial", l->old_serial);
    jsonw_span(&w, "actor", l->actor);
    jsonw_raw(&w, "detail", buf_str(&detail));
    jsonw_str(&w, "prev", prev);
    jsonw_str(&w, "hash", hash);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return buf_add_span(out, buf_span(&w.out));
}

struct span audit_member(struct span detail, const char *key) {
    AUTO(buf) start = {0};
    if (buf_printf(&start, "\"%s\":\"", key) != RC_OK)
        return (struct span){0};
    const uint8_t *at = memmem(detail.ptr, detail.len, start.data, start.len);
    if (at == NULL)
        return (struct span){0};
    at += start.len;
    const uint8_t *end = memchr(at, '"', detail.len - (size_t)(at - detail.ptr));
    return end == NULL ? (struct span){0} : span_of(at, (size_t)(end - at));
}
