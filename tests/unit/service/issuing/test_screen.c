/* Screening: one certificate by itself or by serial, and all of them in order by several threads. */
#include "unit/service/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "base/hex.h"
#include "lib/run.h"
#include "service/issuing/screen.h"
#include "store/issue.h"

static void screen(const struct buf *der, struct screened *v) {
    MUST_OK(screen_certificate(&w.site, buf_span(der), DRILL_NOW, v));
}

static void reasons_must_be(const struct screened *v, const char *expected) {
    char text[REASONS_TEXT];
    reasons_format(v->verdict.reasons, text);
    assert_string_equal(text, expected);
}

static void test_owed(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct screened v;
    world_add(&w, &(struct person){.number = 0x0100}, &der);
    screen(&der, &v);
    assert_int_equal(v.verdict.kind, VERDICT_ELIGIBLE);
    assert_int_equal(v.verdict.new_not_after, CONTRACT_END);
    assert_int_equal(v.verdict.owed_days, 272); /* 02/10/2020 to 01/07/2021 */
    assert_true(v.opening.open);
    assert_int_equal(v.opening.channels, 1u << CHANNEL_SELF); /* R3.2 */
    assert_int_equal(v.state, STATE_OWED);
    assert_int_equal(v.phase, 0);
    assert_string_equal(v.serial, "5404FFFE00000100");
    assert_string_equal(v.new_serial, "");
}

static void test_not_imported(void **state) {
    (void)state;
    AUTO(buf) der = {0}, forged = {0}, foreign = {0}, garbage = {0};
    struct screened v;
    world_mint(&w, &(struct person){.number = 0x0200}, &der);
    world_mint(&w, &(struct person){.number = 0x0201, .forged = true}, &forged);
    world_mint(&w, &(struct person){.number = 0x0202, .by_new_ca = true}, &foreign);
    screen(&der, &v);
    reasons_must_be(&v, "unknown-certificate");
    assert_int_equal(v.phase, -1);
    assert_false(v.opening.open);
    screen(&forged, &v);
    reasons_must_be(&v, "bad-signature");
    screen(&foreign, &v);
    reasons_must_be(&v, "not-old-issuer");
    assert_int_equal(v.issuer, ISSUER_NEW); /* R2.6: the message says so */
    MUST_OK(buf_add_str(&garbage, "no certificate"));
    MUST_FAIL(RC_INPUT, screen_certificate(&w.site, buf_span(&garbage), DRILL_NOW, &v));
}

static void test_by_serial(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct screened v;
    static const char *const none[] = {"0", "5404FFFE00000301", "404FFFE00000300"};
    world_add(&w, &(struct person){.number = 0x0300}, &der);
    MUST_OK(screen_serial(&w.site, "0100109106", "5404FFFE00000300", DRILL_NOW, &v));
    assert_int_equal(v.verdict.kind, VERDICT_ELIGIBLE);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        MUST_OK(screen_serial(&w.site, "0100109106", none[i], DRILL_NOW, &v));
        reasons_must_be(&v, "unknown-certificate");
        assert_int_equal(v.verdict.old_not_after, INSTANT_NONE);
    }
    MUST_OK(screen_serial(&w.site, "0100109107", "5404FFFE00000300", DRILL_NOW, &v)); /* another's tax code */
    reasons_must_be(&v, "unknown-certificate");
}

/* Pure: what is issued decides the dates and the days of a done case. */
static void test_judge_issued(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct cert cert;
    struct screened v;
    struct phase_switches none = {0};
    struct cert_row row = {
        .id = 1, .status = STATUS_SUSPENDED, .device = DEVICE_V4, .province = 1, .contract_to = 18809};
    struct issued_row issued = {.new_serial = "AB",
                                .not_after = 1234567890,
                                .owed_days = 100,
                                .cut_days = 30,
                                .channel = CHANNEL_AGENT,
                                .reserved_at = 5,
                                .issued_at = INSTANT_NONE,
                                .confirmed_at = INSTANT_NONE};
    world_mint(&w, &(struct person){.number = 0x0400}, &der);
    MUST_OK(cert_parse(buf_span(&der), &cert));
    ca_identify(site_cas(&w.site), &cert);
    screen_judge(&w.site, &cert, &row, &issued, &none, DRILL_NOW, &v);
    assert_int_equal(v.state, STATE_RESERVED);
    reasons_must_be(&v, "suspended"); /* reserved is not issued */
    issued.issued_at = 6;
    screen_judge(&w.site, &cert, &row, &issued, &none, DRILL_NOW, &v);
    assert_int_equal(v.state, STATE_ISSUED);
    assert_int_equal(v.verdict.kind, VERDICT_DONE);
    reasons_must_be(&v, "already-compensated");
    assert_int_equal(v.verdict.new_not_after, 1234567890);
    assert_int_equal(v.verdict.owed_days, 70); /* the days given; 30 are still owed (R5.7) */
    assert_int_equal(v.channel, CHANNEL_AGENT);
    assert_string_equal(v.new_serial, "AB");
    issued.confirmed_at = 7;
    screen_judge(&w.site, &cert, &row, &issued, &none, DRILL_NOW, &v);
    assert_string_equal(state_name(v.state), "confirmed");
}

