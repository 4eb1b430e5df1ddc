/* The language somebody reads best: by name, by a command line that cannot be read, by Accept-Language. */
#include "unit/base/lib_base.h"

#include <stdlib.h>
#include <string.h>

#include "base/lang.h"
#include "lib/words.h"

static void knows_two_names(void **state) {
    (void)state;
    enum lang lang = LANG_VI;
    assert_true(lang_from("en", &lang));
    assert_int_equal(lang, LANG_EN);
    assert_true(lang_from("vi", &lang));
    assert_int_equal(lang, LANG_VI);
    assert_false(lang_from("fr", &lang));
    assert_false(lang_from("", &lang));
    assert_false(lang_from("english", &lang));
    assert_int_equal(lang, LANG_VI);
}

static enum lang lang_of(const char *line) {
    static struct words words;
    words_split(&words, line);
    return lang_of_line(words.argc, words.argv);
}

static void complains_in_the_language_asked_for(void **state) {
    (void)state;
    unsetenv("CAPBU_LANG");
    assert_int_equal(lang_of("capbu --frob"), LANG_VI);
    assert_int_equal(lang_of("capbu --lang en --frob"), LANG_EN);
    assert_int_equal(lang_of("capbu --frob --lang=en"), LANG_EN);
    assert_int_equal(lang_of("capbu en --frob"), LANG_VI);
    assert_int_equal(lang_of("capbu --lang"), LANG_VI);
    setenv("CAPBU_LANG", "en", 1);
    assert_int_equal(lang_of("capbu --frob"), LANG_EN);
    assert_int_equal(lang_of("capbu --lang=vi --frob"), LANG_VI); /* the line beats the environment */
    setenv("CAPBU_LANG", "fr", 1);
    assert_int_equal(lang_of("capbu --frob"), LANG_VI);
    unsetenv("CAPBU_LANG");
}

static void weighs_accept_language(void **state) {
    (void)state;
    static const struct {
        const char *header;
        enum lang lang;
    } cases[] = {{"", LANG_VI},
                 {"en", LANG_EN},
                 {"EN-us", LANG_EN},
                 {"vi", LANG_VI},
                 {"fr", LANG_VI},
                 {"*", LANG_VI},
                 {"en, vi", LANG_VI},
                 {"en;q=0.9, vi;q=0.8", LANG_EN},
                 {"vi-VN,vi;q=0.9,en;q=0.8", LANG_VI},
                 {"en;q=0.8,vi;q=0.85", LANG_VI},
                 {"en; q=1.0, vi;q=0.999", LANG_EN},
                 {"en;q=0", LANG_VI},
                 {"fr,en;q=0.001", LANG_EN},
                 {"english", LANG_VI},
                 {"en;q=x,vi;q=0.1", LANG_VI},
                 {",,,;;;q=,", LANG_VI},
                 {"en;", LANG_VI}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (lang_from_header(cases[i].header) != cases[i].lang)
            fail_msg("\"%s\" gave the other language", cases[i].header);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_two_names),
        cmocka_unit_test(complains_in_the_language_asked_for),
        cmocka_unit_test(weighs_accept_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
