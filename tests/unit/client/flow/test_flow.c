/* Every screen of the guided run: which facts lead to it, and that both languages say it. */
#include "client/flow/flow.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/must.h"

/* A run on which everything is well until the PIN is asked; each test changes what it is about. */
static struct flow_facts good(void) {
    return (struct flow_facts){.looked = true,
                               .drivers = 1,
                               .tokens = 1,
                               .certificates = 1,
                               .server = SERVER_ASKED,
                               .due = 1,
                               .due_tokens = 1,
                               .chosen = true,
                               .agreed = true,
                               .outcome = OUTCOME_COUNT};
}

static void expect_screen(struct flow_facts f, enum screen want) {
    assert_string_equal(flow_view(flow_screen(&f), LANG_EN).code, flow_view(want, LANG_EN).code);
}

#define WITH(want, ...)                                                                                                \
    do {                                                                                                               \
        struct flow_facts f = good();                                                                                  \
        __VA_ARGS__;                                                                                                   \
        expect_screen(f, want);                                                                                        \
    } while (0)

static void what_is_plugged_in(void **state) {
    (void)state;
    WITH(SCREEN_LOOKING, f.looked = false);
    WITH(SCREEN_NO_DRIVER, f.drivers = 0, f.tokens = 0);
    WITH(SCREEN_DRIVER_FAILED, f.drivers = 2, f.drivers_failed = 2, f.tokens = 0);
    WITH(SCREEN_NO_TOKEN, f.drivers = 2, f.drivers_failed = 1, f.tokens = 0);
    WITH(SCREEN_DRIVER_BLIND, f.tokens = 0, f.usb_token = true);
    WITH(SCREEN_NO_CERTIFICATE, f.certificates = 0);
    WITH(SCREEN_NO_CERTIFICATE, f.certificates = 0, f.tokens = 2, f.empty = 1);
    WITH(SCREEN_EMPTY, f.certificates = 0, f.tokens = 2, f.empty = 2);
    WITH(SCREEN_BARE, f.certificates = 0, f.tokens = 2, f.empty = 1, f.bare = 1);
    WITH(SCREEN_TOKEN_UNREADABLE, f.certificates = 0, f.tokens_failed = 1);
    WITH(SCREEN_LOOKING, f.server = SERVER_UNASKED);
}

static void what_is_owed(void **state) {
    (void)state;
    WITH(SCREEN_ALREADY_DONE, f.due = 0, f.done = 1, f.refused = 1);
    WITH(SCREEN_NOT_OPEN, f.due = 0, f.later = 1, f.refused = 1);
    WITH(SCREEN_HALTED, f.due = 0, f.later = 1, f.halted = true);
    WITH(SCREEN_ASSISTED_ONLY, f.due = 0, f.other_way = 1, f.later = 1, f.done = 1);
    WITH(SCREEN_SELF_ONLY, f.due = 0, f.other_way = 1, f.assisted = true);
    WITH(SCREEN_CONFIRM, f.other_way = 1, f.agreed = false);
    WITH(SCREEN_HELD, f.due = 0, f.held = 1, f.refused = 1);
    WITH(SCREEN_NOT_ELIGIBLE, f.due = 0, f.refused = 1);
    WITH(SCREEN_OTHER_COMPANY, f.due = 0, f.refused = 1, f.foreign = true);
    WITH(SCREEN_TOKEN_UNREADABLE, f.due = 0, f.refused = 1, f.tokens_failed = 1);
    WITH(SCREEN_SEVERAL_TOKENS, f.due = 2, f.due_tokens = 2, f.chosen = f.agreed = false);
    WITH(SCREEN_SEVERAL_CERTIFICATES, f.due = 2, f.chosen = f.agreed = false);
    WITH(SCREEN_CONFIRM, f.agreed = false); /* R5.10 */
    WITH(SCREEN_TOO_OLD, f.too_old = true, f.chosen = f.agreed = false);
    WITH(SCREEN_RESUME, f.agreed = false, f.unfinished = true);
}

