/* R3.1: the list of provinces is data. The two lists of conf/ say what they should, and a list that cannot be is
   refused by line. */
#include "lib/must.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "lib/run.h"
#include "service/site/provinces.h"

static void read_conf(const char *name, struct buf *text) {
    char path[PATH_CAP];
    const char *root = getenv("CAPBU_CONF");
    assert_non_null(root);
    MUST_OK(fs_join(path, root, name));
    MUST_OK(fs_read(path, PROVINCE_FILE_LIMIT, text));
}

static struct provinces load(const char *name) {
    struct provinces p;
    AUTO(buf) text = {0};
    read_conf(name, &text);
    MUST_OK(provinces_parse(name, buf_span(&text), &p));
    return p;
}

static int cities(const struct provinces *p) {
    int n = 0;
    for (int32_t i = 0; i < p->count; i++)
        n += p->of[i].city;
    return n;
}

static void test_the_letters_63(void **state) {
    (void)state;
    struct provinces p = load("provinces.csv");
    uint8_t code = 7;
    assert_int_equal(p.count, 63);
    assert_int_equal(cities(&p), 5);
    assert_string_equal(province_name(&p, 79), "Hồ Chí Minh");
    assert_string_equal(province_name(&p, 1), "Hà Nội");
    assert_null(province_name(&p, 3));
    assert_true(province_from(&p, "04", &code) && code == 4);
    static const char *const none[] = {"4", "03", "040", "", "-1", "00", "4 ", "٠٤"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(province_from(&p, none[i], &code));
    assert_int_equal(code, 4); /* untouched */
}

static void test_the_34_of_2025(void **state) {
    (void)state;
    struct provinces p = load("provinces-2025.csv");
    assert_int_equal(p.count, 34);
    assert_int_equal(cities(&p), 6);
    assert_string_equal(province_name(&p, 46), "Huế");
    assert_null(province_name(&p, 2)); /* Hà Giang went into Tuyên Quang */
}

static void test_the_63_are_the_public_list(void **state) {
    (void)state;
    char path[PATH_CAP];
    AUTO(buf) ours = {0};
    AUTO(buf) theirs = {0};
    data_path("provinces.csv", path); /* skips when it is not there */
    MUST_OK(fs_read(path, PROVINCE_FILE_LIMIT, &theirs));
    read_conf("provinces.csv", &ours);
    assert_string_equal(buf_str(&ours), buf_str(&theirs));
}

#define MARK "\xef\xbb\xbf" /* a byte order mark */

static void test_forms(void **state) {
    (void)state;
    static const char *const same[] = {"code,name\n01,Hà Nội\n79,Hồ Chí Minh\n",
                                       MARK "code,name\r\n01,Hà Nội\r\n\r\n79,Hồ Chí Minh",
                                       "name;kind;code\n\"Hà Nội\";;01\nHồ Chí Minh;;79\n"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct provinces p;
        MUST_OK(provinces_parse("p.csv", span_str(same[i]), &p));
        assert_int_equal(p.count, 2);
        assert_int_equal(p.of[0].code, 1);
        assert_string_equal(p.of[0].name, "Hà Nội");
        assert_string_equal(province_name(&p, 79), "Hồ Chí Minh");
        assert_int_equal(cities(&p), 0);
    }
}

struct bad {
    const char *text, *says;
};

static const struct bad faults[] = {
    {"", "p.csv:1: no province is named"},
    {"code,name\n", "p.csv:1: no province is named"},
    {"01,Hà Nội\n", "p.csv:1: a list of provinces has no column \"01\""},
    {"code,name,area\n", "p.csv:1: a list of provinces has no column \"area\""},
    {"code\n01\n", "p.csv:1: the header has no column name"},
    {"kind,name\ntinh,x\n", "p.csv:1: the header has no column code"},
    {"code,name,code\n", "p.csv:1: the column code stands in the header twice"},
    {"code,name\n01,a\n1,b\n", "p.csv:3: the code of a province has two digits, 01 to 99, not \"1\""},
    {"code,name\n00,a\n", "p.csv:2: the code of a province has two digits, 01 to 99, not \"00\""},
    {"code,name\n100,a\n", "p.csv:2: the code of a province has two digits"},
    {"code,name\n0x,a\n", "p.csv:2: the code of a province has two digits"},
    {"code,name\n01,a\n02,b\n01,c\n", "p.csv:4: this province stands there twice: 01"},
    {"code,name\n01,\n", "p.csv:2: this province has no name: 01"},
    {"code,name\n01,  \n", "p.csv:2: this province has no name: 01"},
    {"code,name\n01,a,b\n", "p.csv:2: a row has as many cells as the header: 2, not 3"},
    {"code,name\n01\n", "p.csv:2: a row has as many cells as the header: 2, not 1"},
    {"code,name,kind\n01,a,city\n", "p.csv:2: the kind of a province is thanh-pho or tinh, not \"city\""},
    {"code,name\n01,a\tb\n", "p.csv:2: control-character: a control character"},
    {"code,name\n01,\"a\nb\"\n", "p.csv:2: "},
    {"code,name\n01,H\xe0 N\xf4i\n", "p.csv:2: not-utf8: "},
    {"code,name\n\n\n01,\"a\n", "p.csv:4: bad-quote: "},
};

static void test_faults_are_named_with_their_line(void **state) {
    (void)state;
    struct provinces p;
    memset(&p, 0xa5, sizeof p);
    struct provinces untouched = p;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        MUST_FAIL(RC_INPUT, provinces_parse("p.csv", span_str(faults[i].text), &p));
        print_message("%s\n", err_text());
        assert_memory_equal(err_text(), faults[i].says, strlen(faults[i].says));
        assert_memory_equal(&p, &untouched, sizeof p);
    }
}

static void test_limits(void **state) {
    (void)state;
    struct provinces p;
    AUTO(buf) all = {0};
    MUST_OK(buf_add_str(&all, "code,name\n"));
    for (int i = 1; i <= PROVINCES; i++)
        MUST_OK(buf_printf(&all, "%02d,%063d\n", i, i));
    MUST_OK(provinces_parse("p.csv", buf_span(&all), &p)); /* every code there can be, with the longest of names */
    assert_int_equal(p.count, PROVINCES);
    assert_int_equal(p.of[98].code, 99);
    AUTO(buf) more = {0};
    MUST_OK(buf_printf(&more, "%s100,a\n", buf_str(&all)));
    MUST_FAIL(RC_INPUT, provinces_parse("p.csv", buf_span(&more), &p));
    AUTO(buf) name = {0};
    MUST_OK(buf_printf(&name, "code,name\n01,%064d\n", 1));
    MUST_FAIL(RC_LIMIT, provinces_parse("p.csv", buf_span(&name), &p));
    assert_string_equal(err_text(), "p.csv:2: the name of the province 01 is longer than 63 bytes");
    AUTO(buf) large = {0};
    MUST_OK(buf_printf(&large, "code,name\n01,a\n%*s", PROVINCE_FILE_LIMIT, "\n"));
    MUST_FAIL(RC_LIMIT, provinces_parse("p.csv", buf_span(&large), &p));
    assert_string_equal(err_text(), "p.csv: larger than 65536 bytes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_letters_63),
        cmocka_unit_test(test_the_34_of_2025),
        cmocka_unit_test(test_the_63_are_the_public_list),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_faults_are_named_with_their_line),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
