/* The command line of capbuctl: words and options in any order, nothing twice, nothing unknown. */
#include "lib/must.h"

#include "cli/args.h"
#include "cli/tell.h"
#include "lib/words.h"

static struct words words;

static enum rc parse(const char *line, struct args *out) {
    words_split(&words, line);
    return args_parse(words.argc, words.argv, out);
}

static void refused(const char *line, const char *why) {
    struct args a;
    MUST_FAIL(RC_USAGE, parse(line, &a));
    if (strstr(err_text(), why) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", line, err_text(), why);
}

static void takes_any_order(void **state) {
    (void)state;
    static const char *const lines[] = {"capbuctl --dir d phase halt p1 --why w",
                                        "capbuctl phase --why w halt --dir d p1",
                                        "capbuctl phase halt p1 --dir=d --why=w"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct args a;
        MUST_OK(parse(lines[i], &a));
        assert_int_equal(a.count, 3);
        assert_string_equal(a.words[0], "phase");
        assert_string_equal(a.words[2], "p1");
        assert_string_equal(a.value[ARG_DIR], "d");
        assert_string_equal(a.value[ARG_WHY], "w");
        assert_false(args_on(&a, ARG_JSON));
    }
}

static void a_switch_is_on_without_a_value(void **state) {
    (void)state;
    struct args a;
    MUST_OK(parse("capbuctl screen --json", &a));
    assert_true(args_on(&a, ARG_JSON));
    assert_string_equal(a.value[ARG_JSON], "");
    MUST_OK(parse("capbuctl screen -h", &a));
    assert_true(args_on(&a, ARG_HELP));
    MUST_OK(parse("capbuctl", &a));
    assert_int_equal(a.count, 0);
}

static void names_what_is_wrong(void **state) {
    (void)state;
    refused("capbuctl --frob", "--frob");
    refused("capbuctl screen --json=yes", "--json=yes");
    refused("capbuctl -x", "-x");
    refused("capbuctl screen --cvs o", "--csv");
    refused("capbuctl -xh screen", "-x");
    refused("capbuctl screen --csv", "--csv needs a value");
    refused("capbuctl --dir a --dir b", "--dir is given twice");
    refused("capbuctl 1 2 3 4 fünf", "fünf");
}

static void allows_only_the_commands_own(void **state) {
    (void)state;
    struct args a;
    MUST_OK(parse("capbuctl export --csv f --dir d --help", &a));
    MUST_OK(args_allow(&a, ARG_BIT(ARG_CSV)));
    MUST_FAIL(RC_USAGE, args_allow(&a, ARG_BIT(ARG_JSON)));
    assert_non_null(strstr(err_text(), "--csv"));
    MUST_OK(parse("capbuctl export --why w", &a)); /* the last of them: bits suffice */
    MUST_FAIL(RC_USAGE, args_allow(&a, ~ARG_BIT(ARG_WHY)));
    MUST_OK(args_allow(&a, ARG_BIT(ARG_WHY)));
}

static void reads_whole_numbers(void **state) {
    (void)state;
    struct args a;
    int64_t n = 7;
    MUST_OK(parse("capbuctl drill", &a));
    MUST_OK(args_int(&a, ARG_COUNT, 1, 9, 5, &n));
    assert_int_equal(n, 5); /* not given */
    static const struct {
        const char *line;
        int64_t value;
    } good[] = {{"capbuctl --count 1", 1}, {"capbuctl --count 9", 9}, {"capbuctl --count=007", 7}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        MUST_OK(parse(good[i].line, &a));
        MUST_OK(args_int(&a, ARG_COUNT, 1, 9, 5, &n));
        assert_int_equal(n, good[i].value);
    }
    static const char *const bad[] = {"0", "10", "-1", "9x", "0x5", "''", "x", "99999999999999999999", "1.5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "capbuctl --count %s", bad[i]);
        MUST_OK(parse(line, &a));
        n = 7;
        MUST_FAIL(RC_USAGE, args_int(&a, ARG_COUNT, 1, 9, 5, &n));
        assert_int_equal(n, 7); /* written on success only */
        assert_non_null(strstr(err_text(), "--count takes a number from 1 to 9"));
    }
}

int main(void) {
    tell_in(LANG_EN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_any_order),     cmocka_unit_test(a_switch_is_on_without_a_value),
        cmocka_unit_test(names_what_is_wrong), cmocka_unit_test(allows_only_the_commands_own),
        cmocka_unit_test(reads_whole_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
