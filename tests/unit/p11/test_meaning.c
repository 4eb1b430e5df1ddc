/* Every CK_RV of PKCS#11 2.40 and 3.0, by every call of ours, has a meaning of its own; and what a login's answer means
   for the PIN's tries is on the careful side. */
#include "p11/meaning.h"

#include <string.h>

#include "lib/must.h"
#include "p11/token.h"

/* The numbers of the OASIS header, 3.0, CKR_OK left out. */
static const CK_RV ALL[] = {0x1,   0x2,   0x3,   0x5,   0x6,   0x7,   0x8,   0x9,   0xa,   0x10,  0x11,  0x12,  0x13,
                            0x1a,  0x1b,  0x20,  0x21,  0x30,  0x31,  0x32,  0x40,  0x41,  0x42,  0x50,  0x51,  0x54,
                            0x60,  0x62,  0x63,  0x64,  0x65,  0x66,  0x67,  0x68,  0x69,  0x6a,  0x70,  0x71,  0x82,
                            0x90,  0x91,  0xa0,  0xa1,  0xa2,  0xa3,  0xa4,  0xb0,  0xb1,  0xb3,  0xb4,  0xb5,  0xb6,
                            0xb7,  0xb8,  0xc0,  0xc1,  0xd0,  0xd1,  0xe0,  0xe1,  0xe2,  0xf0,  0xf1,  0xf2,  0x100,
                            0x101, 0x102, 0x103, 0x104, 0x105, 0x110, 0x112, 0x113, 0x114, 0x115, 0x120, 0x121, 0x130,
                            0x140, 0x150, 0x160, 0x170, 0x180, 0x190, 0x191, 0x1a0, 0x1a1, 0x1b0, 0x1b1, 0x1b5, 0x1b6,
                            0x1b7, 0x1b8, 0x1b9, 0x200, 0x201, 0x202, 0x203};
#define COUNT (sizeof ALL / sizeof ALL[0])

static void each_has_a_row(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        assert_null(strstr(p11_rv_name(ALL[i]), "CKR_0x"));
        for (int op = 0; op < P11_OP_COUNT; op++) {
            struct p11_meaning m = p11_meaning((enum p11_op)op, ALL[i]);
            assert_true(m.what < WHAT_COUNT && m.help < HELP_COUNT && m.what != WHAT_VENDOR);
            assert_true(op == P11_LOGIN || m.attempt == TRY_KEPT);
        }
    }
    for (int op = 0; op < P11_OP_COUNT; op++) {
        assert_int_equal(p11_meaning((enum p11_op)op, 0x80000001).what, WHAT_VENDOR);
        assert_int_equal(p11_meaning((enum p11_op)op, 0x7777).what, WHAT_VENDOR);
    }
}

static void names_go_both_ways(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(p11_rv_of_name(p11_rv_name(ALL[i]), strlen(p11_rv_name(ALL[i]))), ALL[i]);
    assert_int_equal(p11_rv_of_name("CKR_0x80000001", 14), 0x80000001);
    assert_int_equal(p11_rv_of_name("CKR_NONE", 8), CKR_OK);
}

static bool among(CK_RV rv, const CK_RV *all, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (all[i] == rv)
            return true;
    return false;
}

