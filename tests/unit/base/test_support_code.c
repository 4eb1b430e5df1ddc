/* Tests of base/support_code: every single slip and every exchange of neighbours is noticed. */
#include <string.h>

#include "base/digest.h"
#include "base/support_code.h"
#include "lib_base.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void has_its_shape(void **state) {
    (void)state;
    assert_true(support_code_valid("K7QF-2M9X4"));
    char code[SUPPORT_CODE_TEXT], other[SUPPORT_CODE_TEXT];
    for (int i = 0; i < 1000; i++) {
        support_code_make(code);
        assert_int_equal(strlen(code), 10);
        assert_int_equal(code[4], '-');
        assert_int_equal(strspn(code, alphabet), 4);
        assert_int_equal(strspn(code + 5, alphabet), 5);
        assert_true(support_code_valid(code));
    }
    support_code_make(other);
    assert_string_not_equal(code, other);
}

static void notices_every_wrong_character(void **state) {
    (void)state;
    char code[SUPPORT_CODE_TEXT];
    for (int round = 0; round < 200; round++) {
        support_code_make(code);
        for (int place = 0; place < SUPPORT_CODE_TEXT - 1; place++) {
            char right = code[place];
            for (const char *wrong = alphabet; right != '-' && *wrong != 0; wrong++) {
                code[place] = *wrong;
                assert_int_equal(support_code_valid(code), *wrong == right);
            }
            code[place] = right;
        }
    }
}

/* Not only neighbours: any two characters exchanged. */
static void notices_every_exchange(void **state) {
    (void)state;
    char code[SUPPORT_CODE_TEXT];
    for (int round = 0; round < 2000; round++) {
        support_code_make(code);
        for (int a = 0; a < SUPPORT_CODE_TEXT - 1; a++)
            for (int b = a + 1; b < SUPPORT_CODE_TEXT - 1; b++) {
                if (a == 4 || b == 4 || code[a] == code[b])
                    continue;
                char swapped[SUPPORT_CODE_TEXT];
                memcpy(swapped, code, sizeof swapped);
                swapped[a] = code[b];
                swapped[b] = code[a];
                assert_false(support_code_valid(swapped));
            }
    }
}

static void takes_what_people_type(void **state) {
    (void)state;
    static const char *const typed[] = {"0010-0000A",          "0010-0000a", "00100000A",  "oo1o oOOO a",
                                        " 0 0 1 0 0 0 0 0 A ", "00I0-0000A", "00l0-0000A", "--0010--0000A--"};
    static const char *const wrong[] = {"",           "0010-0000",         "0010-0000AG", "0010-0000U",
                                        "0010_0000A", "0010-0000\xc3\xa9", "0010\t0000A", "----",
                                        "10-0000A"};
    char code[SUPPORT_CODE_TEXT] = "kept";
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(support_code_parse(wrong[i], code), RC_INPUT);
        assert_string_equal(code, "kept");
    }
    for (size_t i = 0; i < COUNT(typed); i++) {
        MUST_OK(support_code_parse(typed[i], code));
        assert_string_equal(code, "0010-0000A");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_its_shape),
        cmocka_unit_test(notices_every_wrong_character),
        cmocka_unit_test(notices_every_exchange),
        cmocka_unit_test(takes_what_people_type),
    };
    if (digest_init() != RC_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
