/* The records against the audit: what somebody does to issued certificates behind the programs' back shows. */
#include "unit/service/world.h"

#include <string.h>

#include "service/ledger/ledger.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tampering_shows)};
    return cmocka_run_group_tests_name("service/ledger", tests, world_setup, world_teardown);
}
