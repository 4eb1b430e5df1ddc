/* What the server says reaches a terminal as text and nothing else. */
#include "lib/must.h"

#include "client/net/json.h"

static enum rc see(void *arg, const char *label, const char *value) {
    (void)arg;
    assert_string_equal(label, "Na?me");
    assert_string_equal(value, "?[31mred");
    return RC_OK;
}

static void control_characters_do_not_get_through(void **state) {
    (void)state;
    AUTO_PTR(json) j = NULL;
    char reasons[64];
    MUST_OK(json_open(span_str("{\"message\":\"Ti\\u1ebfng Vi\\u1ec7t \\u001b]0;title\\u0007 \\u009b2J \\u007f\","
                               "\"reasons\":[\"fine\",\"a\\u001b[2Jb\"],"
                               "\"subject\":[{\"label\":\"Na\\nme\",\"value\":\"\\u001b[31mred\"}],\"n\":7}"),
                      &j));
    assert_string_equal(json_text(j, "message"), "Tiếng Việt ?]0;title? ??2J ?");
    MUST_OK(json_join(j, "reasons", ";", reasons, sizeof reasons));
    assert_string_equal(reasons, "fine;a?[2Jb");
    MUST_FAIL(RC_LIMIT, json_join(j, "reasons", ";", reasons, sizeof "fine;a?[2J"));
    MUST_OK(json_join(j, "channels", ";", reasons, sizeof reasons)); /* one that is not there is empty */
    assert_string_equal(reasons, "");
    MUST_OK(json_pairs(j, "subject", see, NULL));
    assert_int_equal(json_int(j, "n"), 7);
    assert_string_equal(json_text(j, "nothing"), "");
}

static void other_things_are_refused(void **state) {
    (void)state;
    struct json *j = NULL;
    MUST_FAIL(RC_INPUT, json_open(span_str("[]"), &j));
    MUST_FAIL(RC_INPUT, json_open(span_str("{\"a\":\"\\u0000\"}"), &j)); /* a string that would end early */
    MUST_FAIL(RC_INPUT, json_open(span_str("{\"a\":\"\x1b[2J\"}"), &j));
    MUST_FAIL(RC_INPUT, json_open(span_str("<html>"), &j));
    assert_null(j);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_characters_do_not_get_through),
        cmocka_unit_test(other_things_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
