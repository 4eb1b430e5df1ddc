/* What was meant by a mistyped word. */
#include "base/near.h"

#include "unit/base/lib_base.h"

static const char *meant(const char *typed) {
    static const char *const words[] = {"report", "receipt", "recover", "screen", "init", "by", "no-browser"};
    struct near n = {.typed = typed};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        near_offer(&n, words[i]);
    return n.word;
}

static void test_meant(void **state) {
    (void)state;
    assert_string_equal(meant("reprot"), "report"); /* swapped */
    assert_string_equal(meant("repor"), "report");
    assert_string_equal(meant("reports"), "report");
    assert_string_equal(meant("reciept"), "receipt");
    assert_string_equal(meant("scrren"), "screen");
    assert_string_equal(meant("init"), "init");
    assert_string_equal(meant("nobrowser"), "no-browser");
}

static void test_nothing_near(void **state) {
    (void)state;
    assert_null(meant("frobnicate"));
    assert_null(meant(""));
    assert_null(meant("bx")); /* half of it is another word */
    assert_null(meant("reportreportreportreportreportreportreportreport"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_meant), cmocka_unit_test(test_nothing_near)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
