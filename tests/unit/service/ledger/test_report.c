/* Reports and exports: the counts of one small campaign, by every key and in every format. */
#include "unit/service/world.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "lib/run.h"
#include "service/issuing/reissue.h"
#include "service/ledger/export.h"
#include "service/ledger/report.h"

enum { OWED_V4, DONE_V4, ISSUED_V4, OWED_V2, HELD_V5, REVOKED_V4, PEOPLE };
static const struct person people[PEOPLE] = {
    [OWED_V4] = {.number = 1},
    [DONE_V4] = {.number = 2, .province = "79"},
    [ISSUED_V4] = {.number = 3, .province = "79", .tax_code = "0100109106-001"},
    [OWED_V2] = {.number = 4, .device = "v2"},
    [HELD_V5] = {.number = 5, .device = "v5", .contract_to = "2024-06-01"},
    [REVOKED_V4] = {.number = 6, .status = "revoked"},
};

static void renew(const struct buf *der, bool confirm) {
    AUTO(cmp_answer) answer = {0};
    AUTO(cmp_keep) keep = {0};
    AUTO(reissue_call) call = {.core = &w.core, .now_ms = DRILL_NOW * INT64_C(1000)};
    struct cmp_hooks h = reissue_hooks(&call);
    AUTO(buf) message = {0};
    struct cmp_kur kur = {.signer = buf_span(der), .core = pki_world_kur(&w.pki, buf_span(der), NULL, &message)};
    MUST_OK(h.reissue(h.arg, &kur, &answer));
    assert_true(answer.granted);
    if (confirm)
        MUST_OK(h.confirm(h.arg, span_of("0123456789abcdef", 16), buf_span(&answer.certificate), true, NULL, &keep));
}

static int setup(void **state) {
    world_setup(state);
    for (int i = 0; i < PEOPLE; i++) {
        AUTO(buf) der = {0};
        world_add(&w, &people[i], &der);
        if (i == DONE_V4 || i == ISSUED_V4)
            renew(&der, i == DONE_V4);
        if (i == OWED_V4)
            world_reserve_only(&der); /* reserved: owed, and no row of the export */
    }
    return 0;
}

static void csv_must_be(enum report_by by, const char *expected) {
    AUTO(report) r = {0};
    AUTO(buf) csv = {0};
    MUST_OK(report_run(&w.site, by, DRILL_NOW, &r));
    MUST_OK(report_csv(&r, LANG_EN, &csv));
    assert_string_equal(buf_str(&csv), expected);
}

#define TOLD ",told_tax,told_customs,told_social-insurance,told_e-invoice,told_bank,told_e-procurement"
#define NONE ",0,0,0,0,0,0"

static void test_by_each_key(void **state) {
    (void)state;
    csv_must_be(REPORT_DEVICE, "device,owed,done,issued,held,done_self,refused" TOLD "\nv2,1,0,0,0,0,0" NONE
                               "\nv4,3,1,1,0,1,1" NONE "\n"
                               "v5,1,0,0,1,0,0" NONE "\n");
    csv_must_be(REPORT_PROVINCE,
                "province,owed,done,issued,held,done_self,refused" TOLD "\n01 Hà Nội,3,0,0,1,0,1" NONE "\n"
                "79 Hồ Chí Minh,2,1,1,0,1,0" NONE "\n");
    csv_must_be(REPORT_PHASE, "phase,owed,done,issued,held,done_self,refused" TOLD "\n"
                              "\"Giai đoạn 1: v4, khách hàng tự thực hiện\",3,1,1,0,1,1" NONE "\n"
                              "Giai đoạn 2: thêm v2 và v5,2,0,0,1,0,0" NONE "\n");
    csv_must_be(REPORT_CHANNEL, "channel,owed,done,issued,held,done_self,refused" TOLD "\nself,2,1,1,0,1,0" NONE "\n");
    csv_must_be(REPORT_HOLDER, "holder,owed,done,issued,held,done_self,refused" TOLD "\n(none),2,1,1,0,1,0" NONE "\n");
    csv_must_be(REPORT_DAY, "day,owed,done,issued,held,done_self,refused" TOLD "\n2020-03-15,2,1,1,0,1,0" NONE "\n");
}