struct collected {
    int64_t last_id, rows, stop_at;
    uint64_t reasons;
};

static enum rc collect(void *arg, const struct cert_row *row, const struct screened *v) {
    struct collected *c = arg;
    if (row->id <= c->last_id)
        FAIL(RC_BUG, "row %ld after %ld", (long)row->id, (long)c->last_id);
    if (strcmp(row->serial, v->serial) != 0)
        FAIL(RC_BUG, "the verdict of %s was given to %s", v->serial, row->serial);
    c->last_id = row->id;
    c->rows++;
    c->reasons = c->reasons * 31 + v->verdict.reasons;
    if (c->rows == c->stop_at)
        FAIL(RC_IO, "enough");
    return RC_OK;
}

static void test_all_in_order(void **state) {
    (void)state;
    AUTO(buf) csv = {0};
    struct collected one = {0}, two = {0}, many = {0}, cut = {.stop_at = 700};
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    for (uint32_t i = 0; i < 1500; i++)
        world_row(&w,
                  &(struct person){.number = 0x10000 + i,
                                   .contract_to = i % 3 == 0 ? "2020-01-01" : NULL,
                                   .forged = i % 7 == 0,
                                   .device = i % 2 == 0 ? "v2" : NULL},
                  &csv);
    world_import(&w, buf_str(&csv), (struct import_counts){.rows = 1500, .added = 1500});
    MUST_OK(screen_all(&w.site, DRILL_NOW, 1, collect, &one));
    MUST_OK(screen_all(&w.site, DRILL_NOW, 2, collect, &two));
    MUST_OK(screen_all(&w.site, DRILL_NOW, 9, collect, &many));
    assert_true(one.rows >= 1500);
    assert_int_equal(one.rows, two.rows);
    assert_int_equal(one.rows, many.rows);
    assert_true(one.reasons == two.reasons && one.reasons == many.reasons);
    MUST_FAIL(RC_IO, screen_all(&w.site, DRILL_NOW, 2, collect, &cut)); /* the caller's failure ends it */
    assert_string_equal(err_text(), "enough");
    assert_int_equal(cut.rows, 700);
}

/* A row that no longer parses is a broken database, not a verdict. */
static void test_broken_row(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    AUTO_PTR(db) db = NULL;
    struct collected c = {0};
    world_add(&w, &(struct person){.number = 0x0500}, &der);
    MUST_OK(db_open(w.site.conf.database, &db));
    MUST_OK(db_exec(db, "UPDATE certs SET der = $1 WHERE serial = '5404FFFE00000500'",
                    DB_ARGS(db_blob(span_of("0\1", 2))), NULL));
    MUST_FAIL(RC_DB, screen_all(&w.site, DRILL_NOW, 2, collect, &c));
    assert_non_null(strstr(err_text(), "5404FFFE00000500"));
    MUST_OK(db_exec(db, "UPDATE certs SET der = $1 WHERE serial = '5404FFFE00000500'", DB_ARGS(db_blob(buf_span(&der))),
                    NULL));
}

static void csv_must_be(const struct person *p, const char *expected) {
    AUTO(buf) der = {0}, line = {0};
    AUTO(cert_row) row = {0};
    struct screened v;
    world_add(&w, p, &der);
    world_row_of(&w, p, &row);
    screen(&der, &v);
    MUST_OK(screen_csv_row(&w.site.campaign, &row, &v, &line));
    assert_string_equal(buf_str(&line), expected);
}

static void test_csv(void **state) {
    (void)state;
    csv_must_be(&(struct person){.number = 0x0600},
                "5404FFFE00000600,0100109106,01,v4,eligible,,2020-10-02T02:42:20Z,2021-07-01T16:59:59Z,272,"
                "\"Giai đoạn 1: v4, khách hàng tự thực hiện\"\n");
    csv_must_be(&(struct person){.number = 0x0601, .device = "v2", .province = "79", .contract_to = "2024-06-01"},
                "5404FFFE00000601,0100109106,79,v2,held,beyond-new-ca,2020-10-02T02:42:20Z,2024-06-01T16:59:59Z,1338,"
                "Giai đoạn 2: thêm v2 và v5\n"); /* held: the uncut end and days (R5.7) */
    csv_must_be(&(struct person){.number = 0x0602, .device = "v6", .status = "revoked", .contract_to = "2020-10-02"},
                "5404FFFE00000602,0100109106,01,v6,refused,revoked;contract-not-longer,2020-10-02T02:42:20Z,,,"
                "Giai đoạn 3: các phiên bản còn lại\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owed),         cmocka_unit_test(test_not_imported), cmocka_unit_test(test_by_serial),
        cmocka_unit_test(test_judge_issued), cmocka_unit_test(test_all_in_order), cmocka_unit_test(test_broken_row),
        cmocka_unit_test(test_csv),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