static void the_pin(void **state) {
    (void)state;
    WITH(SCREEN_PIN, (void)0);
    WITH(SCREEN_PIN_PAD, f.token.protected_path = true);
    WITH(SCREEN_PIN_LENGTH, f.pin_fault = PIN_BAD_LENGTH);
    WITH(SCREEN_PIN_CHARACTERS, f.pin_fault = PIN_BAD_CHARACTERS);
    WITH(SCREEN_PIN_WRONG, f.outcome = OUTCOME_PIN_WRONG);
    WITH(SCREEN_PIN_LAST, f.token.pin_final_try = true);
    WITH(SCREEN_PIN_LAST, f.token.pin_final_try = true, f.outcome = OUTCOME_PIN_WRONG);
    WITH(SCREEN_PIN, f.token.pin_final_try = true, f.last_try_accepted = true);
    WITH(SCREEN_PIN_LOCKED, f.token.pin_locked = true, f.last_try_accepted = true);
    WITH(SCREEN_PIN_LOCKED, f.outcome = OUTCOME_PIN_LOCKED);
    WITH(SCREEN_PIN, f.token.pin_not_set = true); /* many drivers never set the flag */
    WITH(SCREEN_PIN_MAYBE, f.outcome = OUTCOME_PIN_MAYBE);
    WITH(SCREEN_PIN_CHANGE, f.outcome = OUTCOME_PIN_CHANGE);
}

static void the_work(void **state) {
    (void)state;
    WITH(SCREEN_REQUEST, f.working = true, f.step = ENROL_REQUEST);
    WITH(SCREEN_WAITING, f.working = true, f.waiting = true, f.step = ENROL_REQUEST);
    WITH(SCREEN_SIGN, f.working = true, f.step = ENROL_SIGN);
    WITH(SCREEN_PAD_NOW, f.working = true, f.step = ENROL_SIGN, f.token.protected_path = true);
    WITH(SCREEN_WRITE, f.working = true, f.step = ENROL_WRITE);
    WITH(SCREEN_TELL, f.working = true, f.step = ENROL_CONFIRM);
}

