/* A yes as people type it, and nothing else. */
#include "client/term/assent.h"

#include <string.h>

#include "lib/must.h"

static void yes(void **state) {
    static const char *const words[] = {"c",
                                        "C",
                                        "có",
                                        "Có",
                                        "CÓ",
                                        "co",
                                        "y",
                                        "Yes",
                                        "đồng ý",
                                        "Đồng ý",
                                        "ĐỒNG Ý",
                                        "dong y",
                                        "DONG Y",
                                        "ok",
                                        "OK.",
                                        "agree",
                                        "I agree",
                                        "tôi đồng ý",
                                        "  có  ",
                                        "có!",
                                        "\tđồng  ý",
                                        "đồng ý.",
                                        "co\xcc\x81",                             /* o and an accent apart */
                                        "\xc4\x91o\xcc\x82\xcc\x80ng y\xcc\x81"}; /* as macOS decomposes it */
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_true(assent_given(words[i], strlen(words[i])));
}

static void anything_else_is_no(void **state) {
    static const char *const words[] = {"",
                                        " ",
                                        ".",
                                        "n",
                                        "no",
                                        "k",
                                        "không",
                                        "khong",
                                        "yy",
                                        "yes no",
                                        "đồng",
                                        "không đồng ý",
                                        "cố lên",
                                        "cá",
                                        "c\x01",
                                        "\xc4",
                                        "có\x80",
                                        "dong y khong",
                                        "yes yes yes yes yes yes yes yes yes yes"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_false(assent_given(words[i], strlen(words[i])));
    assert_false(assent_given("y\0n", 3)); /* not the C string alone */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(yes), cmocka_unit_test(anything_else_is_no)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
