/* What both back ends share: values, cells, and which back end a DSN names. */
#include "store/db.h"

#include <assert.h>
#include <string.h>

#include "base/day.h"

struct db_value db_null(void) {
    return (struct db_value){.type = DB_NULL};
}

struct db_value db_int(int64_t i) {
    return (struct db_value){.type = DB_INT, .i = i};
}

struct db_value db_text(const char *s) {
    return s == NULL ? db_null() : (struct db_value){.type = DB_TEXT, .s = span_str(s)};
}

struct db_value db_blob(struct span s) {
    return s.ptr == NULL ? db_null() : (struct db_value){.type = DB_BLOB, .s = s};
}

struct db_value db_instant(int64_t instant) {
    return instant == INSTANT_NONE ? db_null() : db_int(instant);
}

static const struct db_value *cell(const struct db_row *r, int column) {
    assert(column >= 0 && column < r->n);
    return &r->v[column];
}

int64_t db_get_int(const struct db_row *r, int column) {
    const struct db_value *v = cell(r, column);
    return v->type == DB_INT ? v->i : 0;
}

int64_t db_get_instant(const struct db_row *r, int column) {
    const struct db_value *v = cell(r, column);
    return v->type == DB_INT ? v->i : INSTANT_NONE;
}

struct span db_get_span(const struct db_row *r, int column) {
    const struct db_value *v = cell(r, column);
    return v->type == DB_TEXT || v->type == DB_BLOB ? v->s : span_of(NULL, 0);
}

enum rc db_get_text(const struct db_row *r, int column, char *dst, size_t cap) {
    return text_set_span(dst, cap, db_get_span(r, column));
}

/* "host=… dbname=…": a keyword of libpq comes first. */
static bool starts_with_keyword(const char *dsn) {
    size_t n = strspn(dsn, "abcdefghijklmnopqrstuvwxyz_");
    return n > 0 && dsn[n] == '=';
}

static bool names_postgres(const char *dsn) {
    return strncmp(dsn, "postgresql://", 13) == 0 || strncmp(dsn, "postgres://", 11) == 0 || starts_with_keyword(dsn);
}

enum rc db_open(const char *dsn, struct db **out) {
    if (dsn == NULL || dsn[0] == '\0')
        FAIL(RC_USAGE, "no database is named: give the path of a file or postgresql://…");
    return names_postgres(dsn) ? db_pg_ops.open(dsn, out) : db_sqlite_ops.open(dsn, out);
}

void db_free(struct db *db) {
    if (db != NULL)
        db->ops->close(db);
}

enum rc db_begin(struct db *db) {
    return db->ops->begin(db);
}

enum rc db_commit(struct db *db) {
    return db->ops->commit(db);
}

void db_rollback(struct db *db) {
    db->ops->rollback(db);
}

enum rc db_deliver(const struct db_sink *to, const struct db_row *r) {
    if (to->row != NULL)
        return to->row(to->arg, r);
    return to->indexed != NULL ? to->indexed(to->arg, to->index, r) : RC_OK;
}

enum rc db_query(struct db *db, const char *sql, const struct db_values *args,
                 enum rc (*row)(void *arg, const struct db_row *r), void *arg) {
    return db->ops->query(db, sql, args, &(struct db_sink){.row = row, .arg = arg}, NULL);
}

enum rc db_exec(struct db *db, const char *sql, const struct db_values *args, int64_t *changed) {
    return db->ops->query(db, sql, args, &(struct db_sink){0}, changed);
}

struct one {
    enum rc (*row)(void *arg, const struct db_row *r);
    void *arg;
    int count;
};

static enum rc one_row(void *arg, const struct db_row *r) {
    struct one *one = arg;
    if (one->count++ > 0)
        FAIL(RC_BUG, "more than one row came back");
    return one->row(one->arg, r);
}

enum rc db_one(struct db *db, const char *sql, const struct db_values *args,
               enum rc (*row)(void *arg, const struct db_row *r), void *arg) {
    struct one one = {row, arg, 0};
    TRY(db_query(db, sql, args, one_row, &one));
    if (one.count == 0)
        FAIL(RC_NOT_FOUND, "there is no such row");
    return RC_OK;
}

enum rc db_bulk(struct db *db, const char *sql, const struct db_values *rows, size_t count) {
    return db->ops->bulk(db, sql, rows, count, (struct db_sink){0});
}

enum rc db_bulk_query(struct db *db, const char *sql, const struct db_values *rows, size_t count,
                      enum rc (*row)(void *arg, size_t index, const struct db_row *r), void *arg) {
    return db->ops->bulk(db, sql, rows, count, (struct db_sink){.indexed = row, .arg = arg});
}

enum rc db_script(struct db *db, const char *sql) {
    return db->ops->script(db, sql);
}

void db_idle(struct db *db) {
    db->ops->idle(db);
}

enum rc db_patience(struct db *db, int ms) {
    return db->ops->patience(db, ms);
}

bool db_read_only(const struct db *db) {
    return db->read_only;
}

bool db_is_file(const char *dsn) {
    return !names_postgres(dsn);
}

bool db_is_postgres(const struct db *db) {
    return db->ops == &db_pg_ops;
}