/* As many lines as there are people who helped, in the order they first did. */
static void test_many_holders(void **state) {
    enum { HOLDERS = 5000 };
    struct screened v = {
        .verdict.kind = VERDICT_DONE, .state = STATE_CONFIRMED, .device = DEVICE_V4, .channel = CHANNEL_AM};
    AUTO(report) r = {0};
    AUTO(buf) csv = {0};
    char last[64];
    (void)state;
    report_open(REPORT_HOLDER, &w.site.provinces, DRILL_NOW, &r);
    for (int n = 0; n < 3 * HOLDERS; n++) {
        (void)snprintf(v.holder, sizeof v.holder, "NV-%d", n % HOLDERS);
        MUST_OK(report_add(&r, &w.site.campaign, &v));
    }
    v.holder[0] = '\0'; /* nobody: the first line */
    MUST_OK(report_add(&r, &w.site.campaign, &v));
    report_end(&r, &w.site.campaign);
    assert_int_equal(r.line_count, HOLDERS + 1);
    assert_string_equal(r.lines[0].key, "(none)");
    for (int n = 0; n < HOLDERS; n++) {
        (void)snprintf(last, sizeof last, "NV-%d", n);
        assert_string_equal(r.lines[n + 1].key, last);
        assert_int_equal(r.lines[n + 1].tally.done, 3);
    }
    MUST_OK(report_csv(&r, LANG_EN, &csv));
    assert_non_null(strstr(buf_str(&csv), "\nNV-4999,3,3,0,0,0,0"));
}

static void test_headings_in_both_languages(void **state) {
    (void)state;
    AUTO(report) r = {0};
    AUTO(buf) csv = {0};
    MUST_OK(report_run(&w.site, REPORT_PROVINCE, DRILL_NOW, &r));
    MUST_OK(report_csv(&r, LANG_VI, &csv));
    const char *want = "\"Tỉnh, thành\",Phải bù,Đã xong,Chờ xác nhận,Chờ xử lý,Tự thực hiện,"
                       "Không thuộc diện,Đã báo: thuế,Hải quan,";
    assert_memory_equal(buf_str(&csv), want, strlen(want));
    assert_non_null(strstr(buf_str(&csv), "\n01 Hà Nội,3,0,0,1,0,1,"));
    report_free(&r);
    buf_clear(&csv);
    MUST_OK(report_run(&w.site, REPORT_HOLDER, DRILL_NOW, &r));
    MUST_OK(report_csv(&r, LANG_VI, &csv));
    assert_non_null(strstr(buf_str(&csv), "\n(không ai),2,1,1,0,"));
    for (int c = 0; c < REPORT_COLUMNS; c++)
        assert_string_not_equal(report_column_name(LANG_VI, (enum report_column)c),
                                report_column_name(LANG_EN, (enum report_column)c));
}

static void test_totals_and_goals(void **state) {
    (void)state;
    AUTO(report) r = {0};
    AUTO(buf) json = {0};
    MUST_OK(report_run(&w.site, REPORT_DEVICE, DRILL_NOW, &r));
    assert_int_equal(r.total, PEOPLE);
    assert_int_equal(r.by_verdict[VERDICT_ELIGIBLE], 2);
    assert_int_equal(r.by_verdict[VERDICT_DONE], 2);
    assert_int_equal(r.by_verdict[VERDICT_HELD], 1);
    assert_int_equal(r.by_verdict[VERDICT_REFUSED], 1);
    assert_int_equal(r.by_reason[REASON_REVOKED], 1);
    assert_int_equal(r.by_reason[REASON_ALREADY_COMPENSATED], 2);
    assert_int_equal(r.standings[0].owed, 5); /* R3.5 */
    assert_int_equal(r.standings[0].done, 1);
    assert_int_equal(r.standings[0].percent_tenths, 200);
    MUST_OK(report_json(&w.site, &r, &json));
    assert_non_null(strstr(buf_str(&json), "\"total\":6"));
    assert_non_null(strstr(buf_str(&json), "\"already-compensated\":2"));
    assert_non_null(strstr(buf_str(&json), "\"key\":\"v4\",\"owed\":3,\"done\":1,\"issued\":1"));
    assert_non_null(strstr(buf_str(&json), "\"clause\":\"R3.6\""));
}

/* After the old CA's end nobody can be served any more, and who was not stays owed: the final figures are true (R3.6).
 */
