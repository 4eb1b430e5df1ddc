/* Import: good rows in, each bad one out with its line and reason, and the same file again changes nothing. */
#include "unit/service/world.h"

#include <string.h>

#include "base/hex.h"
#include "service/intake/import_seen.h"

static enum rc import_text(const char *text, size_t len, const struct import_options *o, struct import_counts *counts) {
    char path[PATH_CAP];
    world_path(&w, "people.csv", path);
    MUST_OK(fs_write(path, span_of(text, len), 0600));
    return import_file(&w.site, path, o, counts);
}

static bool refused_exists(void) {
    char path[PATH_CAP];
    world_path(&w, "people.csv.refused.csv", path);
    return fs_exists(path);
}

static void count_part(void *arg, const char *name) {
    *(int *)arg += strstr(name, ".part-") != NULL;
}

static bool refused_part_exists(void) {
    char path[PATH_CAP];
    int n = 0;
    world_path(&w, "", path);
    fs_each(path, 1000, count_part, &n);
    return n > 0;
}

static void test_again_changes_nothing(void **state) {
    (void)state;
    AUTO(buf) csv = {0}, changed = {0};
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    for (uint32_t i = 0; i < 20; i++)
        world_row(&w, &(struct person){.number = 100 + i}, &csv);
    world_import(&w, buf_str(&csv), (struct import_counts){.rows = 20, .added = 20});
    assert_false(refused_exists());
    world_import(&w, buf_str(&csv), (struct import_counts){.rows = 20, .same = 20});
    MUST_OK(buf_add_str(&changed, WORLD_CSV_HEADER));
    world_row(&w, &(struct person){.number = 100}, &changed);
    world_row(&w, &(struct person){.number = 101, .contract_to = "2022-01-01"}, &changed);
    world_row(&w, &(struct person){.number = 102, .status = "revoked"}, &changed);
    world_row(&w, &(struct person){.number = 120}, &changed);
    world_import(&w, buf_str(&changed), (struct import_counts){.rows = 4, .added = 1, .changed = 2, .same = 1});
    assert_int_equal(world_audit_count(&w, "\"changed\":2,\"same\":1"), 1); /* of the import */
    assert_int_equal(world_audit_count(&w, "5404FFFE00000065"), 1);         /* of the row, number 101 */
}

/* BOM, any order, blanks around cells, composed and separate accents, optional columns. */
static void test_columns_in_any_order(void **state) {
    (void)state;
    AUTO(buf) csv = {0}, der = {0};
    struct import_counts counts = {0};
    struct import_options o = {0};
    AUTO(cert_row) row = {0};
    world_mint(&w, &(struct person){.number = 200, .tax_code = "0100109106001"}, &der);
    MUST_OK(buf_add_str(&csv, "\xef\xbb\xbf"
                              "email,certificate,status,contract_to,contract_from,device,province,name,"
                              "tax_code,contract,am\r\n a@b.vn ,"));
    MUST_OK(b64_to(buf_span(&der), &csv));
    MUST_OK(buf_add_str(&csv, ",active, 2021-07-01 ,2018-07-01,v4,79,\"CO\xcc\x82NG TY \"\"A\"\", B\",0100109106-001,"
                              "HD/200,Lan\r\n"));
    MUST_OK(import_text(buf_str(&csv), csv.len, &o, &counts));
    assert_int_equal(counts.added, 1);
    world_row_of(&w, &(struct person){.number = 200}, &row);
    assert_string_equal(row.name, "CÔNG TY \"A\", B");
    assert_string_equal(row.tax_code, "0100109106-001");
    assert_string_equal(row.email, "a@b.vn");
    assert_string_equal(row.am, "Lan");
    assert_int_equal(row.province, 79);
    assert_true(span_eq(buf_span(&row.der), buf_span(&der)));
}

