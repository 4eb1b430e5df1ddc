/* Values, statements, transactions and migrations, the same on both back ends. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/day.h"
#include "store/migrate.h"
#include "store_body.h"

static struct db *fresh_db(char dsn[DSN_CAP]) {
    struct db *db = NULL;
    backend->fresh(dsn);
    MUST_OK(db_open(dsn, &db));
    MUST_OK(db_script(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, n BIGINT, s TEXT, b BYTEA, u TEXT UNIQUE);"
                          "CREATE TABLE child (id INTEGER PRIMARY KEY REFERENCES t (id))"));
    return db;
}

#define INSERT "INSERT INTO t (id, n, s, b) VALUES ($1, $2, $3, $4)"
#define SELECT "SELECT n, s, b FROM t WHERE id = $1"

struct cells {
    int64_t n;
    enum db_type types[3];
    char s[64];
    struct buf b;
};

static enum rc read_cells(void *arg, const struct db_row *r) {
    struct cells *c = arg;
    for (int i = 0; i < 3; i++)
        c->types[i] = r->v[i].type;
    c->n = db_get_instant(r, 0);
    TRY(db_get_text(r, 1, c->s, sizeof c->s));
    return buf_set(&c->b, db_get_span(r, 2));
}

static void values_come_back_as_they_were(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(db) db = fresh_db(dsn);
    static const int64_t ints[] = {0, -1, 1, INT64_MAX, INT64_MIN + 1, 0x0102030405060708};
    struct cells c = {0};
    for (size_t i = 0; i < COUNT(ints); i++) {
        uint8_t blob[] = {0, 0xff, (uint8_t)i, 0};
        MUST_OK(db_exec(db, INSERT,
                        DB_ARGS(db_int((int64_t)i), db_int(ints[i]), db_text("đủ dấu"), db_blob(span_of(blob, 4))),
                        NULL));
        MUST_OK(db_one(db, SELECT, DB_ARGS(db_int((int64_t)i)), read_cells, &c));
        assert_true(c.n == ints[i]);
        assert_string_equal(c.s, "đủ dấu");
        assert_true(span_eq(buf_span(&c.b), span_of(blob, 4)));
    }
    MUST_OK(db_exec(db, INSERT, DB_ARGS(db_int(50), db_instant(INSTANT_NONE), db_text(NULL), db_null()), NULL));
    MUST_OK(db_one(db, SELECT, DB_ARGS(db_int(50)), read_cells, &c));
    assert_true(c.types[0] == DB_NULL && c.types[1] == DB_NULL && c.types[2] == DB_NULL);
    assert_true(c.n == INSTANT_NONE && c.s[0] == '\0' && c.b.len == 0);
    MUST_OK(db_exec(db, INSERT, DB_ARGS(db_int(51), db_int(0), db_text(""), db_blob(span_of("", 0))), NULL));
    MUST_OK(db_one(db, SELECT, DB_ARGS(db_int(51)), read_cells, &c));
    assert_true(c.types[1] == DB_TEXT && c.types[2] == DB_BLOB && c.b.len == 0);
    AUTO(buf) big = {0};
    MUST_OK(buf_reserve(&big, 3 << 20));
    memset(big.data, 0xa5, 3 << 20);
    MUST_OK(db_exec(db, INSERT, DB_ARGS(db_int(52), db_null(), db_null(), db_blob(span_of(big.data, 3 << 20))), NULL));
    MUST_OK(db_one(db, SELECT, DB_ARGS(db_int(52)), read_cells, &c));
    assert_int_equal(c.b.len, 3 << 20);
    assert_memory_equal(c.b.data, big.data, c.b.len);
    buf_free(&c.b);
}

static enum rc refuse(void *arg, const struct db_row *r) {
    (void)r;
    ++*(int64_t *)arg;
    FAIL(RC_REFUSED, "enough");
}

static void codes_tell_what_happened(void **state) {
    (void)state;
    char dsn[DSN_CAP], tiny[4];
    AUTO_PTR(db) db = fresh_db(dsn);
    int64_t n = 0;
    MUST_OK(db_exec(db, INSERT, DB_ARGS(db_int(1), db_int(7), db_text("long text"), db_null()), &n));
    assert_int_equal(n, 1);
    MUST_FAIL(RC_EXISTS, db_exec(db, INSERT, DB_ARGS(db_int(1), db_int(7), db_text("s"), db_null()), NULL));
    MUST_OK(db_exec(db, "UPDATE t SET u = $1 WHERE id = $2", DB_ARGS(db_text("taken"), db_int(1)), NULL));
    MUST_FAIL(RC_EXISTS,
              db_exec(db, "INSERT INTO t (id, u) VALUES ($2, $1)", DB_ARGS(db_text("taken"), db_int(2)), NULL));
    MUST_FAIL(RC_NOT_FOUND, db_exec(db, "INSERT INTO child (id) VALUES ($1)", DB_ARGS(db_int(99)), NULL));
    MUST_FAIL(RC_DB, db_exec(db, "INSERT INTO nowhere (id) VALUES ($1)", DB_ARGS(db_int(99)), NULL));
    MUST_FAIL(RC_NOT_FOUND, db_one(db, SELECT, DB_ARGS(db_int(99)), get_int, &n));
    MUST_OK(db_exec(db, "INSERT INTO t (id) VALUES ($1), ($2)", DB_ARGS(db_int(3), db_int(4)), &n));
    assert_int_equal(n, 2);
    MUST_FAIL(RC_BUG, db_one(db, "SELECT id FROM t", DB_NO_ARGS, get_int, &n));
    n = 0;
    MUST_FAIL(RC_REFUSED, db_query(db, "SELECT id FROM t", DB_NO_ARGS, refuse, &n));
    assert_int_equal(n, 1);
    MUST_OK(db_exec(db, "UPDATE t SET n = 1 WHERE id = $1", DB_ARGS(db_int(77)), &n));
    assert_int_equal(n, 0);
    struct db_value cell = db_text("long text");
    struct db_row row = {&cell, 1};
    MUST_FAIL(RC_LIMIT, db_get_text(&row, 0, tiny, sizeof tiny));
}

static void a_parameter_may_stand_twice_and_in_any_order(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(db) db = fresh_db(dsn);
    int64_t n = 0;
    MUST_OK(db_exec(db, "INSERT INTO t (n, id) VALUES ($2, $1)", DB_ARGS(db_int(5), db_int(6)), NULL));
    MUST_OK(db_one(db, "SELECT n FROM t WHERE id = $1 AND (n > $1 OR n = $1) AND n = $2", DB_ARGS(db_int(5), db_int(6)),
                   get_int, &n));
    assert_int_equal(n, 6);
}

/* What goes into a file that nobody finds any more is not acknowledged. PostgreSQL keeps its own files. */
static void a_file_that_was_moved_is_noticed(void **state) {
    (void)state;
    char dsn[DSN_CAP], aside[DSN_CAP + 8];
    AUTO_PTR(db) db = fresh_db(dsn);
    if (!db_is_file(dsn))
        skip();
    (void)snprintf(aside, sizeof aside, "%s.aside", dsn);
    assert_int_equal(rename(dsn, aside), 0);
    MUST_OK(db_begin(db));
    MUST_OK(db_exec(db, "INSERT INTO t (id) VALUES ($1)", DB_ARGS(db_int(1)), NULL));
    MUST_FAIL(RC_DB, db_commit(db));
    assert_non_null(strstr(err_text(), "put the right one back"));
    db_rollback(db);
    assert_int_equal(rename(aside, dsn), 0);
    MUST_OK(db_begin(db));
    MUST_OK(db_exec(db, "INSERT INTO t (id) VALUES ($1)", DB_ARGS(db_int(1)), NULL));
    MUST_OK(db_commit(db));
}

