/* The store on PostgreSQL: the common body, and what only a server has: it may go away. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "lib/pg.h"
#include "store_body.h"

static struct pg_server server;

static void fresh(char dsn[DSN_CAP]) {
    MUST_OK(pg_fresh(&server, dsn));
}

/* Cuts every other connection. */
#define CUT                                                                                                            \
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "                       \
    "AND pid <> pg_backend_pid()"

static void connections_lost_while_idle_are_made_again(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(store) s = fresh_store(dsn);
    MUST_OK(store_write(s, NOW, put_line, NULL));
    raw(dsn, CUT);
    MUST_OK(store_write(s, NOW, put_line, NULL));
    raw(dsn, CUT);
    for (int i = 0; i < 8; i++) /* every reader */
        assert_int_equal(lines_in(s), 2);
}

struct cutting {
    const char *dsn;
    int runs;
};

static enum rc cut_once(struct tx *tx, void *arg) {
    struct cutting *c = arg;
    TRY(put_line(tx, NULL));
    if (c->runs++ == 0)
        raw(c->dsn, CUT);
    return put_line(tx, NULL);
}

static void a_connection_lost_in_a_body_is_tried_once_more(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(store) s = fresh_store(dsn);
    struct cutting c = {dsn, 0};
    MUST_OK(store_write(s, NOW, cut_once, &c));
    assert_int_equal(c.runs, 2);
    assert_int_equal(lines_in(s), 2);
}

static enum rc cut_before_commit(struct tx *tx, void *arg) {
    struct cutting *c = arg;
    TRY(put_line(tx, NULL));
    c->runs++;
    raw(c->dsn, CUT);
    return RC_OK;
}

/* The audit's head is written last: the loss shows there, nothing was committed, and the second try is cut as well. */
static void what_may_not_be_recorded_is_not_reported_done(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(store) s = fresh_store(dsn);
    struct cutting c = {dsn, 0};
    MUST_FAIL(RC_BUSY, store_write(s, NOW, cut_before_commit, &c));
    assert_int_equal(c.runs, 2);
    assert_int_equal(lines_in(s), 0);
    MUST_OK(store_write(s, NOW, put_line, NULL));
}

static enum rc swallow(struct tx *tx, void *arg) {
    (void)arg;
    TRY(put_line(tx, NULL));
    enum rc rc = db_exec(tx->db, "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '')", DB_NO_ARGS, NULL);
    return rc == RC_EXISTS ? RC_OK : RC_BUG;
}

static enum rc swallow_and_commit(struct db *db) {
    TRY(db_begin(db));
    struct tx tx = {db, NOW, &(struct audit_head){0}};
    TRY(swallow(&tx, NULL));
    return db_commit(db);
}

/* PostgreSQL answers the COMMIT of a failed transaction with success and rolls it back. */
static void a_commit_that_was_a_rollback_is_told(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(store) s = fresh_store(dsn);
    AUTO_PTR(db) db = NULL;
    MUST_OK(db_open(dsn, &db));
    MUST_FAIL(RC_DB, swallow_and_commit(db));
    assert_non_null(strstr(err_text(), "rolled back"));
    MUST_FAIL(RC_DB, store_write(s, NOW, swallow, NULL));
    assert_int_equal(lines_in(s), 0);
}

static enum rc ask_settings(struct tx *tx, void *arg) {
    return db_one(tx->db,
                  "SELECT current_setting('synchronous_commit') = 'on' "
                  "AND current_setting('transaction_isolation') = 'read committed'",
                  DB_NO_ARGS, get_int, arg);
}

/* What the server is set to for others: a commit that may still be lost, and reads older than the lock. */
static void settings_of_the_server_do_not_weaken_a_write(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    int64_t strong = 0;
    store_free(fresh_store(dsn));
    raw(dsn, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); "
             "EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''', "
             "current_database()); END $$");
    AUTO_PTR(store) s = NULL;
    MUST_OK(store_open(dsn, 1, &s));
    MUST_OK(store_write(s, NOW, ask_settings, &strong));
    assert_int_equal(strong, 1);
    strong = 0;
    raw(dsn, CUT);
    MUST_OK(store_write(s, NOW, ask_settings, &strong)); /* on a connection made again, too */
    assert_int_equal(strong, 1);
}

struct crashing {
    struct store *store;
    atomic_bool stop;
    atomic_int acked;
    int busy, other;
};

static void *write_on(void *arg) {
    struct crashing *c = arg;
    while (!atomic_load(&c->stop)) {
        enum rc rc = store_write(c->store, NOW, put_line, NULL);
        c->acked += rc == RC_OK;
        c->busy += rc == RC_BUSY;
        c->other += rc != RC_OK && rc != RC_BUSY;
        if (rc != RC_OK)
            usleep(5000);
    }
    return NULL;
}

/* Five more writes than `before`, however slow the machine: a minute is what it may take. */
static void wait_for_writes(struct crashing *c, int before) {
    for (int i = 0; i < 12000 && c->acked < before + 5; i++)
        usleep(5000);
}

