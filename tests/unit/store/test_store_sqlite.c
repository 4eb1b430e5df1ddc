/* The store on SQLite: the common body, and what only a file has. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/tmp.h"
#include "store_body.h"

static struct tmp tmp;

static void fresh(char dsn[DSN_CAP]) {
    static int n;
    snprintf(dsn, DSN_CAP, "%s/%d.db", tmp.dir, ++n);
}

static void the_file_is_private(void **state) {
    (void)state;
    char dsn[DSN_CAP], path[DSN_CAP + 8];
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    AUTO_PTR(store) s = fresh_store(dsn);
    MUST_OK(store_ping(s, PING_MS));
    for (size_t i = 0; i < COUNT(suffixes); i++) {
        struct stat st;
        snprintf(path, sizeof path, "%s%s", dsn, suffixes[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

static void what_is_no_database_is_refused(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    struct store *s = NULL;
    fresh(dsn);
    MUST_OK(fs_write(dsn, span_str("this is a letter, not a database, and long enough to tell"), 0600));
    MUST_FAIL(RC_DB, store_open(dsn, 1, &s));
    assert_non_null(strstr(err_text(), "not a database"));
    MUST_FAIL(RC_USAGE, store_open(dsn, 0, &s));
    assert_null(s);
}

/* The file size limit stands for a full disk. */
static void a_full_disk_fails_the_write_and_harms_nothing(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    struct rlimit before, tight;
    char detail[4000];
    int written = 0;
    enum rc rc = RC_OK;
    memset(detail, 'x', sizeof detail - 1);
    detail[sizeof detail - 1] = '\0';
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 1 << 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (; rc == RC_OK && written < 1000; written += rc == RC_OK)
        rc = store_write(s, NOW, put_line, detail);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(rc, RC_DB);
    assert_true(written > 10);
    assert_int_equal(lines_in(s), written);
    MUST_OK(store_write(s, NOW, put_line, detail));
    assert_int_equal(lines_in(s), written + 1);
}

static enum rc again(void *arg, const struct db_row *r) {
    (void)r;
    return db_query(arg, "SELECT key FROM meta", DB_NO_ARGS, again, arg);
}

static enum rc nested(struct db *db, void *arg) {
    (void)arg;
    return db_query(db, "SELECT key FROM meta", DB_NO_ARGS, again, db);
}

static void a_statement_within_itself_is_a_bug(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    MUST_OK(store_ping(s, PING_MS)); /* puts a row */
    MUST_FAIL(RC_BUG, store_read(s, nested, NULL));
}

static enum rc too_many_statements(struct db *db, void *arg) {
    for (int i = 0; i < 200; i++) {
        AUTO(buf) sql = {0};
        TRY(buf_printf(&sql, "SELECT %d", i));
        TRY(db_query(db, buf_str(&sql), DB_NO_ARGS, get_int, arg));
    }
    return RC_OK;
}

static void statements_are_limited(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    int64_t n = 0;
    MUST_FAIL(RC_BUG, store_read(s, too_many_statements, &n));
}

/* However much is written in a row, and by whomever: the log beside the file stays small. */
static void the_log_stays_small(void **state) {
    (void)state;
    char dsn[DSN_CAP], path[DSN_CAP + 8], detail[4000];
    struct stat st;
    AUTO_PTR(store) s = fresh_store(dsn);
    off_t most = 0;
    memset(detail, 'x', sizeof detail - 1);
    detail[sizeof detail - 1] = '\0';
    snprintf(path, sizeof path, "%s-wal", dsn);
    for (int i = 0; i < 2000; i++) {
        MUST_OK(store_write(s, NOW, put_line, detail));
        assert_int_equal(stat(path, &st), 0);
        most = st.st_size > most ? st.st_size : most;
    }
    assert_in_range(most, 1 << 20, 5 << 20); /* 8 MiB were written, several times over */
}

static enum rc count_meta(struct db *db, void *n) {
    return db_one(db, "SELECT count(*) FROM audit", DB_NO_ARGS, get_int, n);
}

/* By its mode, as an ordinary user; on a read-only mount, as f-readonly of the integration tests has it, as anybody. */
static void a_copy_that_can_only_be_read_is_read(void **state) {
    (void)state;
    char dsn[DSN_CAP], dir[DSN_CAP], copy[DSN_CAP + 16];
    int64_t n = 0;
    if (geteuid() == 0)
        skip();
    AUTO_PTR(store) s = fresh_store(dsn);
    MUST_OK(store_write(s, NOW, put_line, NULL));
    store_free(MOVE(s)); /* folds the log in */
    snprintf(dir, sizeof dir, "%s/copy ?#%%", tmp.dir);
    snprintf(copy, sizeof copy, "%s/1.db", dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_int_equal(rename(dsn, copy), 0);
    assert_int_equal(chmod(copy, 0400), 0);
    assert_int_equal(chmod(dir, 0500), 0);
    MUST_OK(store_open(copy, 2, &s));
    MUST_OK(store_read(s, count_meta, &n));
    assert_int_equal(n, 1);
    assert_int_equal(lines_in(s), 1);
    MUST_FAIL(RC_DB, store_write(s, NOW, put_line, NULL));
    assert_non_null(strstr(err_text(), "can only be read here"));
    MUST_FAIL(RC_DB, store_ping(s, PING_MS));
    assert_int_equal(chmod(dir, 0700), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_private),
        cmocka_unit_test(what_is_no_database_is_refused),
        cmocka_unit_test(a_full_disk_fails_the_write_and_harms_nothing),
        cmocka_unit_test(a_statement_within_itself_is_a_bug),
        cmocka_unit_test(statements_are_limited),
        cmocka_unit_test(the_log_stays_small),
        cmocka_unit_test(a_copy_that_can_only_be_read_is_read),
    };
    if (tmp_make(&tmp, NULL, "store") != RC_OK) {
        fprintf(stderr, "%s\n", err_text());
        return 1;
    }
    int failed =
        store_body(&(struct backend){"store on SQLite", fresh,
                                     "CREATE TRIGGER nearly_full BEFORE INSERT ON meta WHEN length(NEW.value) > 1000 "
                                     "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
                                     "DROP TRIGGER nearly_full"});
    failed += cmocka_run_group_tests_name("SQLite only", tests, NULL, NULL);
    tmp_free(&tmp);
    return failed != 0;
}