static void a_transaction_is_all_or_nothing(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(db) db = fresh_db(dsn);
    int64_t n = 0;
    MUST_OK(db_begin(db));
    MUST_OK(db_exec(db, "INSERT INTO t (id) VALUES ($1)", DB_ARGS(db_int(1)), NULL));
    db_rollback(db);
    MUST_OK(db_begin(db));
    MUST_OK(db_exec(db, "INSERT INTO t (id) VALUES ($1)", DB_ARGS(db_int(2)), NULL));
    MUST_FAIL(RC_EXISTS, db_exec(db, "INSERT INTO t (id) VALUES ($1)", DB_ARGS(db_int(2)), NULL));
    db_rollback(db);
    db_rollback(db); /* harmless without a transaction */
    MUST_OK(db_begin(db));
    MUST_OK(db_exec(db, "INSERT INTO t (id) VALUES ($1)", DB_ARGS(db_int(3)), NULL));
    MUST_OK(db_commit(db));
    MUST_OK(db_query(db, "SELECT id FROM t", DB_NO_ARGS, count_row, &n));
    assert_int_equal(n, 1);
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void begin_takes_the_write_lock_and_does_not_wait_for_ever(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(db) db = fresh_db(dsn);
    AUTO_PTR(db) other = NULL;
    int64_t n = 0;
    MUST_OK(db_open(dsn, &other));
    MUST_OK(db_begin(db));
    double start = seconds();
    MUST_FAIL(RC_BUSY, db_begin(other));
    assert_true(seconds() - start > 3 && seconds() - start < 20);
    MUST_OK(db_query(other, "SELECT id FROM t", DB_NO_ARGS, count_row, &n)); /* readers do not wait */
    MUST_OK(db_commit(db));
    MUST_OK(db_begin(other));
    MUST_OK(db_commit(other));
}

static enum rc note_index(void *arg, size_t index, const struct db_row *r) {
    int64_t *seen = arg;
    assert_int_equal(db_get_int(r, 0), (int64_t)index);
    seen[index]++;
    return RC_OK;
}

static void bulk_runs_every_row_in_order(void **state) {
    (void)state;
    enum { ROWS = 1000 };
    static struct db_values rows[ROWS];
    static int64_t seen[ROWS];
    char dsn[DSN_CAP];
    AUTO_PTR(db) db = fresh_db(dsn);
    int64_t n = 0;
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < ROWS; i++)
        rows[i] = *DB_ARGS(db_int(i), db_int(i % 2 == 0 ? i : -i));
    MUST_OK(db_begin(db));
    MUST_OK(db_bulk(db, "INSERT INTO t (id, n) VALUES ($1, $2)", rows, ROWS));
    MUST_OK(db_bulk_query(db, "SELECT id FROM t WHERE id = $1 AND n = $2 AND n >= 0", rows, ROWS, note_index, seen));
    MUST_OK(db_commit(db));
    for (int i = 0; i < ROWS; i++)
        assert_int_equal(seen[i], i % 2 == 0);
    MUST_OK(db_bulk(db, "INSERT INTO t (id, n) VALUES ($1, $2)", rows, 0));
    rows[600].v[0] = db_int(7); /* taken */
    for (int i = 0; i < 600; i++)
        rows[i].v[0] = db_int(ROWS + i);
    MUST_OK(db_begin(db));
    MUST_FAIL(RC_EXISTS, db_bulk(db, "INSERT INTO t (id, n) VALUES ($1, $2)", rows, 601));
    db_rollback(db);
    MUST_OK(db_query(db, "SELECT id FROM t", DB_NO_ARGS, count_row, &n)); /* and the connection is in step */
    assert_int_equal(n, ROWS);
}

