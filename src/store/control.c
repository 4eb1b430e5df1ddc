/* What people decide while the programme runs: phases opened and halted, assist codes; and small facts of the database.
 */
#include "store/control.h"

#include <string.h>

#include "base/jsonw.h"
#include "rules/names.h"
#include "store/audit.h"
#include "store/rows.h"

static const char *const switch_names[] = {"planned", "opened", "halted"};

const char *phase_switch_name(enum phase_switch s) {
    return switch_names[s];
}

struct each_switch {
    enum rc (*each)(void *arg, const struct phase_row *p);
    void *arg;
};

static enum rc each_row(void *arg, const struct db_row *r) {
    const struct each_switch *e = arg;
    const struct phase_row p = {db_get_span(r, 0), db_get_span(r, 1), db_get_span(r, 2)};
    return e->each(e->arg, &p);
}

enum rc phase_switch_each(struct db *db, enum rc (*each)(void *arg, const struct phase_row *p), void *arg) {
    struct each_switch e = {each, arg};
    return db_query(db, "SELECT phase_id, value, why FROM phase_switch", DB_NO_ARGS, each_row, &e);
}

struct switches {
    const struct campaign *campaign;
    struct phase_switches got;
};

static enum rc take_switch(void *arg, const struct phase_row *p) {
    struct switches *s = arg;
    char value[16];
    TRY(text_set_span(value, sizeof value, p->value));
    int at = names_find(switch_names, 3, value);
    if (at < 0)
        FAIL(RC_DB, "the database names an unknown phase switch \"%s\"", value);
    for (int32_t i = 0; i < s->campaign->phase_count; i++)
        if (span_eq_str(p->id, s->campaign->phases[i].id))
            s->got.of[i] = (enum phase_switch)at;
    return RC_OK;
}

enum rc phase_switches_get(struct db *db, const struct campaign *c, struct phase_switches *out) {
    struct switches s = {.campaign = c};
    TRY(phase_switch_each(db, take_switch, &s));
    *out = s.got;
    return RC_OK;
}

struct whys {
    const struct campaign *campaign;
    phase_why *out;
};

static enum rc take_why(void *arg, const struct phase_row *p) {
    struct whys *y = arg;
    for (int32_t i = 0; i < y->campaign->phase_count; i++)
        if (span_eq_str(p->id, y->campaign->phases[i].id))
            TRY(text_set_span(y->out[i], sizeof y->out[i], p->why));
    return RC_OK;
}

enum rc phase_whys_get(struct db *db, const struct campaign *c, phase_why *out) {
    struct whys y = {c, out};
    memset(out, 0, (size_t)c->phase_count * sizeof *out);
    return phase_switch_each(db, take_why, &y);
}

enum rc phase_switch_put(struct tx *tx, const char *phase_id, enum phase_switch value, const char *actor,
                         const char *why) {
    AUTO(jsonw) w = {0};
    jsonw_object(&w, NULL);
    jsonw_str(&w, "phase", phase_id);
    jsonw_str(&w, "switch", phase_switch_name(value));
    jsonw_str(&w, "why", why);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    TRY(db_exec(tx->db,
                "INSERT INTO phase_switch (phase_id, value, why) VALUES ($1, $2, $3) "
                "ON CONFLICT (phase_id) DO UPDATE SET value = excluded.value, why = excluded.why",
                DB_ARGS(db_text(phase_id), db_text(phase_switch_name(value)), db_text(why == NULL ? "" : why)), NULL));
    return audit_put(tx, &(struct audit_event){"phase", NULL, actor, buf_str(&w.out)});
}

void assist_hash_of(const char *code, char out[ASSIST_HASH]) {
    sha256_hex(sha256_of(span_str(code)), out);
}

enum rc assist_put(struct tx *tx, const struct assist_row *r, const char *actor) {
    char hash[ASSIST_HASH];
    assist_hash_of(r->code, hash);
    int64_t changed = 0;
    TRY(db_exec(tx->db,
                "INSERT INTO assist (code_hash, channel, holder, expires_at, uses) VALUES ($1, $2, $3, $4, $5) "
                "ON CONFLICT DO NOTHING",
                DB_ARGS(db_text(hash), db_text(channel_name(r->channel)), db_text(r->holder), db_int(r->expires_at),
                        r->uses == 0 ? db_null() : db_int(r->uses)),
                &changed));
    if (changed == 0)
        FAIL(RC_EXISTS, "this assist code was given out already");
    AUTO(jsonw) w = {0};
    jsonw_object(&w, NULL);
    jsonw_str(&w, "assist", hash);
    jsonw_str(&w, "channel", channel_name(r->channel));
    jsonw_instant(&w, "expires_at", r->expires_at);
    if (r->uses > 0)
        jsonw_int(&w, "uses", r->uses);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return audit_put(tx, &(struct audit_event){"assist", NULL, actor, buf_str(&w.out)});
}

