/* The audit chain: what is put comes back, and every way of editing the database behind its back is found. */
#include <stdio.h>
#include <string.h>

#include "store_body.h"

#define LINES 12

static struct store *with_lines(char dsn[DSN_CAP]) {
    struct store *s = fresh_store(dsn);
    char detail[32];
    for (int i = 1; i <= LINES; i++) {
        snprintf(detail, sizeof detail, "{\"n\":%d}", i);
        MUST_OK(store_write(s, NOW + i, put_line, detail));
    }
    assert_int_equal(lines_in(s), LINES);
    return s;
}

static enum rc verify(struct db *db, void *lines) {
    struct audit_end end;
    TRY(audit_verify(db, &end));
    *(int64_t *)lines = end.seq;
    return RC_OK;
}

/* After `sql` the chain is broken, and the text says where. */
static void edit_is_found(const char *sql, const char *where) {
    char dsn[DSN_CAP];
    struct store *s = with_lines(dsn);
    int64_t lines = -1;
    raw(dsn, sql);
    MUST_FAIL(RC_REFUSED, store_read(s, verify, &lines));
    if (strstr(err_text(), where) == NULL)
        fail_msg("\"%s\" does not name \"%s\" after %s", err_text(), where, sql);
    assert_int_equal(lines, -1);
    store_free(s);
}

static void every_edit_is_found(void **state) {
    (void)state;
    edit_is_found("UPDATE audit SET detail = '{\"n\":9}' WHERE seq = 5", "line 5:");
    edit_is_found("UPDATE audit SET at = at + 1 WHERE seq = 1", "line 1:");
    edit_is_found("UPDATE audit SET kind = 'other' WHERE seq = 12", "line 12:");
    edit_is_found("UPDATE audit SET actor = '' WHERE seq = 7", "line 7:");
    edit_is_found("UPDATE audit SET old_serial = '' WHERE seq = 7", "line 7:");
    edit_is_found("UPDATE audit SET hash = 'nonsense' WHERE seq = 3", "line 3:");
    edit_is_found("UPDATE audit SET actor = 'tes', kind = 'testt' WHERE seq = 3", "line 3:");
}

static void every_removal_is_found(void **state) {
    (void)state;
    edit_is_found("DELETE FROM audit WHERE seq = 5", "line 5:");
    edit_is_found("DELETE FROM audit WHERE seq = 1", "line 1:");
    edit_is_found("DELETE FROM audit WHERE seq >= 9", "line 9:");
    edit_is_found("DELETE FROM audit", "line 1:");
    edit_is_found("DELETE FROM audit WHERE seq >= 9; UPDATE audit_head SET seq = 8", "line 8:");
    edit_is_found("DELETE FROM audit_head", "line 0:");
    edit_is_found("DELETE FROM audit WHERE seq = 5; UPDATE audit SET seq = seq - 1 WHERE seq = 6;"
                  "UPDATE audit SET seq = 6 WHERE seq = 12; UPDATE audit_head SET seq = 11",
                  "line 5:");
}

static void every_insertion_is_found(void **state) {
    (void)state;
#define LIKE_5(seq)                                                                                                    \
    "INSERT INTO audit (seq, at, kind, old_serial, actor, detail, hash) SELECT " seq                                   \
    ", at, kind, old_serial, actor, detail, hash FROM audit WHERE seq = 5"
    edit_is_found(LIKE_5("13"), "line 13:");
    edit_is_found(LIKE_5("13") "; UPDATE audit_head SET seq = 13", "line 13:");
    edit_is_found(LIKE_5("0"), "line 0:");
    edit_is_found("UPDATE audit SET seq = 99 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6;"
                  "UPDATE audit SET seq = 6 WHERE seq = 99",
                  "line 5:");
}

struct seen {
    struct sha256 last;
    int64_t lines;
    struct buf json;
};

static enum rc see(void *arg, const struct audit_line *l) {
    struct seen *s = arg;
    assert_memory_equal(&l->prev, &s->last, sizeof l->prev);
    s->last = l->hash;
    s->lines++;
    buf_clear(&s->json);
    return audit_format(l, &s->json);
}

static enum rc see_all(struct db *db, void *arg) {
    return audit_each(db, see, arg);
}

static enum rc put_refusal(struct tx *tx, void *arg) {
    (void)arg;
    TRY(put_line(tx, NULL));
    return audit_put(tx, &(struct audit_event){"refused", "5404FF", "subscriber", "{\"why\":\"suspended\"}"});
}

static void lines_are_read_back_and_exported(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    struct seen seen = {0};
    assert_int_equal(lines_in(s), 0);
    MUST_OK(store_write(s, NOW, put_refusal, NULL));
    MUST_OK(store_read(s, see_all, &seen));
    assert_int_equal(seen.lines, 2);
    char hash[2 * SHA256_LEN + 1];
    sha256_hex(seen.last, hash);
    assert_non_null(strstr(buf_str(&seen.json),
                           "{\"seq\":2,\"at\":\"2020-03-14T17:00:00Z\",\"kind\":\"refused\",\"old_serial\":\"5404FF\","
                           "\"actor\":\"subscriber\",\"detail\":{\"why\":\"suspended\"},\"prev\":\""));
    assert_non_null(strstr(buf_str(&seen.json), hash));
    assert_null(strchr(buf_str(&seen.json), '\n'));
    buf_free(&seen.json);
}

static enum rc put_2500(struct tx *tx, void *arg) {
    for (int i = 0; i < 2500; i++)
        TRY(put_line(tx, arg));
    return RC_OK;
}

static void a_long_chain_is_verified_in_batches(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(store) s = fresh_store(dsn);
    int64_t lines;
    MUST_OK(store_write(s, NOW, put_2500, NULL));
    assert_int_equal(lines_in(s), 2500);
    raw(dsn, "UPDATE audit SET actor = 'x' WHERE seq = 2001");
    MUST_FAIL(RC_REFUSED, store_read(s, verify, &lines));
    assert_non_null(strstr(err_text(), "line 2001:"));
}

/* SHA-256 of 32 zero bytes and "1 1584205200 4:test,-4:test,2:{},": the format is a promise to outside checkers. */
static void the_canonical_line_never_changes(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    struct seen seen = {0};
    static const uint8_t zeros[SHA256_LEN];
    struct sha256 expected = sha256_of2(span_of(zeros, sizeof zeros), span_str("1 1584205200 4:test,-4:test,2:{},"));
    MUST_OK(store_write(s, NOW, put_line, NULL));
    MUST_OK(store_read(s, see_all, &seen));
    assert_memory_equal(&seen.last, &expected, sizeof expected);
    buf_free(&seen.json);
}

size_t body_audit(struct CMUnitTest *out) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_edit_is_found),
        cmocka_unit_test(every_removal_is_found),
        cmocka_unit_test(every_insertion_is_found),
        cmocka_unit_test(lines_are_read_back_and_exported),
        cmocka_unit_test(a_long_chain_is_verified_in_batches),
        cmocka_unit_test(the_canonical_line_never_changes),
    };
    memcpy(out, tests, sizeof tests);
    return COUNT(tests);
}