static enum rc get_word(void *out, const struct db_row *r) {
    return db_get_text(r, 0, out, 40);
}

static void a_schema_that_is_not_ours_is_refused(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    int64_t on_disk = 0, ours = 0;
    struct store *s = fresh_store(dsn);
    MUST_OK(store_version(s, &on_disk, &ours));
    assert_int_equal(on_disk, ours);
    store_free(s);
    MUST_OK(store_open(dsn, 1, &s)); /* again: nothing to do */
    store_free(s);
    s = NULL;
    raw(dsn, "INSERT INTO schema_version (version, sha256) VALUES (9999, 'x')");
    MUST_FAIL(RC_REFUSED, store_open(dsn, 1, &s));
    assert_non_null(strstr(err_text(), "9999"));
    assert_non_null(strstr(err_text(), "newer version"));
    raw(dsn, "DELETE FROM schema_version WHERE version = 9999; UPDATE schema_version SET sha256 = 'x'");
    MUST_FAIL(RC_REFUSED, store_open(dsn, 1, &s));
    assert_non_null(strstr(err_text(), "step 1"));
    assert_null(s);
}

static int64_t count_of(struct db *db, const char *sql) {
    int64_t n = -1;
    MUST_OK(db_one(db, sql, DB_NO_ARGS, get_int, &n));
    return n;
}