/* Of these it is sure that the PIN was not looked at; of whatever else a try may be gone. */
static void a_login_is_doubted(void **state) {
    static const CK_RV sure[] = {CKR_DEVICE_REMOVED,
                                 CKR_TOKEN_NOT_PRESENT,
                                 CKR_SESSION_HANDLE_INVALID,
                                 CKR_SESSION_CLOSED,
                                 CKR_CRYPTOKI_NOT_INITIALIZED,
                                 CKR_SLOT_ID_INVALID,
                                 CKR_HOST_MEMORY,
                                 CKR_PIN_EXPIRED,
                                 CKR_USER_PIN_NOT_INITIALIZED,
                                 CKR_USER_TYPE_INVALID,
                                 CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
                                 CKR_USER_TOO_MANY_TYPES,
                                 CKR_USER_NOT_LOGGED_IN,
                                 CKR_OPERATION_NOT_INITIALIZED,
                                 CKR_SESSION_READ_ONLY_EXISTS,
                                 CKR_FUNCTION_CANCELED,
                                 CKR_FUNCTION_NOT_SUPPORTED,
                                 CKR_TOKEN_NOT_RECOGNIZED};
    (void)state;
    MUST_OK(p11_login_check(CKR_OK));
    MUST_OK(p11_login_check(CKR_USER_ALREADY_LOGGED_IN));
    for (size_t i = 0; i <= COUNT; i++) {
        CK_RV rv = i == COUNT ? 0x80000001 : ALL[i];
        enum rc want = rv == CKR_PIN_LOCKED                            ? RC_PIN_LOCKED
                       : rv == CKR_USER_ALREADY_LOGGED_IN              ? RC_OK
                       : among(rv, sure, sizeof sure / sizeof sure[0]) ? RC_TOKEN
                                                                       : RC_PIN_WRONG;
        assert_int_equal(p11_login_check(rv), want);
        if (want == RC_OK)
            continue;
        assert_int_equal(p11_last_rv(), rv);
        assert_non_null(strstr(err_text(), "C_Login: CKR_"));
        bool doubted = strstr(err_text(), "may have been wrong") != NULL;
        assert_int_equal(doubted, want == RC_PIN_WRONG && rv != CKR_PIN_INCORRECT);
        enum p11_help help = p11_meaning(P11_LOGIN, rv).help;
        assert_true(want != RC_PIN_WRONG || help == HELP_PIN || help == HELP_CHANGE_PIN);
    }
}

static void another_run_is_told_where_it_helps(void **state) {
    (void)state;
    assert_false(p11_help_again(p11_meaning(P11_CREATE, CKR_DEVICE_MEMORY).help));
    assert_false(p11_help_again(p11_meaning(P11_CREATE, CKR_TOKEN_WRITE_PROTECTED).help));
    assert_false(p11_help_again(p11_meaning(P11_CREATE, CKR_TEMPLATE_INCONSISTENT).help));
    assert_false(p11_help_again(p11_meaning(P11_LOGIN, CKR_GENERAL_ERROR).help));
    assert_false(p11_help_again(p11_meaning(P11_LOGIN, CKR_PIN_LOCKED).help));
    assert_false(p11_help_again(p11_meaning(P11_SIGN, CKR_KEY_FUNCTION_NOT_PERMITTED).help));
    assert_true(p11_help_again(p11_meaning(P11_SIGN, CKR_USER_NOT_LOGGED_IN).help));
    assert_true(p11_help_again(p11_meaning(P11_CREATE, CKR_DEVICE_REMOVED).help));
}

static void calls_are_known(void **state) {
    (void)state;
    assert_int_equal(p11_op_of("C_Sign", 6), P11_SIGN);
    assert_int_equal(p11_op_of("C_SignInit", 10), P11_SIGN);
    assert_int_equal(p11_op_of("C_CreateObject", 14), P11_CREATE);
    assert_int_equal(p11_op_of("C_GetSlotList", 13), P11_LOOK);
    MUST_FAIL(RC_TOKEN, p11_check(CKR_DEVICE_MEMORY, "C_CreateObject"));
    assert_int_equal(p11_last_meaning()->what, WHAT_FULL);
    MUST_FAIL(RC_TOKEN, p11_check(CKR_DEVICE_MEMORY, "C_Sign"));
    assert_int_equal(p11_last_meaning()->what, WHAT_SHORT);
    p11_rv_forget();
    assert_null(p11_last_meaning());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_a_row),     cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(a_login_is_doubted), cmocka_unit_test(another_run_is_told_where_it_helps),
        cmocka_unit_test(calls_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