static enum rc assist_row_read(void *arg, const struct db_row *r) {
    struct assist_row *out = arg;
    TRY(rows_channel(r, 0, &out->channel));
    TRY(db_get_text(r, 1, out->holder, sizeof out->holder));
    out->expires_at = db_get_int(r, 2);
    out->uses = db_get_int(r, 3);
    out->used = db_get_int(r, 4);
    return db_get_text(r, 5, out->mark, sizeof out->mark);
}

#define ASSIST_COLUMNS(not_old)                                                                                        \
    "SELECT a.channel, a.holder, a.expires_at, a.uses, "                                                               \
    "(SELECT count(*) FROM consent c WHERE c.assist_hash = a.code_hash" not_old "), "                                  \
    "substr(a.code_hash, 1, 8) FROM assist a "

struct listing {
    enum rc (*row)(void *arg, const struct assist_row *r);
    void *arg;
};

static enum rc listed(void *arg, const struct db_row *r) {
    const struct listing *l = arg;
    struct assist_row row = {0};
    TRY(assist_row_read(&row, r));
    return l->row(l->arg, &row);
}

enum rc assist_each(struct db *db, enum rc (*row)(void *arg, const struct assist_row *r), void *arg) {
    struct listing l = {row, arg};
    return db_query(db, ASSIST_COLUMNS("") "ORDER BY a.expires_at DESC, a.code_hash", DB_NO_ARGS, listed, &l);
}

struct found {
    char hash[ASSIST_HASH];
    int count;
};

static enum rc found_row(void *arg, const struct db_row *r) {
    struct found *f = arg;
    f->count++;
    return db_get_text(r, 0, f->hash, sizeof f->hash);
}

enum rc assist_end(struct tx *tx, const char *code_or_mark, const char *actor) {
    AUTO(jsonw) w = {0};
    struct found f = {0};
    char hash[ASSIST_HASH];
    assist_hash_of(code_or_mark, hash);
    TRY(db_query(tx->db, "SELECT code_hash FROM assist WHERE code_hash = $1 OR substr(code_hash, 1, 8) = $2",
                 DB_ARGS(db_text(hash), db_text(code_or_mark)), found_row, &f));
    if (f.count != 1)
        FAIL(RC_NOT_FOUND, "no such assist code: see capbuctl assist list");
    TRY(db_exec(tx->db, "UPDATE assist SET expires_at = $2 WHERE code_hash = $1 AND expires_at > $2",
                DB_ARGS(db_text(f.hash), db_int(tx->now - 1)), NULL));
    jsonw_object(&w, NULL);
    jsonw_str(&w, "assist", f.hash);
    jsonw_bool(&w, "revoked", true);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return audit_put(tx, &(struct audit_event){"assist", NULL, actor, buf_str(&w.out)});
}

enum rc assist_get(struct db *db, const char *code, int64_t old_id, struct assist_row *out) {
    struct assist_row got = {0};
    char hash[ASSIST_HASH];
    assist_hash_of(code, hash);
    TRY(rows_one(db, ASSIST_COLUMNS(" AND c.old_id <> $2") "WHERE a.code_hash = $1",
                 DB_ARGS(db_text(hash), db_int(old_id)), assist_row_read, &got,
                 "this assist code is unknown: ask for a new one"));
    TRY(text_set(got.code, sizeof got.code, code));
    *out = got;
    return RC_OK;
}

enum assist_state assist_state(const struct assist_row *r, int64_t now) {
    if (now > r->expires_at)
        return ASSIST_EXPIRED;
    return r->uses > 0 && r->used >= r->uses ? ASSIST_USED_UP : ASSIST_GOOD;
}

struct meta_value {
    char *value;
    size_t cap;
};

static enum rc meta_row(void *arg, const struct db_row *r) {
    struct meta_value *m = arg;
    return db_get_text(r, 0, m->value, m->cap);
}

enum rc meta_get(struct db *db, const char *key, char *value, size_t cap) {
    struct meta_value m = {value, cap};
    enum rc rc = db_one(db, "SELECT value FROM meta WHERE key = $1", DB_ARGS(db_text(key)), meta_row, &m);
    if (rc == RC_NOT_FOUND)
        FAIL(RC_NOT_FOUND, "the database knows no \"%s\"", key);
    return rc;
}

enum rc meta_put(struct tx *tx, const char *key, const char *value) {
    return db_exec(
        tx->db, "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        DB_ARGS(db_text(key), db_text(value)), NULL);
}
