/* Versions: what is one, and which comes first (SemVer 2.0.0, section 11). */
#include "lib/must.h"
#include "rules/semver.h"

static void in_order(void **state) {
    static const char *const order[] = {"0.0.0",
                                        "0.1",
                                        "0.1.1",
                                        "0.9.9",
                                        "0.10.0-alpha",
                                        "0.10.0-alpha.1",
                                        "0.10.0-alpha.2",
                                        "0.10.0-alpha.10",
                                        "0.10.0-alpha.beta",
                                        "0.10.0-beta",
                                        "0.10.0-beta.2",
                                        "0.10.0-rc.1",
                                        "0.10.0",
                                        "0.10.1",
                                        "1",
                                        "1.0.1-0",
                                        "1.0.1",
                                        "1.9.9",
                                        "1.10",
                                        "2.0.0-x-y",
                                        "2.0.0-x-z",
                                        "999999999.0.0"};
    size_t count = sizeof order / sizeof order[0];
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            if (semver_older(order[i], order[k]) != (i < k))
                fail_msg("%s and %s", order[i], order[k]);
}

static void the_same(void **state) {
    (void)state;
    assert_false(semver_older("1", "1.0.0") || semver_older("1.0.0", "1"));
    assert_false(semver_older("1.0.0+a", "1.0.0+b") || semver_older("1.0.0+b", "1.0.0+a"));
    assert_false(semver_older("1.0.0-rc.1+5", "1.0.0-rc.1"));
}

static void what_is_none(void **state) {
    static const char *const bad[] = {"",         "v1.0",   "1.",         "1.0.0.",
                                      "1.0.0.0",  "01.0",   "1.00",       "1.0-",
                                      "1.0-a..b", "1.0-01", "1.0+",       "1.0+a..b",
                                      "1.0 ",     " 1.0",   "-1",         "1.0-ä",
                                      "latest",   "1,0",    "1234567890", "1.0.0-123456789012345678901234567890"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (semver_ok(bad[i]))
            fail_msg("\"%s\" is taken for a version", bad[i]);
        assert_true(semver_older(bad[i], "0.0.0"));  /* before every one that can be read */
        assert_false(semver_older("0.0.0", bad[i])); /* and no bound at all */
    }
    assert_true(semver_ok("1.0.0-0a.7+001.x"));
    assert_true(semver_ok("1.0.0-12345678901234567890123456"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_order), cmocka_unit_test(the_same),
                                       cmocka_unit_test(what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
