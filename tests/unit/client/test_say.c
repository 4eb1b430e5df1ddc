/* Every text stands in both languages, and takes the same printf arguments in the same order. */
#include "lib/must.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/say.h"
#include "lib/texts.h"

static void both_languages_say_it(void **state) {
    (void)state;
    for (int i = 0; i < SAY_COUNT; i++) {
        const char *vi = say_text(LANG_VI, (enum say)i), *en = say_text(LANG_EN, (enum say)i);
        texts_must_be_there(i, vi, en);
        if (i != SAY_CERT_LINE && i != SAY_PLAIN && strcmp(vi, en) == 0)
            fail_msg("text %d is not translated: %s", i, vi);
    }
}

static void both_take_the_same_arguments(void **state) {
    (void)state;
    for (int i = 0; i < SAY_COUNT; i++)
        texts_must_agree(i, say_text(LANG_VI, (enum say)i), say_text(LANG_EN, (enum say)i));
}

static void shapes_tell_formats_apart(void **state) {
    (void)state;
    char a[SHAPE], b[SHAPE];
    shape_of("%-5lld of 100 %% %s", a);
    assert_string_equal(a, "lld s ");
    shape_of("%s then %lld", b);
    assert_string_not_equal(a, b);
    shape_of("%d", a);
    shape_of("%ld", b);
    assert_string_not_equal(a, b);
}

/* A line ends; a prompt waits behind its last character. */
static void lines_end_and_prompts_do_not(void **state) {
    (void)state;
    char got[256] = "";
    FILE *file = tmpfile();
    assert_non_null(file);
    int kept = dup(STDERR_FILENO);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    say_err(LANG_EN, SAY_CLEANED, "5404");
    say_err(LANG_EN, SAY_PIN, "token");
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    close(kept);
    rewind(file);
    size_t n = fread(got, 1, sizeof got - 1, file);
    got[n] = '\0';
    fclose(file);
    assert_string_equal(got, "The old certificate 5404 was removed.\nPIN of the token \"token\": ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_languages_say_it),
        cmocka_unit_test(both_take_the_same_arguments),
        cmocka_unit_test(shapes_tell_formats_apart),
        cmocka_unit_test(lines_end_and_prompts_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
