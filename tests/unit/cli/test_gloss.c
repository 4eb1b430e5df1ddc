/* What an operator may be told is told in Vietnamese too: each text in the sources that are the arguments of this
   program has its gloss. */
#include "lib/must.h"

#include "cli/gloss.h"
#include "cli/tell.h"
#include "lib/spoken.h"

static int source_count;
static char **sources;

static bool knows(const char *text) {
    return gloss_of(text) != NULL;
}

static void every_text_has_its_gloss(void **state) {
    struct spoken s = {.knows = knows, .where = "cli/gloss.c"};
    (void)state;
    for (int i = 0; i < source_count; i++) {
        bool keyed = strcmp(fs_base_name(sources[i]), "conf.c") == 0; /* fault(source, KEY, text) */
        spoken_look(&s, sources[i]);
        spoken_after(&s, sources[i], " fault(", keyed ? 2 : 1);
        spoken_after(&s, sources[i], " warn(", 1);
        spoken_after(&s, sources[i], " WARN(", 1);
    }
    assert_int_equal(s.missing, 0);
    assert_in_range(s.found, 80, 500);
    assert_null(gloss_of("no such text"));
}

static void the_exact_text_stands_behind(void **state) {
    (void)state;
    tell_in(LANG_VI);
    (void)err_set(RC_INPUT, "f.csv:1: unknown column \"x\": correct its name, remove it, or say --ignore-columns");
    assert_string_equal(tell_failure(RC_INPUT),
                        "tệp, khóa hoặc chứng thư số này không dùng được: có cột lạ: sửa tên cột, bỏ cột đó, hoặc thêm "
                        "--ignore-columns (f.csv:1: unknown column \"x\": correct its name, remove it, or say "
                        "--ignore-columns)");
    tell_in(LANG_EN);
    (void)err_set(RC_INPUT, "f.csv:1: the file is empty");
    assert_string_equal(tell_failure(RC_INPUT), "f.csv:1: the file is empty");
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_has_its_gloss),
        cmocka_unit_test(the_exact_text_stands_behind),
    };
    sources = argv + 1;
    source_count = argc - 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
