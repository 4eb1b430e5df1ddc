/* Modules: what is none, double loading, and every name a module may answer. */
#include "lib/must.h"
#include "lib/softhsm.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void refuses_what_is_no_module(void **state) {
    (void)state;
    struct p11_module m = {0};
    MUST_FAIL(RC_NOT_FOUND, p11_module_open(&m, "/nonexistent/module.so"));
    MUST_FAIL(RC_TOKEN, p11_module_open(&m, "/etc/passwd")); /* no library */
    char path[2000];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = 0;
    MUST_FAIL(RC_LIMIT, p11_module_open(&m, path));
    assert_null(m.fn);
    p11_module_free(&m);
}

static void opens_liars_or_says_why(void **state) {
    (void)state;
    const char *liar = getenv("CAPBU_LIAR");
    static const char *const lies[] = {"no-list", "list-fails", "version", "no-sign", "init-fails"};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct p11_module m = {0};
        setenv("LIAR", lies[i], 1);
        MUST_FAIL(RC_TOKEN, p11_module_open(&m, liar));
        assert_non_null(strstr(err_text(), liar));
        assert_null(m.fn);
    }
    static const char *const fine[] = {"none", "no-locks", "already"};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        AUTO(p11_module) m = {0};
        setenv("LIAR", fine[i], 1);
        MUST_OK(p11_module_open(&m, liar)); /* "already": its C_Finalize aborts when we dare */
    }
    unsetenv("LIAR");
}

static void initialises_once_whatever_the_path(void **state) {
    (void)state;
    AUTO(softhsm) h = {0};
    if (softhsm_open(&h, NULL) == RC_NOT_FOUND)
        skip();
    struct p11_token t;
    MUST_OK(softhsm_token(&h, "once", "1234", &t));
    char link[PATH_CAP], real[PATH_MAX];
    assert_non_null(realpath(softhsm_path(), real));
    MUST_OK(fs_join(link, h.dir, "link.so"));
    assert_int_equal(symlink(real, link), 0);
    AUTO(p11_session) s = {0};
    MUST_OK(softhsm_login(&t, "1234", &s));
    struct p11_module again = {0};
    MUST_OK(p11_module_open(&again, link));
    p11_module_free(&again); /* and this one must not C_Finalize under the first */
    CK_SESSION_INFO info;
    assert_int_equal(h.module.fn->C_GetSessionInfo(s.handle, &info), CKR_OK);
    assert_int_equal(info.state, CKS_RW_USER_FUNCTIONS);
    p11_module_free(&again); /* twice is harmless */
}

static void names_every_answer(void **state) {
    (void)state;
    assert_string_equal(p11_rv_name(CKR_OK), "CKR_OK");
    assert_string_equal(p11_rv_name(0x32), "CKR_DEVICE_REMOVED");
    assert_string_equal(p11_rv_name(0x1b8), "CKR_PIN_TOO_WEAK");
    assert_string_equal(p11_rv_name(0x200), "CKR_FUNCTION_REJECTED");
    assert_string_equal(p11_rv_name(0x80000001), "CKR_0x80000001");
    size_t named = 0;
    for (CK_RV rv = 0; rv <= CKR_FUNCTION_REJECTED; rv++)
        named += strncmp(p11_rv_name(rv), "CKR_0x", 6) != 0;
    assert_int_equal(named, 96); /* PKCS#11 2.40, and CKR_AEAD_DECRYPT_FAILED of 3.0 */
}

static void sorts_answers_by_what_to_do(void **state) {
    (void)state;
    MUST_OK(p11_check(CKR_OK, "C_Sign"));
    MUST_FAIL(RC_PIN_WRONG, p11_check(CKR_PIN_INCORRECT, "C_Login"));
    MUST_FAIL(RC_PIN_LOCKED, p11_check(CKR_PIN_LOCKED, "C_Login"));
    MUST_FAIL(RC_TOKEN, p11_check(CKR_PIN_LEN_RANGE, "C_Login")); /* not a wrong PIN: no try was spent */
    assert_string_equal(err_text(), "C_Login: CKR_PIN_LEN_RANGE (0xa2)");
    assert_int_equal(p11_last_rv(), CKR_PIN_LEN_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_module),          cmocka_unit_test(opens_liars_or_says_why),
        cmocka_unit_test(initialises_once_whatever_the_path), cmocka_unit_test(names_every_answer),
        cmocka_unit_test(sorts_answers_by_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
