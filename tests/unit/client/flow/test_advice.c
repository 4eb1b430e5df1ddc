/* What is said of a token's failure fits the table: every meaning in both languages, "try again" only where it can
   help, and the way from an error's text to its row. */
#include "client/flow/advice.h"

#include <string.h>

#include "lib/must.h"

static void every_meaning_has_its_words(void **state) {
    (void)state;
    for (int w = 0; w < WHAT_COUNT; w++)
        for (int lang = 0; lang < 2; lang++) {
            const char *said = advice_what(lang == 0 ? LANG_VI : LANG_EN, (enum p11_what)w);
            assert_non_null(said);
            assert_int_equal(said[strlen(said) - 1], '.');
        }
}

static void again_is_said_where_it_can_help(void **state) {
    (void)state;
    for (int h = 0; h < HELP_COUNT; h++) {
        const char *vi = advice_help(LANG_VI, (enum p11_help)h), *en = advice_help(LANG_EN, (enum p11_help)h);
        bool again = p11_help_again((enum p11_help)h);
        assert_int_equal(strstr(vi, "thử lại") != NULL, again);
        assert_int_equal(strstr(en, "ry again") != NULL, again);
        for (int k = 0; k < h; k++)
            assert_string_not_equal(advice_help_name((enum p11_help)h), advice_help_name((enum p11_help)k));
    }
}

static void texts_find_their_row(void **state) {
    static const struct {
        const char *text;
        enum p11_what what;
        enum p11_try attempt;
        enum p11_help help;
    } rows[] = {
        {"C_CreateObject: CKR_DEVICE_MEMORY (0x31)", WHAT_FULL, TRY_KEPT, HELP_FULL},
        {"C_Sign: CKR_DEVICE_MEMORY (0x31)", WHAT_SHORT, TRY_KEPT, HELP_REPLUG},
        {"/x/y.so: C_Initialize: CKR_GENERAL_ERROR (0x5)", WHAT_GENERAL, TRY_KEPT, HELP_SERVICE},
        {"C_Login: CKR_GENERAL_ERROR (0x5): the PIN may have been wrong", WHAT_GENERAL, TRY_PERHAPS, HELP_PIN},
        {"C_Login: CKR_0x80000001 (0x80000001): the PIN may", WHAT_VENDOR, TRY_PERHAPS, HELP_PIN},
        {"C_Login: CKR_PIN_INCORRECT (0xa0)", WHAT_PIN_WRONG, TRY_SPENT, HELP_PIN},
        {"C_Login: CKR_PIN_LOCKED (0xa4)", WHAT_PIN_LOCKED, TRY_LAST, HELP_BRANCH},
        {"it takes no further certificate, perhaps it is full: C_CreateObject: CKR_GENERAL_ERROR (0x5)", WHAT_FULL,
         TRY_KEPT, HELP_FULL},
        {"the new certificate cannot be read back from token \"x\"", WHAT_GENERAL, TRY_KEPT, HELP_AGAIN},
        {"the login to the token was lost", WHAT_LOGIN_LOST, TRY_KEPT, HELP_AGAIN},
        {"nothing that we know", WHAT_GENERAL, TRY_KEPT, HELP_REPLUG},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct p11_meaning m = advice_of(rows[i].text);
        assert_int_equal(m.what, rows[i].what);
        assert_int_equal(m.attempt, rows[i].attempt);
        assert_int_equal(m.help, rows[i].help);
    }
    assert_null(advice_code_words(LANG_EN, "no code"));
    assert_string_equal(advice_code_words(LANG_EN, "C_X: CKR_NO_SUCH (1)"), advice_what(LANG_EN, WHAT_GENERAL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_meaning_has_its_words),
        cmocka_unit_test(again_is_said_where_it_can_help),
        cmocka_unit_test(texts_find_their_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
