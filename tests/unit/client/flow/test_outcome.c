/* What codes, CK_RVs and the server's words mean to a person; and what the trail and the marks keep. */
#include "client/flow/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "client/flow/marks.h"
#include "client/flow/trail.h"
#include "client/token/pin.h"
#include "lib/must.h"
#include "lib/tmp.h"

static void outcomes(void **state) {
    const struct {
        enum rc rc;
        const char *code;
        enum http_trouble trouble;
        enum p11_op op;
        CK_RV rv;
        enum outcome want;
    } rows[] = {
        {RC_OK, "", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_DONE},
        {RC_USAGE, "", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_NOWHERE},
        {RC_PIN_WRONG, "", HTTP_FINE, P11_LOGIN, CKR_PIN_INCORRECT, OUTCOME_PIN_WRONG},
        {RC_PIN_LOCKED, "", HTTP_FINE, P11_LOGIN, CKR_PIN_LOCKED, OUTCOME_PIN_LOCKED},
        {RC_NETWORK, "", HTTP_AWAY, P11_SIGN, CKR_OK, OUTCOME_AWAY},
        {RC_NETWORK, "", HTTP_PROXY, P11_SIGN, CKR_OK, OUTCOME_PROXY},
        {RC_NETWORK, "", HTTP_CLOCK, P11_SIGN, CKR_OK, OUTCOME_CLOCK},
        {RC_NETWORK, "", HTTP_TRUST, P11_SIGN, CKR_OK, OUTCOME_TRUST},
        {RC_BUSY, "", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_BUSY},
        {RC_REFUSED, "not-open-yet", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_NOT_OPEN},
        {RC_REFUSED, "halted", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_HALTED},
        {RC_REFUSED, "client-too-old", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_TOO_OLD},
        {RC_REFUSED, "assist-unknown", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_ASSIST},
        {RC_REFUSED, "assist-needed", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_ASSIST},
        {RC_REFUSED, "revoked", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_REFUSED},
        {RC_CRYPTO, "", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_REFUSED},
        {RC_NOT_FOUND, "", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_NO_KEY},
        {RC_TOKEN, "", HTTP_FINE, P11_CREATE, CKR_DEVICE_MEMORY, OUTCOME_TOKEN_FULL},
        {RC_TOKEN, "", HTTP_FINE, P11_SIGN, CKR_DEVICE_REMOVED, OUTCOME_TOKEN_GONE},
        {RC_TOKEN, "", HTTP_FINE, P11_SIGN, CKR_TOKEN_NOT_PRESENT, OUTCOME_TOKEN_GONE},
        {RC_TOKEN, "", HTTP_FINE, P11_SIGN, CKR_DEVICE_ERROR,
         OUTCOME_TOKEN_FAILED}, /* a device's failure is no cancelling */
        {RC_BUG, "", HTTP_FINE, P11_SIGN, CKR_OK, OUTCOME_BUG},
        {RC_PIN_WRONG, "", HTTP_FINE, P11_LOGIN, CKR_GENERAL_ERROR, OUTCOME_PIN_MAYBE},
        {RC_TOKEN, "", HTTP_FINE, P11_LOGIN, CKR_PIN_EXPIRED, OUTCOME_PIN_CHANGE},
        {RC_TOKEN, "", HTTP_FINE, P11_SIGN, CKR_DEVICE_MEMORY, OUTCOME_TOKEN_FAILED}, /* no room to work in */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct p11_meaning m = p11_meaning(rows[i].op, rows[i].rv), *said = rows[i].rv == CKR_OK ? NULL : &m;
        assert_string_equal(outcome_name(outcome_of(rows[i].rc, rows[i].code, rows[i].trouble, said)),
                            outcome_name(rows[i].want));
    }
}

static void names_are_different(void **state) {
    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(outcome_name((enum outcome)i), outcome_name((enum outcome)k));
}

static void factory_pins(void **state) {
    (void)state;
    assert_true(pin_is_factory(span_str("viettel-ca")));
    assert_false(pin_is_factory(span_str("viettel-ca2")));
    assert_false(pin_is_factory(span_str("")));
}

static void the_trail_keeps_the_newest(void **state) {
    AUTO(buf) lines = {0};
    (void)state;
    MUST_FAIL(RC_NOT_FOUND, trail_get(&lines));
    (void)err_set(RC_TOKEN, "what went wrong");
    for (int i = 0; i < 400; i++)
        trail_add("K7QF-2M9X4", "write", outcome_name(OUTCOME_TOKEN_FULL), CKR_DEVICE_MEMORY, "");
    assert_string_equal(err_text(), "what went wrong"); /* also where there was no trail yet */
    trail_add("K7QF-2M9X4", "renew", outcome_name(OUTCOME_REFUSED), CKR_OK, "revoked;suspended");
    trail_add("K7QF-2M9X4", "renew", outcome_name(OUTCOME_REFUSED), CKR_OK, "CÔNG TY MẪU"); /* no code: not kept */
    MUST_OK(trail_get(&lines));
    const char *text = buf_str(&lines);
    assert_true(lines.len <= 16 * 1024);
    assert_non_null(strstr(text, "write token-full CKR_DEVICE_MEMORY -\n"));
    assert_non_null(strstr(text, "renew refused CKR_OK revoked;suspended\n"));
    assert_null(strstr(text, "MẪU"));
    assert_int_equal(strspn(text, "0123456789-T:Z"), 20); /* begins with a whole line */
}

static void marks(void **state) {
    (void)state;
    assert_int_equal(marks_get("0ABC").bits, 0);
    const unsigned two = 1u << MARK_CUSTOMS | 1u << MARK_BANK;
    assert_true(marks_get("0ABC").told); /* nothing to tell */
    marks_put("0ABC", (struct marks){two, false});
    assert_true(marks_get("0ABC").bits == two && !marks_get("0ABC").told);
    marks_put("0ABC", (struct marks){two, true});
    assert_true(marks_get("0ABC").bits == two && marks_get("0ABC").told);
    assert_int_equal(marks_get("0ABD").bits, 0);
    marks_put("0ABC", (struct marks){0});
    assert_int_equal(marks_get("0ABC").bits, 0);
    marks_put("../x", (struct marks){3, false}); /* no serial, no file */
    assert_int_equal(marks_get("../x").bits, 0);
    assert_int_equal(mark_from("taxes"), -1);
}

static struct tmp home;

static int set_up(void **state) {
    (void)state;
    return tmp_make(&home, NULL, "outcome") != RC_OK || setenv("XDG_STATE_HOME", home.dir, 1) != 0;
}

static int tear_down(void **state) {
    (void)state;
    tmp_free(&home);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes), cmocka_unit_test(names_are_different),        cmocka_unit_test(factory_pins),
        cmocka_unit_test(marks),    cmocka_unit_test(the_trail_keeps_the_newest),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