static void how_it_ended(void **state) {
    const struct {
        enum outcome outcome;
        enum screen screen;
    } rows[] = {
        {OUTCOME_DONE, SCREEN_DONE},
        {OUTCOME_CANCELLED, SCREEN_CANCELLED},
        {OUTCOME_NOWHERE, SCREEN_BUG},
        {OUTCOME_NO_KEY, SCREEN_NO_KEY},
        {OUTCOME_TOKEN_GONE, SCREEN_TOKEN_GONE},
        {OUTCOME_TOKEN_FULL, SCREEN_TOKEN_FULL},
        {OUTCOME_TOKEN_FAILED, SCREEN_TOKEN_FAILED},
        {OUTCOME_TAKEN, SCREEN_TAKEN},
        {OUTCOME_AWAY, SCREEN_AWAY},
        {OUTCOME_PROXY, SCREEN_PROXY},
        {OUTCOME_CLOCK, SCREEN_CLOCK},
        {OUTCOME_TRUST, SCREEN_TRUST},
        {OUTCOME_BUSY, SCREEN_BUSY},
        {OUTCOME_NOT_OPEN, SCREEN_NOT_OPEN},
        {OUTCOME_HALTED, SCREEN_HALTED},
        {OUTCOME_TOO_OLD, SCREEN_TOO_OLD},
        {OUTCOME_ASSIST, SCREEN_ASSIST_NEEDED},
        {OUTCOME_REFUSED, SCREEN_REFUSED},
        {OUTCOME_BUG, SCREEN_BUG},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        WITH(rows[i].screen, f.outcome = rows[i].outcome);
    WITH(SCREEN_ASSIST, f.outcome = OUTCOME_ASSIST, f.alone = true); /* R5.6 */
}

static void the_old_one_goes(void **state) { /* R5.11 */
    (void)state;
    WITH(SCREEN_CLEAN_ASK, f.due = 0, f.done = 1, f.cleaning = true);
    WITH(SCREEN_CLEAN_PIN, f.due = 0, f.done = 1, f.cleaning = f.clean_agreed = true);
    WITH(SCREEN_PIN_WRONG, f.cleaning = f.clean_agreed = true, f.outcome = OUTCOME_PIN_WRONG);
    WITH(SCREEN_PIN_LAST, f.cleaning = f.clean_agreed = true, f.token.pin_final_try = true);
    WITH(SCREEN_PIN_PAD, f.cleaning = f.clean_agreed = true, f.token.protected_path = true);
    WITH(SCREEN_CLEANING, f.cleaning = f.working = true, f.step = ENROL_SIGN);
    WITH(SCREEN_CLEANED, f.cleaning = true, f.outcome = OUTCOME_DONE);
    WITH(SCREEN_CLEAN_FAILED, f.cleaning = true, f.outcome = OUTCOME_TOKEN_FAILED);
    WITH(SCREEN_CLEAN_FAILED, f.cleaning = true, f.outcome = OUTCOME_REFUSED);
    WITH(SCREEN_TOKEN_GONE, f.cleaning = true, f.outcome = OUTCOME_TOKEN_GONE);
    WITH(SCREEN_NO_TOKEN, f.cleaning = true, f.tokens = 0);
}

static void every_text_is_there_in_both_languages(void **state) {
    (void)state;
    for (int s = 0; s < SCREEN_COUNT; s++) {
        struct flow_view vi = flow_view((enum screen)s, LANG_VI), en = flow_view((enum screen)s, LANG_EN);
        const char *texts[][2] = {{vi.title, en.title}, {vi.text, en.text}, {vi.next, en.next}};
        assert_string_equal(vi.code, en.code);
        assert_int_equal(strspn(vi.code, "abcdefghijklmnopqrstuvwxyz-"), strlen(vi.code));
        for (size_t i = 0; i < 3; i++) {
            assert_true(strlen(texts[i][0]) > 3 && strlen(texts[i][1]) > 3);
            assert_string_not_equal(texts[i][0], texts[i][1]);
        }
        for (int other = 0; other < s; other++)
            assert_string_not_equal(vi.code, flow_view((enum screen)other, LANG_VI).code);
    }
}

/* A screen on which nothing happens by itself offers a way on; one that says "keep it in" offers no way out. */
static void nobody_is_left_standing(void **state) {
    (void)state;
    for (int s = 0; s < SCREEN_COUNT; s++) {
        struct flow_view v = flow_view((enum screen)s, LANG_EN);
        if (v.mood != MOOD_WORK && !v.polls)
            assert_true(v.actions != 0);
        if (v.keep)
            assert_true(v.mood == MOOD_WORK && v.actions == 0);
        assert_true(v.stage >= 0 && v.stage <= 5);
    }
    assert_false(flow_view(SCREEN_WAITING, LANG_EN).keep); /* shown only while it is true */
    assert_false(flow_view(SCREEN_DONE, LANG_EN).keep);
    assert_true(flow_view(SCREEN_WRITE, LANG_EN).keep);
}

/* A run may end there after the new certificate was written, or the old one asked to go. */
static void claims_nothing_of_a_token_that_may_have_changed(void **state) {
    static const enum screen after[] = {SCREEN_CANCELLED, SCREEN_REFUSED, SCREEN_TOKEN_GONE};
    (void)state;
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
        assert_null(strstr(flow_view(after[i], LANG_VI).text, "không thay đổi"));
        assert_null(strstr(flow_view(after[i], LANG_VI).text, "còn nguyên"));
        assert_null(strstr(flow_view(after[i], LANG_EN).text, "unchanged"));
        assert_null(strstr(flow_view(after[i], LANG_EN).text, "intact"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_plugged_in),
        cmocka_unit_test(what_is_owed),
        cmocka_unit_test(the_pin),
        cmocka_unit_test(the_work),
        cmocka_unit_test(how_it_ended),
        cmocka_unit_test(the_old_one_goes),
        cmocka_unit_test(every_text_is_there_in_both_languages),
        cmocka_unit_test(nobody_is_left_standing),
        cmocka_unit_test(claims_nothing_of_a_token_that_may_have_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
