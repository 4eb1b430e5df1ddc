/* The store on SQLite: the common body, and what only a file has. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

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
    MUST_OK(store_ping(s));
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
    MUST_OK(store_ping(s)); /* puts a row */
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_private),
        cmocka_unit_test(what_is_no_database_is_refused),
        cmocka_unit_test(a_full_disk_fails_the_write_and_harms_nothing),
        cmocka_unit_test(a_statement_within_itself_is_a_bug),
        cmocka_unit_test(statements_are_limited),
    };
    if (tmp_make(&tmp, NULL, "store") != RC_OK) {
        fprintf(stderr, "%s\n", err_text());
        return 1;
    }
    int failed = store_body(&(struct backend){"store on SQLite", fresh});
    failed += cmocka_run_group_tests_name("SQLite only", tests, NULL, NULL);
    tmp_free(&tmp);
    return failed != 0;
}