/* A programme that is under way gets the new version: its reservations find their consent again (R5.10). */
static void a_database_of_before_is_brought_up(void **state) {
    (void)state;
    char dsn[DSN_CAP], agreed[40] = "";
    int64_t at = 0, without = 0;
    struct store *s = fresh_store(dsn);
    (void)put_cert(s, 1);
    (void)put_cert(s, 2);
    (void)put_cert(s, 3);
    store_free(s);
    s = NULL;
    raw(dsn, "DELETE FROM schema_version WHERE version > 1; DROP TABLE publication; DROP INDEX consent_by_assist; "
             "DROP INDEX audit_changed; "
             "ALTER TABLE assist DROP COLUMN uses; ALTER TABLE consent DROP COLUMN lang; "
             "ALTER TABLE issued DROP COLUMN consent_at; ALTER TABLE issued DROP COLUMN consent_text; "
             "ALTER TABLE issued DROP COLUMN consent_lang; ALTER TABLE issued DROP COLUMN holder; "
             "ALTER TABLE issued DROP COLUMN marks; ALTER TABLE issued DROP COLUMN marks_at; "
             "ALTER TABLE issued DROP COLUMN receipt; ALTER TABLE issued DROP COLUMN mark_changes; "
             "ALTER TABLE issued DROP COLUMN request_hash; ALTER TABLE issued DROP COLUMN secret; "
             "ALTER TABLE issued DROP COLUMN asked_again; ALTER TABLE issued DROP COLUMN not_installed; "
             "ALTER TABLE audit_head DROP COLUMN mac; ALTER TABLE certs DROP COLUMN mac; "
             "ALTER TABLE phase_switch DROP COLUMN why; "
             "CREATE INDEX cmp_tx_by_time ON cmp_tx (at); DROP TABLE cmp_answer; "
             "ALTER TABLE cmp_tx ADD COLUMN response BYTEA NOT NULL DEFAULT ''; "
             "INSERT INTO assist (code_hash, channel, holder, expires_at) VALUES ('h', 'am', 'NV-7', 9); "
             "INSERT INTO consent (old_id, at, channel, assist_hash, client_version, device_model, text_id) "
             "VALUES (1, 77, 'am', 'h', '', '', 'data-confirmed-1'), (2, 99, 'am', 'h', '', '', 'data-confirmed-1'), "
             "(3, 99, 'am', 'h', '', '', 'data-confirmed-1'); "
             "INSERT INTO issued (old_id, old_serial, new_serial, tax_code, not_before, not_after, owed_days, "
             "cut_days, contract_end, channel, campaign_hash, reserved_at, tbs) "
             "VALUES (1, 'A', 'B', '1', 1, 2, 3, 0, 4, 'am', '', 80, ''), "
             "(2, 'C', 'D', '1', 1, 2, 3, 0, 4, 'am', '', 80, ''); "
             "INSERT INTO cmp_tx (transaction_id, at, old_id, old_serial, request, response) "
             "VALUES ('answered', 80, 1, 'A', 'kur', 'kup'), ('asked', 80, 2, 'C', 'kur', '')");
    MUST_OK(store_open(dsn, 1, &s));
    store_free(s);
    AUTO_PTR(db) db = NULL;
    MUST_OK(db_open(dsn, &db));
    MUST_OK(db_one(db, "SELECT consent_at FROM issued WHERE consent_text = 'data-confirmed-1' AND marks = 0",
                   DB_NO_ARGS, get_int, &at));
    assert_int_equal(at, 77);
    MUST_OK(db_one(db, "SELECT holder FROM issued WHERE old_id = 1", DB_NO_ARGS, get_word, agreed));
    assert_string_equal(agreed, "NV-7");
    MUST_OK(db_one(db, "SELECT COUNT(*) FROM issued WHERE consent_at IS NULL AND consent_text = '' AND holder = ''",
                   DB_NO_ARGS, get_int, &without)); /* given again after the reservation */
    assert_int_equal(without, 1);
    MUST_OK(db_one(db, "SELECT COUNT(*) FROM consent", DB_NO_ARGS, get_int, &without));
    assert_int_equal(count_of(db, "SELECT COUNT(*) FROM cmp_tx"), 2);
    assert_int_equal(count_of(db, "SELECT COUNT(*) FROM cmp_answer"), 1); /* what had none has none */
    assert_int_equal(without, 2); /* who asked for nothing has agreed to nothing, and uses no code up */
}

