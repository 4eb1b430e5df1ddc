/* Every text of capbuctl stands in both languages, and takes the same printf arguments in the same order. */
#include "lib/must.h"

#include "cli/tell.h"
#include "lib/texts.h"

static void both_languages_say_it(void **state) {
    (void)state;
    for (int i = 0; i < TELL_COUNT; i++) {
        const char *vi = tell_text(LANG_VI, (enum tell)i), *en = tell_text(LANG_EN, (enum tell)i);
        texts_must_be_there(i, vi, en);
        texts_must_agree(i, vi, en);
        if (strcmp(vi, en) == 0)
            fail_msg("text %d is not translated: %s", i, vi);
    }
}

static void glosses_are_vietnamese(void **state) {
    (void)state;
    for (int i = 0; i < REASON_COUNT; i++) {
        tell_in(LANG_VI);
        if (tell_reason((enum reason)i) == NULL || tell_reason((enum reason)i)[0] == '\0')
            fail_msg("%s has no gloss", reason_name((enum reason)i));
        tell_in(LANG_EN);
        assert_string_equal(tell_reason((enum reason)i), "");
    }
    assert_string_equal(tell_verdict(VERDICT_HELD), "");
    tell_in(LANG_VI);
    assert_string_equal(tell_verdict(VERDICT_ELIGIBLE), "được cấp bù");
    assert_string_equal(tell_verdict(VERDICT_REFUSED), "không thuộc diện");
    assert_string_equal(tell_verdict(VERDICT_HELD), "giữ lại");
    assert_string_equal(tell_verdict(VERDICT_DONE), "đã xong");
}

static void a_failure_is_told_in_the_language_chosen(void **state) {
    (void)state;
    tell_in(LANG_EN);
    assert_int_equal(tell_fail(RC_NOT_FOUND, TELL_NO_PHASE, "p9"), RC_NOT_FOUND);
    assert_string_equal(err_text(), "the campaign has no phase \"p9\": see capbuctl phase list");
    assert_int_equal(tell_lang(), LANG_EN);
    tell_in(LANG_VI);
    assert_int_equal(tell_fail(RC_USAGE, TELL_TWICE, "dir"), RC_USAGE);
    assert_string_equal(err_text(), "--dir được ghi hai lần");
    assert_string_equal(tell_word(TELL_NOW_OPEN), "đang mở");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_languages_say_it),
        cmocka_unit_test(glosses_are_vietnamese),
        cmocka_unit_test(a_failure_is_told_in_the_language_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