static void test_unusable_headers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *says;
    } cases[] = {
        {"", 0, "empty"},
        {"\n\n", 2, "empty"},
        {"contract,tax_code\n", 18, "no column name"},
        {WORLD_CSV_HEADER, sizeof WORLD_CSV_HEADER - 1, "no record"}, /* an export that came out empty */
        {WORLD_CSV_HEADER ",,,,,,,\n\n", sizeof WORLD_CSV_HEADER + 8, "no record"},
        {"contract,," WORLD_CSV_HEADER, sizeof WORLD_CSV_HEADER + 9, "unknown column \"\""},
        {"status," WORLD_CSV_HEADER, sizeof WORLD_CSV_HEADER + 6, "twice"},
        {"colour," WORLD_CSV_HEADER, sizeof WORLD_CSV_HEADER + 6, "unknown column \"colour\""},
        {"Contract" WORLD_CSV_HEADER, sizeof WORLD_CSV_HEADER + 7, "unknown column"},
        {"\0\0\0\1\2", 5, "control-character"},
        {"PK\3\4\x14\0\x6\0", 8, "packed as ZIP"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct import_counts counts = {0};
        struct import_options o = {0};
        MUST_FAIL(RC_INPUT, import_text(cases[i].text, cases[i].len, &o, &counts));
        if (strstr(err_text(), cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, err_text());
    }
}

static void test_ignored_columns(void **state) {
    (void)state;
    AUTO(buf) csv = {0};
    struct import_counts counts = {0};
    struct import_options o = {.ignore_columns = true};
    MUST_OK(buf_add_str(&csv, "colour," WORLD_CSV_HEADER "red,"));
    world_row(&w, &(struct person){.number = 300}, &csv);
    MUST_OK(import_text(buf_str(&csv), csv.len, &o, &counts));
    assert_int_equal(counts.added, 1);
}

#define CERT "%CERT%"

/* Every kind of bad row, and what the reason begins with. */
static const struct {
    const char *row, *reason;
} bad_rows[] = {
    {",0100109106,A,01,v4,2021-07-01,active," CERT, "contract: "},
    {"HD,12345678,A,01,v4,2021-07-01,active," CERT, "tax_code: "},
    {"HD,123456789012345,A,01,v4,2021-07-01,active," CERT, "tax_code: "},
    {"HD,0100109106-01,A,01,v4,2021-07-01,active," CERT, "tax_code: "},
    {"HD,0100109106-0011,A,01,v4,2021-07-01,active," CERT, "tax_code: "},
    {"HD,01001O9106,A,01,v4,2021-07-01,active," CERT, "tax_code: "},
    {"HD,0100109106,,01,v4,2021-07-01,active," CERT, "name: "},
    {"HD,0100109106,A,1,v4,2021-07-01,active," CERT, "province: "},
    {"HD,0100109106,A,99,v4,2021-07-01,active," CERT, "province: "},
    {"HD,0100109106,A,01,v7,2021-07-01,active," CERT, "device: "},
    {"HD,0100109106,A,01,V4,2021-07-01,active," CERT, "device: "},
    {"HD,0100109106,A,01,v4,2021-02-29,active," CERT, "contract_to: "},
    {"HD,0100109106,A,01,v4,01/07/2021,active," CERT, "contract_to: "},
    {"HD,0100109106,A,01,v4,2021-07-01x,active," CERT, "contract_to: "},
    {"HD,0100109106,A,01,v4,2021-07-01,valid," CERT, "status: "},
    {"HD,0100109106,A,01,v4,2021-07-01,active,", "certificate: "},
    {"HD,0100109106,A,01,v4,2021-07-01,active,MIIB*", "certificate: "},
    {"HD,0100109106,A,01,v4,2021-07-01,active,MIIB", "certificate: "},
    {"HD,0100109106,A,01,v4,2021-07-01,active," CERT "AAAA", "certificate: "},
    {"HD,0100109106,A,01,v4,2021-07-01,active", "record: "},
    {"HD,0100109106,A,01,v4,2021-07-01,active," CERT ",x", "record: "},
    {"HD,0100109106,A\"B,01,v4,2021-07-01,active," CERT, "bad-quote"},
    {"HD,0100109106,\"A,01,v4,2021-07-01,active," CERT, "bad-quote"},
    {"HD,0100109106,A\xff,01,v4,2021-07-01,active," CERT, "not-utf8"},
    {"HD,0100109106,A\x07,01,v4,2021-07-01,active," CERT, "control-character"},
    {"=cmd,x,A,01,v4,2021-07-01,active," CERT, "tax_code: "},
};
#define BAD_ROWS (sizeof bad_rows / sizeof bad_rows[0])

static void put_bad(const char *row, const char *base64, struct buf *csv) {
    const char *at = strstr(row, CERT);
    if (at == NULL) {
        MUST_OK(buf_printf(csv, "%s\n", row));
        return;
    }
    MUST_OK(buf_printf(csv, "%.*s%s%s\n", (int)(at - row), row, base64, at + sizeof CERT - 1));
}

static void next_line(const char **at) {
    *at = strchr(*at, '\n');
    assert_non_null(*at);
    (*at)++;
}

static void test_refuses_each_bad_row(void **state) {
    (void)state;
    AUTO(buf) csv = {0}, der = {0}, base64 = {0}, refused = {0};
    world_mint(&w, &(struct person){.number = 400}, &der);
    MUST_OK(b64_to(buf_span(&der), &base64));
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    for (size_t i = 0; i < BAD_ROWS; i++) { /* each between two good ones */
        world_row(&w, &(struct person){.number = 401 + (uint32_t)i}, &csv);
        put_bad(bad_rows[i].row, buf_str(&base64), &csv);
    }
    world_row(&w, &(struct person){.number = 499}, &csv);
    world_import(&w, buf_str(&csv),
                 (struct import_counts){.rows = 2 * BAD_ROWS + 1, .added = BAD_ROWS + 1, .refused = BAD_ROWS});
    world_read(&w, "people.csv.refused.csv", &refused);
    const char *at = buf_str(&refused);
    assert_memory_equal(at, "line,reason", 11);
    for (size_t i = 0; i < BAD_ROWS; i++) {
        char expected[64];
        next_line(&at);
        if (*at == '"')
            at++;
        (void)snprintf(expected, sizeof expected, "%zu,", 3 + 2 * i);
        assert_memory_equal(at, expected, strlen(expected));
        at += strlen(expected);
        at += *at == '"';
        if (strncmp(at, bad_rows[i].reason, strlen(bad_rows[i].reason)) != 0)
            fail_msg("row %zu: %.80s instead of %s", i, at, bad_rows[i].reason);
    }
    next_line(&at);
    assert_string_equal(at, "");
    assert_non_null(strstr(buf_str(&refused), "'=cmd")); /* made harmless */
    assert_false(refused_part_exists());
}

/* NUL bytes and a field of ten megabytes cost their own record. */
static void test_nul_and_huge_field(void **state) {
    (void)state;
    AUTO(buf) csv = {0};
    struct import_counts counts = {0};
    struct import_options o = {0};
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    world_row(&w, &(struct person){.number = 600}, &csv);
    MUST_OK(buf_add(&csv, "HD,01\0,A,01,v4,2021-07-01,active,x\n", 35));
    world_row(&w, &(struct person){.number = 601}, &csv);
    MUST_OK(buf_add_str(&csv, "HD,0100109106,"));
    MUST_OK(buf_reserve(&csv, 10 << 20));
    memset(csv.data + csv.len, 'A', 10 << 20);
    csv.len += 10 << 20;
    MUST_OK(buf_add_str(&csv, ",01,v4,2021-07-01,active,x\n"));
    world_row(&w, &(struct person){.number = 602}, &csv);
    MUST_OK(import_text(buf_str(&csv), csv.len, &o, &counts));
    assert_int_equal(counts.rows, 5);
    assert_int_equal(counts.added, 3);
    assert_int_equal(counts.refused, 2);
}

static enum rc phone_of(struct db *db, void *arg) {
    struct cert_row *row = arg;
    return certs_find(db, row->tax_code, row->serial, row);
}

/* A column that the file has not got is no word on anybody: what is stored stays. */
static void test_what_is_not_told_stays(void **state) {
    (void)state;
    AUTO(buf) first = {0}, second = {0}, third = {0};
    AUTO(cert_row) row = {.tax_code = "0100109106", .serial = "5404FFFE000002C6"};
    MUST_OK(buf_add_str(&first, WORLD_CSV_HEADER));
    first.len -= 1; /* its line's end */
    MUST_OK(buf_add_str(&first, ",phone,am,contract_from\n"));
    world_row(&w, &(struct person){.number = 710}, &first);
    first.len -= 1;
    MUST_OK(buf_add_str(&first, ",0912345678,NV-7,2018-07-01\n"));
    world_import(&w, buf_str(&first), (struct import_counts){.rows = 1, .added = 1});
    MUST_OK(buf_add_str(&second, WORLD_CSV_HEADER));
    world_row(&w, &(struct person){.number = 710}, &second);
    world_import(&w, buf_str(&second), (struct import_counts){.rows = 1, .same = 1});
    MUST_OK(buf_add_str(&third, WORLD_CSV_HEADER));
    world_row(&w, &(struct person){.number = 710, .contract_to = "2021-08-01"}, &third);
    world_import(&w, buf_str(&third), (struct import_counts){.rows = 1, .changed = 1});
    MUST_OK(store_read(w.site.store, phone_of, &row));
    assert_string_equal(row.phone, "0912345678");
    assert_string_equal(row.am, "NV-7");
    assert_int_not_equal(row.contract_from, DAY_NONE);
}

static void test_duplicates_in_a_file(void **state) {
    (void)state;
    AUTO(buf) csv = {0}, refused = {0};
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    world_row(&w, &(struct person){.number = 700}, &csv);
    world_row(&w, &(struct person){.number = 700}, &csv);
    world_row(&w, &(struct person){.number = 700, .contract_to = "2022-02-02"}, &csv);
    world_import(&w, buf_str(&csv), (struct import_counts){.rows = 3, .added = 1, .same = 1, .refused = 1});
    world_read(&w, "people.csv.refused.csv", &refused);
    assert_non_null(strstr(buf_str(&refused), "\n4,duplicate: "));
    world_import(&w, buf_str(&csv), (struct import_counts){.rows = 3, .same = 2, .refused = 1});
}

/* The same issuer key and serial with other bytes than those stored: never replaced. */
static void test_other_certificate_same_serial(void **state) {
    (void)state;
    AUTO(buf) der = {0}, csv = {0}, refused = {0};
    world_add(&w, &(struct person){.number = 800}, &der);
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    world_row(&w, &(struct person){.number = 800, .name = "KHÁC"}, &csv);
    world_import(&w, buf_str(&csv), (struct import_counts){.rows = 1, .refused = 1});
    world_read(&w, "people.csv.refused.csv", &refused);
    assert_non_null(strstr(buf_str(&refused), "certificate: "));
    world_row(&w, &(struct person){.number = 800, .name = "KHÁC"}, &csv); /* the same row twice is refused twice */
    for (uint32_t i = 0; i < 1000; i++)                                   /* and in another batch */
        world_row(&w, &(struct person){.number = 3000 + i}, &csv);
    world_row(&w, &(struct person){.number = 800, .name = "KHÁC"}, &csv);
    world_import(&w, buf_str(&csv), (struct import_counts){.rows = 1003, .added = 1000, .refused = 3});
}

/* The audit tells which bytes were imported: sha256sum of the file finds the line again. */
static void test_audit_names_the_file(void **state) {
    (void)state;
    AUTO(buf) csv = {0};
    char hash[2 * SHA256_LEN + 1], line[128];
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    world_row(&w, &(struct person){.number = 850}, &csv);
    sha256_hex(sha256_of(buf_span(&csv)), hash);
    (void)snprintf(line, sizeof line, "\"sha256\":\"%s\",\"rows\":1,\"added\":1,", hash);
    world_import(&w, buf_str(&csv), (struct import_counts){.rows = 1, .added = 1});
    assert_int_equal(world_audit_count(&w, line), 1);
}

static void test_dry_run(void **state) {
    (void)state;
    AUTO(buf) csv = {0};
    struct import_counts counts = {0};
    struct import_options o = {.dry_run = true};
    int64_t audited = world_audit_count(&w, "import");
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    world_row(&w, &(struct person){.number = 900}, &csv);
    world_row(&w, &(struct person){.number = 901}, &csv);
    world_row(&w, &(struct person){.number = 901}, &csv);
    for (int i = 0; i < 2; i++) {
        MUST_OK(import_text(buf_str(&csv), csv.len, &o, &counts));
        assert_int_equal(counts.added, 2);
        assert_int_equal(counts.same, 1);
    }
    assert_int_equal(world_audit_count(&w, "import"), audited);
    world_import(&w, buf_str(&csv), (struct import_counts){.rows = 3, .added = 2, .same = 1});
}

/* Several batches: order and counts hold, and progress reaches the end. */
static void see_progress(void *arg, int64_t done, int64_t total) {
    int64_t *last = arg;
    assert_true(done >= *last && done <= total);
    *last = done;
}

static void test_many(void **state) {
    (void)state;
    AUTO(buf) csv = {0};
    struct import_counts counts = {0};
    int64_t last = 0;
    struct import_options o = {.progress = see_progress, .arg = &last};
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    for (uint32_t i = 0; i < 2500; i++)
        world_row(&w, &(struct person){.number = 10000 + i}, &csv);
    MUST_OK(import_text(buf_str(&csv), csv.len, &o, &counts));
    assert_int_equal(counts.added, 2500);
    assert_int_equal(last, csv.len);
    assert_int_equal(world_id(&w, &(struct person){.number = 12499}) - world_id(&w, &(struct person){.number = 10000}),
                     2499);
}

static void test_seen(void **state) {
    (void)state;
    struct seen s;
    enum seen_result r;
    MUST_OK(seen_open(w.pki.dir, 1 << 20, &s));
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 4096; i++) { /* as many as a file of that size can hold */
            struct sha256 key = sha256_of(span_of(&i, sizeof i)), hash = key;
            MUST_OK(seen_put(&s, key, hash, &r));
            assert_int_equal(r, round == 0 ? SEEN_FIRST : SEEN_SAME);
            hash.bytes[3] ^= 1;
            MUST_OK(seen_put(&s, key, hash, &r));
            assert_int_equal(r, SEEN_OTHER);
        }
    }
    seen_close(&s);
}

static void test_no_file(void **state) {
    (void)state;
    struct import_counts counts = {0};
    struct import_options o = {0};
    MUST_FAIL(RC_NOT_FOUND, import_file(&w.site, "/nonexistent/people.csv", &o, &counts));
    MUST_FAIL(RC_INPUT, import_file(&w.site, "/dev/null", &o, &counts));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_again_changes_nothing),
        cmocka_unit_test(test_columns_in_any_order),
        cmocka_unit_test(test_unusable_headers),
        cmocka_unit_test(test_ignored_columns),
        cmocka_unit_test(test_refuses_each_bad_row),
        cmocka_unit_test(test_nul_and_huge_field),
        cmocka_unit_test(test_what_is_not_told_stays),
        cmocka_unit_test(test_duplicates_in_a_file),
        cmocka_unit_test(test_other_certificate_same_serial),
        cmocka_unit_test(test_audit_names_the_file),
        cmocka_unit_test(test_dry_run),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_seen),
        cmocka_unit_test(test_no_file),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