/* An empty database would issue every certificate a second time: only who says so gets one. */
static void an_empty_database_is_not_taken(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    struct store *s = NULL;
    backend->fresh(dsn);
    MUST_FAIL(RC_NOT_FOUND, store_open(dsn, 1, &s));
    assert_non_null(strstr(err_text(), "backup"));
    assert_null(s);
    MUST_OK(store_make(dsn, 0, NULL, NULL, NULL));
    MUST_OK(store_make(dsn, 0, NULL, NULL, NULL)); /* again: nothing to do */
    MUST_OK(store_open(dsn, 1, &s));
    store_free(s);
}

static void several_processes_may_migrate_at_once(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    pid_t children[6];
    backend->fresh(dsn);
    for (size_t i = 0; i < COUNT(children); i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct store *s = NULL;
            enum rc rc = store_make(dsn, 0, NULL, NULL, NULL);
            if (rc == RC_OK)
                rc = store_open(dsn, 1, &s);
            if (rc != RC_OK)
                dprintf(2, "child: %s\n", err_text());
            store_free(s);
            _exit(rc);
        }
    }
    for (size_t i = 0; i < COUNT(children); i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
}

static void a_database_that_cannot_be_opened_is_told(void **state) {
    (void)state;
    struct db *db = NULL;
    MUST_FAIL(RC_USAGE, db_open("", &db));
    MUST_FAIL(RC_IO, db_open("/nonexistent/folder/file.db", &db));
    MUST_FAIL(RC_BUSY, db_open("postgresql://capbu@127.0.0.1:1/none", &db));
    assert_null(db);
}

size_t body_db(struct CMUnitTest *out) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back_as_they_were),
        cmocka_unit_test(codes_tell_what_happened),
        cmocka_unit_test(a_parameter_may_stand_twice_and_in_any_order),
        cmocka_unit_test(a_file_that_was_moved_is_noticed),
        cmocka_unit_test(a_transaction_is_all_or_nothing),
        cmocka_unit_test(begin_takes_the_write_lock_and_does_not_wait_for_ever),
        cmocka_unit_test(bulk_runs_every_row_in_order),
        cmocka_unit_test(a_schema_that_is_not_ours_is_refused),
        cmocka_unit_test(a_database_of_before_is_brought_up),
        cmocka_unit_test(an_empty_database_is_not_taken),
        cmocka_unit_test(several_processes_may_migrate_at_once),
        cmocka_unit_test(a_database_that_cannot_be_opened_is_told),
    };
    memcpy(out, tests, sizeof tests);
    return COUNT(tests);
}
