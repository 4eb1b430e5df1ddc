/* What a token says of its PIN right after a wrong one is known in the next process too. */
#include "unit/client/token/card.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/token/tries.h"

static struct cert held_cert; /* on it */
static struct tries_of held;

static void hold(const struct card *c) {
    MUST_OK(cert_parse(buf_span(&c->old_der), &held_cert));
    held = tries_of_key(&held_cert);
}

static struct p11_token fresh(const struct card *c) { /* as a new process sees it: it says nothing */
    unsetenv("SHIM_FLAGS");
    return c->token;
}

static void remembers_the_last_try(void **state) {
    (void)state;
    AUTO(card) c;
    card_open(&c, false);
    setenv("XDG_STATE_HOME", c.h.dir, 1);
    hold(&c);
    struct p11_token t = fresh(&c);
    tries_recall(&t, held);
    assert_false(t.pin_final_try || t.pin_count_low);
    setenv("SHIM_FLAGS", "count_low", 1);
    MUST_FAIL(RC_PIN_WRONG, tries_after_wrong(&t, held, CKR_PIN_INCORRECT));
    t = fresh(&c);
    tries_recall(&t, held);
    assert_true(t.pin_count_low && !t.pin_final_try);
    setenv("SHIM_FLAGS", "final_try", 1);
    MUST_FAIL(RC_PIN_WRONG, tries_after_wrong(&t, held, CKR_PIN_INCORRECT));
    t = fresh(&c);
    tries_recall(&t, held);
    assert_true(t.pin_final_try);
    t = fresh(&c);
    t.pin_count_low = true; /* the token knows better */
    tries_recall(&t, held);
    assert_false(t.pin_final_try);
    struct p11_token other = fresh(&c); /* all tokens of a maker may have one serial number: the key is another */
    struct cert others;
    MUST_OK(cert_parse(card_ca(true), &others));
    tries_recall(&other, tries_of_key(&others));
    assert_false(other.pin_final_try);
    tries_forget(held);
    t = fresh(&c);
    tries_recall(&t, held);
    assert_false(t.pin_final_try || t.pin_count_low);
}

static void ignores_a_file_that_is_no_word_of_ours(void **state) {
    (void)state;
    AUTO(card) c;
    char dir[PATH_CAP];
    glob_t found;
    card_open(&c, false);
    setenv("XDG_STATE_HOME", c.h.dir, 1);
    hold(&c);
    struct p11_token t = fresh(&c);
    setenv("SHIM_FLAGS", "final_try", 1);
    MUST_FAIL(RC_PIN_WRONG, tries_after_wrong(&t, held, CKR_PIN_INCORRECT));
    MUST_OK(fs_join(dir, c.h.dir, "capbu/pin-*"));
    assert_int_equal(glob(dir, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    static const char *const texts[] = {"", "final", "final\n\n", "final\nfinal\nfinal\n",
                                        "\n"}; /* the fourth is too long */
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        MUST_OK(fs_write(found.gl_pathv[0], span_str(texts[i]), 0600));
        t = fresh(&c);
        tries_recall(&t, held);
        assert_false(t.pin_final_try || t.pin_count_low);
    }
    MUST_OK(fs_write(found.gl_pathv[0], span_str("final\n"), 0600));
    t = fresh(&c);
    tries_recall(&t, held);
    assert_true(t.pin_final_try);
    globfree(&found);
}

static void tells_the_last_wrong_pin_from_the_others(void **state) {
    (void)state;
    AUTO(card) c;
    card_open(&c, false);
    setenv("XDG_STATE_HOME", c.h.dir, 1);
    hold(&c);
    struct p11_token t = fresh(&c);
    setenv("SHIM_FLAGS", "final_try", 1);
    MUST_FAIL(RC_PIN_WRONG, tries_after_wrong(&t, held, CKR_PIN_INCORRECT));
    setenv("SHIM_FLAGS", "locked", 1);
    MUST_FAIL(RC_PIN_LOCKED, tries_after_wrong(&t, held, CKR_PIN_INCORRECT));
    t = fresh(&c); /* unlocked with the PUK meanwhile, perhaps: nothing is held against it */
    tries_recall(&t, held);
    assert_false(t.pin_locked || t.pin_final_try || t.pin_count_low);
    setenv("XDG_STATE_HOME", "/proc/nowhere", 1); /* a home that cannot be written is no obstacle */
    setenv("SHIM_FLAGS", "final_try", 1);
    MUST_FAIL(RC_PIN_WRONG, tries_after_wrong(&t, held, CKR_PIN_INCORRECT));
    card_pull(&c);
    t = fresh(&c);
    t.slot = 4711; /* pulled out: what was wrong stays wrong */
    MUST_FAIL(RC_PIN_WRONG, tries_after_wrong(&t, held, CKR_PIN_INCORRECT));
}

static void remembers_a_refusal_without_a_reason(void **state) {
    (void)state;
    AUTO(card) c;
    card_open(&c, false);
    setenv("XDG_STATE_HOME", c.h.dir, 1);
    hold(&c);
    struct p11_token t = fresh(&c);
    MUST_FAIL(RC_PIN_WRONG, tries_after_wrong(&t, held, CKR_GENERAL_ERROR));
    assert_non_null(strstr(err_text(), "may have been wrong"));
    t = fresh(&c);
    tries_recall(&t, held);
    assert_true(t.pin_doubtful && !t.pin_count_low);
    tries_forget(held);
    t = fresh(&c);
    tries_recall(&t, held);
    assert_false(t.pin_doubtful);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remembers_the_last_try),
        cmocka_unit_test(ignores_a_file_that_is_no_word_of_ours),
        cmocka_unit_test(remembers_a_refusal_without_a_reason),
        cmocka_unit_test(tells_the_last_wrong_pin_from_the_others),
    };
    return cmocka_run_group_tests(tests, card_cas, card_cas_end);
}
