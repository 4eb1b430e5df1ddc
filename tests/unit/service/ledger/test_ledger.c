/* The records against the audit: what somebody does to issued certificates behind the programs' back shows. */
#include "unit/service/world.h"

#include <string.h>

#include "service/ledger/ledger.h"
#include "store/control.h"

static enum rc verify(struct db *db, void *arg) {
    return ledger_verify(db, w.site.sealer, arg);
}

static void issue(uint32_t number) {
    AUTO(buf) der = {0};
    AUTO(cmp_answer) answer = {0};
    world_add(&w, &(struct person){.number = number}, &der);
    struct reissue_request req = {.kur.signer = buf_span(&der), .now_ms = (int64_t)DRILL_NOW * 1000};
    MUST_OK(world_reissue(&w.core, &req, &answer));
    assert_true(answer.granted);
}

static void tamper(const char *sql) {
    AUTO_PTR(db) db = NULL;
    MUST_OK(db_open(w.site.conf.database, &db));
    MUST_OK(db_script(db, sql));
}

static enum rc decide(struct tx *tx, void *arg) {
    return phase_switch_put(tx, "p1", *(enum phase_switch *)arg, "capbuctl:test", "a test");
}

static void must_show(const char *says) {
    int64_t lines;
    MUST_FAIL(RC_REFUSED, store_read(w.site.store, verify, &lines));
    if (strstr(err_text(), says) == NULL)
        fail_msg("says: %s", err_text());
}

static void test_tampering_shows(void **state) {
    (void)state;
    int64_t lines = 0;
    for (uint32_t i = 1; i <= 3; i++)
        issue(i);
    MUST_OK(store_read(w.site.store, verify, &lines));
    assert_true(lines >= 6);
    tamper("CREATE TABLE kept AS SELECT * FROM issued");
    tamper("DELETE FROM issued WHERE old_serial = '5404FFFE00000002'");
    must_show("not in the records");
    tamper("DELETE FROM issued; INSERT INTO issued SELECT * FROM kept");
    MUST_OK(store_read(w.site.store, verify, &lines));
    tamper("UPDATE issued SET der = (SELECT der FROM kept WHERE old_serial = '5404FFFE00000001') WHERE old_serial = "
           "'5404FFFE00000003'");
    must_show("another one");
    tamper("DELETE FROM issued; INSERT INTO issued SELECT * FROM kept");
    tamper("UPDATE issued SET old_serial = '5404FFFE00000009' WHERE old_serial = '5404FFFE00000003'");
    must_show("another one");
}

/* What the receipt says was agreed to, and what was signed for it, is the audit's too (R5.10). */
static void test_consent_shows(void **state) {
    static const char *const edits[] = {"consent_text = 'another.1'", "consent_at = 86400", "consent_lang = 'xx'",
                                        "channel = 'am'", "request_hash = 'ab'"};
    (void)state;
    int64_t lines = 0;
    issue(5);
    MUST_OK(store_read(w.site.store, verify, &lines));
    tamper("CREATE TABLE asked AS SELECT * FROM issued WHERE old_serial = '5404FFFE00000005'");
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        AUTO(buf) sql = {0};
        MUST_OK(buf_printf(&sql, "UPDATE issued SET %s WHERE old_serial = '5404FFFE00000005'", edits[i]));
        tamper(buf_str(&sql));
        must_show("another consent, channel or request");
        tamper("DELETE FROM issued WHERE old_serial = '5404FFFE00000005'; INSERT INTO issued SELECT * FROM asked");
        MUST_OK(store_read(w.site.store, verify, &lines));
    }
}

/* What a verdict rests on is sealed: prolonged by hand it shows, nothing is reserved or issued on it, and it is told.
   The operator's file, imported again, puts it right. */
