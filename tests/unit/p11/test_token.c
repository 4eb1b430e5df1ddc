/* Tokens: fields trimmed, flags told, liars survived, one C_Login a call. */
#include "lib/must.h"
#include "lib/softhsm.h"

#include <stdlib.h>
#include <string.h>

static void reads_a_token(void **state) {
    (void)state;
    AUTO(softhsm) h = {0};
    if (softhsm_open(&h, NULL) == RC_NOT_FOUND)
        skip();
    struct p11_token t, all[TOKENS_MAX];
    MUST_OK(softhsm_token(&h, "Thẻ số 1", "1234", &t));
    assert_string_equal(t.label, "Thẻ số 1"); /* blanks trimmed */
    assert_string_equal(t.manufacturer, "SoftHSM project");
    assert_string_equal(t.model, "SoftHSM v2");
    assert_int_equal(strlen(t.serial), 16);
    assert_true(t.initialized && !t.pin_not_set && !t.pin_locked && !t.pin_count_low && !t.write_protected);
    assert_int_equal(t.min_pin, 4);
    assert_int_equal(t.max_pin, 255);
    assert_int_equal(t.free_public, -1);
    size_t count = 0;
    MUST_OK(p11_tokens(&h.module, all, TOKENS_MAX, &count));
    assert_int_equal(count, 2); /* SoftHSM always shows an uninitialised one more */
    MUST_FAIL(RC_LIMIT, p11_tokens(&h.module, all, 1, &count));
    MUST_OK(p11_token_refresh(&t));
    t.serial[0] ^= 1;
    MUST_FAIL(RC_NOT_FOUND, p11_token_refresh(&t));
    t.slot = 0x7fffffff;
    MUST_FAIL(RC_TOKEN, p11_token_refresh(&t));
}

static void logs_in_once(void **state) {
    (void)state;
    AUTO(softhsm) h = {0};
    if (softhsm_open(&h, NULL) == RC_NOT_FOUND)
        skip();
    struct p11_token t;
    MUST_OK(softhsm_token(&h, "login", "1234", &t));
    AUTO(p11_session) s = {0};
    MUST_OK(p11_session_open(&t, true, &s));
    MUST_FAIL(RC_PIN_WRONG, p11_login(&s, span_str("4321")));
    MUST_OK(p11_token_refresh(&t));
    assert_true(t.pin_count_low);
    MUST_OK(p11_login(&s, span_str("1234")));
    MUST_OK(p11_login(&s, span_str("1234"))); /* CKR_USER_ALREADY_LOGGED_IN */
    MUST_OK(p11_token_refresh(&t));
    assert_false(t.pin_count_low);
    p11_session_free(&s);
    p11_session_free(&s);
    assert_int_equal(s.handle, 0);
}

static void told(struct p11_module *m, const char *lie) {
    setenv("LIAR", lie, 1);
    MUST_OK(p11_module_open(m, getenv("CAPBU_LIAR")));
}

static void survives_lying_slots(void **state) {
    (void)state;
    struct p11_token all[TOKENS_MAX];
    size_t count = 99;
    static const struct {
        const char *lie;
        enum rc rc;
    } cases[] = {
        {"slots-many", RC_LIMIT}, {"slots-grow", RC_TOKEN}, {"tokens-many", RC_LIMIT}, {"all-broken", RC_TOKEN}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(p11_module) m = {0};
        told(&m, cases[i].lie);
        MUST_FAIL(cases[i].rc, p11_tokens(&m, all, TOKENS_MAX, &count));
        assert_int_equal(count, 99);
    }
    AUTO(p11_module) m = {0};
    told(&m, "first-broken"); /* one broken reader does not hide the other */
    MUST_OK(p11_tokens(&m, all, TOKENS_MAX, &count));
    assert_int_equal(count, 1);
    assert_string_equal(all[0].serial, "2");
}

static void survives_lying_texts(void **state) {
    (void)state;
    struct p11_token all[TOKENS_MAX];
    size_t count = 0;
    AUTO(p11_module) m = {0};
    told(&m, "texts"); /* nothing padded, nothing terminated */
    MUST_OK(p11_tokens(&m, all, TOKENS_MAX, &count));
    assert_int_equal(strlen(all[0].label), 32);
    assert_int_equal(strlen(all[0].serial), 16);
    assert_string_equal(all[0].firmware, "255.255");
    assert_true(all[0].pin_not_set);
    assert_int_equal(all[0].min_pin, 0); /* CK_UNAVAILABLE_INFORMATION */
    assert_int_equal(all[0].max_pin, 255);
    assert_int_equal(all[0].free_public, -1);
    setenv("LIAR", "escape", 1);
    MUST_OK(p11_tokens(&m, all, TOKENS_MAX, &count));
    assert_string_equal(all[0].label, "a?[2Jb");
    setenv("LIAR", "swapped", 1);
    MUST_OK(p11_tokens(&m, all, TOKENS_MAX, &count));
    struct p11_token t = all[0];
    MUST_FAIL(RC_NOT_FOUND, p11_token_refresh(&t));
}

static void survives_lying_sessions(void **state) {
    (void)state;
    struct p11_token all[TOKENS_MAX];
    size_t count = 0;
    AUTO(p11_module) m = {0};
    told(&m, "session-zero");
    MUST_OK(p11_tokens(&m, all, TOKENS_MAX, &count));
    AUTO(p11_session) s = {0};
    MUST_FAIL(RC_TOKEN, p11_session_open(&all[0], true, &s));
    setenv("LIAR", "pin-locked", 1);
    MUST_OK(p11_session_open(&all[0], true, &s));
    MUST_FAIL(RC_PIN_LOCKED, p11_login(&s, span_str("1234")));
    setenv("LIAR", "pin-wrong", 1);
    MUST_FAIL(RC_PIN_WRONG, p11_login(&s, span_str("1234")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_token),           cmocka_unit_test(logs_in_once),
        cmocka_unit_test(survives_lying_slots),    cmocka_unit_test(survives_lying_texts),
        cmocka_unit_test(survives_lying_sessions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