static void a_server_that_crashes_loses_nothing_acknowledged(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    struct crashing c = {.store = s};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_on, &c), 0);
    for (int i = 0; i < 3; i++) {
        wait_for_writes(&c, c.acked);
        MUST_OK(pg_crash(&server));
    }
    wait_for_writes(&c, c.acked);
    atomic_store(&c.stop, true);
    pthread_join(thread, NULL);
    assert_true(c.acked >= 20);
    assert_int_equal(c.other, 0);
    MUST_OK(store_write(s, NOW, put_line, NULL));
    int64_t lines = lines_in(s);
    assert_true(lines >= c.acked + 1 && lines <= c.acked + c.busy + 1);
}

static enum rc count_lines(struct db *db, void *n) {
    return db_one(db, "SELECT count(*) FROM audit", DB_NO_ARGS, get_int, n);
}

#define HURRY_MS 500
#define SLACK_MS 6000 /* a new connection's time-out of 3 s, and a busy machine */

/* Frozen, not dead: the kernel goes on answering for it, so only a deadline of ours can tell. */
static void a_frozen_server_is_told_in_time_and_taken_up_again(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    int64_t n = 0;
    MUST_OK(store_write(s, NOW, put_line, NULL));
    MUST_OK(store_hurry(s, HURRY_MS, 2 * HURRY_MS));
    MUST_OK(pg_freeze(&server, true));
    int64_t began = os_clock_ms();
    enum rc reads[2];
    for (int i = 0; i < 2; i++) /* the same reader twice: the second time it has no connection any more */
        reads[i] = store_read(s, count_lines, &n);
    int64_t read_ms = os_clock_ms() - began;
    began = os_clock_ms();
    usleep(1100000); /* the last commit is no proof any more */
    enum rc ping = store_ping(s, 1000);
    int64_t ping_ms = os_clock_ms() - began;
    began = os_clock_ms();
    enum rc write = store_write(s, NOW, put_line, NULL);
    int64_t write_ms = os_clock_ms() - began;
    MUST_OK(pg_freeze(&server, false)); /* before anything is asserted: the server must go with the test */
    for (int i = 0; i < 2; i++)
        assert_int_equal(reads[i], RC_BUSY);
    assert_in_range(read_ms, HURRY_MS, 2 * SLACK_MS);
    assert_int_equal(ping, RC_BUSY);
    assert_in_range(ping_ms, 1000, 1100 + 1000 + 2000);
    assert_int_equal(write, RC_BUSY);
    assert_in_range(write_ms, 0, 2 * HURRY_MS + 2 * SLACK_MS);
    MUST_OK(store_write(s, NOW, put_line, NULL));
    MUST_OK(store_ping(s, PING_MS));
    for (int i = 0; i < 8; i++)
        assert_in_range(lines_in(s), 2, 3); /* the one that was cut may have come through */
}

static enum rc sleep_long(struct db *db, void *n) {
    return db_one(db, "SELECT count(pg_sleep(30))", DB_NO_ARGS, get_int, n);
}

static void a_statement_that_takes_too_long_is_ended_and_the_connection_stays(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    int64_t n;
    MUST_OK(store_hurry(s, HURRY_MS, HURRY_MS));
    MUST_FAIL(RC_BUSY, store_read(s, sleep_long, &n));
    assert_non_null(strstr(err_text(), "statement timeout"));
    assert_int_equal(lines_in(s), 0);
}

static enum rc unknown_type(struct db *db, void *n) {
    return db_one(db, "SELECT CAST(1.5 AS numeric)", DB_NO_ARGS, get_int, n);
}

static void a_type_we_do_not_use_is_a_bug(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    int64_t n;
    MUST_FAIL(RC_BUG, store_read(s, unknown_type, &n));
}

static void both_kinds_of_dsn_are_understood(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(db) db = NULL;
    snprintf(dsn, sizeof dsn, "host=127.0.0.1 port=%d user=capbu dbname=postgres", server.port);
    MUST_OK(db_open(dsn, &db));
    assert_true(db_is_postgres(db));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_lost_while_idle_are_made_again),
        cmocka_unit_test(a_connection_lost_in_a_body_is_tried_once_more),
        cmocka_unit_test(what_may_not_be_recorded_is_not_reported_done),
        cmocka_unit_test(a_commit_that_was_a_rollback_is_told),
        cmocka_unit_test(settings_of_the_server_do_not_weaken_a_write),
        cmocka_unit_test(a_server_that_crashes_loses_nothing_acknowledged),
        cmocka_unit_test(a_frozen_server_is_told_in_time_and_taken_up_again),
        cmocka_unit_test(a_statement_that_takes_too_long_is_ended_and_the_connection_stays),
        cmocka_unit_test(a_type_we_do_not_use_is_a_bug),
        cmocka_unit_test(both_kinds_of_dsn_are_understood),
    };
    enum rc rc = pg_start(&server);
    if (rc != RC_OK) {
        fprintf(stderr, "skipped: %s\n", err_text());
        return rc == RC_NOT_FOUND ? 77 : 1;
    }
    int failed = store_body(
        &(struct backend){"store on PostgreSQL", fresh,
                          "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                          "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$; "
                          "CREATE TRIGGER nearly_full BEFORE INSERT OR UPDATE ON meta FOR EACH ROW "
                          "WHEN (length(NEW.value) > 1000) EXECUTE FUNCTION full_disk()",
                          "DROP TRIGGER nearly_full ON meta"});
    failed += cmocka_run_group_tests_name("PostgreSQL only", tests, NULL, NULL);
    pg_stop(&server);
    return failed != 0;
}