static void test_a_record_changed_by_hand_shows(void **state) {
    (void)state;
    static const char *const edits[] = {"contract_to = contract_to + 300",
                                        "tax_code = '0100109107'",
                                        "status = 'active'",
                                        "contract_from = 0",
                                        "mac = (SELECT mac FROM certs WHERE serial = '5404FFFE00000033')",
                                        "mac = ''"};
    int64_t lines = 0;
    AUTO(buf) der = {0};
    AUTO(buf) other = {0};
    AUTO(buf) csv = {0};
    const struct person p = {.number = 50};
    world_add(&w, &(struct person){.number = 51}, &other); /* whose seal does not do for another */
    world_add(&w, &p, &der);
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    world_row(&w, &p, &csv);
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        AUTO(buf) sql = {0};
        AUTO(cmp_answer) answer = {0};
        if (strncmp(edits[i], "status", 6) == 0)
            world_set_status(&w, &p, "revoked");
        MUST_OK(buf_printf(&sql, "UPDATE certs SET %s WHERE serial = '5404FFFE00000032'", edits[i]));
        tamper(buf_str(&sql));
        must_show("5404FFFE00000032");
        struct reissue_request req = {.kur.signer = buf_span(&der), .now_ms = (int64_t)DRILL_NOW * 1000};
        int64_t told = world_audit_count(&w, "operator's file");
        MUST_OK(world_reissue(&w.core, &req, &answer));
        assert_false(answer.granted);
        assert_int_equal(world_audit_count(&w, "operator's file"), told + 1);
        world_import(&w, buf_str(&csv), (struct import_counts){.rows = 1, .changed = 1});
        MUST_OK(store_read(w.site.store, verify, &lines));
    }
    struct reissue_request req = {.kur.signer = buf_span(&der), .now_ms = (int64_t)DRILL_NOW * 1000};
    AUTO(cmp_answer) answer = {0};
    MUST_OK(world_reissue(&w.core, &req, &answer));
    assert_true(answer.granted); /* nothing was reserved by what was wrong */
}

/* A seal tells that capbu wrote it, not that it is the newest: a record of before, put back by hand with its seal,
   shows; and so does a phase that was opened or halted behind our back. */
static void test_what_was_put_back_by_hand_shows(void **state) {
    (void)state;
    int64_t lines = 0;
    AUTO(buf) der = {0};
    const struct person p = {.number = 60};
    enum phase_switch halted = PHASE_HALTED, planned = PHASE_PLANNED;
    world_add(&w, &p, &der);
    tamper("CREATE TABLE before AS SELECT * FROM certs WHERE serial = '5404FFFE0000003C'");
    world_set_status(&w, &p, "revoked");
    MUST_OK(store_read(w.site.store, verify, &lines));
    tamper(
        "UPDATE certs SET (status, status_at, row_hash, mac) = (SELECT status, status_at, row_hash, mac FROM before) "
        "WHERE serial = '5404FFFE0000003C'");
    must_show("5404FFFE0000003C is an older one");
    struct reissue_request req = {.kur.signer = buf_span(&der), .now_ms = (int64_t)DRILL_NOW * 1000};
    AUTO(cmp_answer) answer = {0};
    int64_t told = world_audit_count(&w, "is an older one");
    MUST_OK(world_reissue(&w.core, &req, &answer));
    assert_false(answer.granted); /* nor is anything issued on it, which is told */
    assert_int_equal(world_audit_count(&w, "is an older one"), told + 1);
    world_set_status(&w, &p, "revoked");
    MUST_OK(store_read(w.site.store, verify, &lines));
    tamper("INSERT INTO phase_switch (phase_id, value) VALUES ('p2', 'opened')");
    must_show("phase p2 is opened");
    tamper("DELETE FROM phase_switch");
    MUST_OK(store_write(w.site.store, DRILL_NOW, decide, &halted));
    MUST_OK(store_read(w.site.store, verify, &lines));
    tamper("UPDATE phase_switch SET value = 'opened'");
    must_show("the audit's last word is halted");
    tamper("DELETE FROM phase_switch");
    must_show("that the database lacks");
    MUST_OK(store_write(w.site.store, DRILL_NOW, decide, &planned));
    MUST_OK(store_read(w.site.store, verify, &lines));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_record_changed_by_hand_shows),
                                       cmocka_unit_test(test_what_was_put_back_by_hand_shows),
                                       cmocka_unit_test(test_consent_shows), cmocka_unit_test(test_tampering_shows)};
    return cmocka_run_group_tests_name("service/ledger", tests, world_setup, world_teardown);
}