static void test_after_the_end(void **state) {
    (void)state;
    AUTO(report) r = {0};
    MUST_OK(report_run(&w.site, REPORT_DEVICE, INT64_C(1601683200), &r)); /* 2020-10-03 */
    assert_int_equal(r.by_verdict[VERDICT_REFUSED], 4);
    assert_int_equal(r.standings[0].owed, 5); /* who was held too; not who is revoked */
    assert_int_equal(r.standings[0].done, 1);
    assert_false(r.standings[0].met);
    assert_int_equal(r.lines[1].tally.owed, 3);
    assert_int_equal(r.lines[1].refused, 1);
}

static void test_names(void **state) {
    (void)state;
    enum report_by by = REPORT_DAY;
    for (int i = 0; i < REPORT_BY_COUNT; i++) {
        assert_true(report_by_from(report_by_name((enum report_by)i), &by));
        assert_int_equal(by, i);
    }
    assert_false(report_by_from("week", &by));
}

static void test_spreadsheet(void **state) {
    (void)state;
    AUTO(report) r = {0};
    AUTO(run) unzip = {0};
    char path[PATH_CAP], own[PATH_CAP];
    world_path(&w, "report.xlsx", path);
    MUST_OK(report_run(&w.site, REPORT_PROVINCE, DRILL_NOW, &r));
    MUST_OK(report_xlsx(&w.site, &r, LANG_VI, path, NULL));
    MUST_FAIL(RC_IO, report_xlsx(&w.site, &r, LANG_EN, "/nonexistent/report.xlsx", NULL));
    MUST_OK(report_xlsx(&w.site, &r, LANG_VI, path, NULL)); /* an earlier one */
    world_write(&w, "own.xlsx", "PK\3\4 somebody's own workbook");
    world_path(&w, "own.xlsx", own);
    MUST_FAIL(RC_REFUSED, report_xlsx(&w.site, &r, LANG_VI, own, NULL));
    RUN(&unzip, "python3", "-c",
        "import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(z.read('xl/sharedStrings.xml').decode())", path);
    assert_int_equal(unzip.status, 0);
    assert_non_null(strstr(buf_str(&unzip.out), "79 Hồ Chí Minh"));
    assert_non_null(strstr(buf_str(&unzip.out), "Chờ xác nhận"));
}

static void test_export(void **state) {
    (void)state;
    AUTO(buf) csv = {0};
    AUTO(out_file) out = {0};
    char path[PATH_CAP];
    int64_t rows = 0;
    world_path(&w, "export.csv", path);
    MUST_OK(out_file_open(path, (struct out_mark){.begins = EXPORT_CSV_HEADER}, NULL, &out));
    MUST_OK(export_csv(&w.site, &out, &rows));
    MUST_OK(out_file_close(&out));
    assert_int_equal(rows, 2);
    world_read(&w, "export.csv", &csv);
    const char *at = buf_str(&csv);
    assert_memory_equal(at, EXPORT_CSV_HEADER, strlen(EXPORT_CSV_HEADER));
    assert_non_null(strstr(at, "\n5404FFFE00000002,"));
    const char *done =
        strstr(at, ",0100109106,self,2020-03-15T02:00:00Z,2020-03-15T02:00:00Z,2020-03-15T02:00:00Z,MII");
    const char *issued = strstr(at, ",0100109106-001,self,2020-03-15T02:00:00Z,2020-03-15T02:00:00Z,,MII");
    assert_non_null(done);
    assert_non_null(issued);
    assert_true(done < issued);
    assert_null(strstr(at, "5404FFFE00000001"));
}

static void test_export_to_a_full_disk(void **state) {
    (void)state;
    int64_t rows = 0;
    AUTO(out_file) full = {0};
    MUST_OK(out_file_open("/dev/full", (struct out_mark){.begins = EXPORT_CSV_HEADER}, NULL, &full));
    enum rc rc = export_csv(&w.site, &full, &rows);
    assert_int_equal(rc == RC_OK ? out_file_close(&full) : rc, RC_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_each_key),
        cmocka_unit_test(test_many_holders),
        cmocka_unit_test(test_headings_in_both_languages),
        cmocka_unit_test(test_totals_and_goals),
        cmocka_unit_test(test_after_the_end),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_spreadsheet),
        cmocka_unit_test(test_export),
        cmocka_unit_test(test_export_to_a_full_disk),
    };
    return cmocka_run_group_tests(tests, setup, world_teardown);
}
