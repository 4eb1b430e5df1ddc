/* The consent texts: the two languages of each, and names that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/consent_text.h"

static void every_text_speaks_both_languages(void **state) {
    (void)state;
    const char *vi = consent_text("data-confirmed-1", "vi"), *en = consent_text("data-confirmed-1", "en");
    assert_non_null(vi);
    assert_non_null(en);
    assert_string_not_equal(vi, en);
    assert_ptr_equal(consent_text("data-confirmed-1", "fr"), vi); /* Vietnamese first */
}

static void an_unknown_name_has_no_text(void **state) {
    (void)state;
    assert_null(consent_text("data-confirmed-0", "vi"));
    assert_null(consent_text("", "en"));
}

/* The INTEGER that a stock client sends (R5.10): by its place, from 1. */
static void a_number_names_a_text_that_is_there(void **state) {
    (void)state;
    static const int64_t none[] = {0, -1, 2, INT64_MAX, INT64_MIN};
    assert_string_equal(consent_text_id(1), "data-confirmed-1");
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_null(consent_text_id(none[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_speaks_both_languages),
        cmocka_unit_test(an_unknown_name_has_no_text),
        cmocka_unit_test(a_number_names_a_text_that_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
