/* The page's meeting place and its commands: one answer to one screen, an end when nobody looks, a PIN straight into
   locked memory. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/os.h"
#include "client/ui/ui_api.h"
#include "lib/must.h"

static void one_answer_to_one_screen(void **state) {
    AUTO_PTR(ui_state) s = NULL;
    AUTO(ui_command) got = {0};
    (void)state;
    MUST_OK(ui_state_new(&s));
    MUST_OK(ui_state_publish(s, "\"a\":1"));
    struct ui_command first = {.kind = UI_RETRY, .seq = 1}, second = first, past = {.kind = UI_CANCEL, .seq = 0};
    struct ui_command lang = {.kind = UI_LANG, .seq = 0};
    MUST_FAIL(RC_BUSY, ui_state_post(s, &past));
    MUST_OK(ui_state_post(s, &first));
    MUST_FAIL(RC_BUSY, ui_state_post(s, &second)); /* a double click */
    MUST_OK(ui_state_post(s, &lang));
    assert_true(ui_state_take(s, 0, &got));
    assert_int_equal(got.kind, UI_RETRY);
    MUST_FAIL(RC_BUSY, ui_state_post(s, &second)); /* not before the next screen */
    assert_true(ui_state_take(s, 0, &got));
    assert_false(ui_state_take(s, 10, &got));
    MUST_OK(ui_state_publish(s, "\"a\":2"));
    second.seq = 2;
    MUST_OK(ui_state_post(s, &second));
}

static void the_inbox_has_a_limit(void **state) {
    AUTO_PTR(ui_state) s = NULL;
    int taken = 0;
    (void)state;
    MUST_OK(ui_state_new(&s));
    for (int i = 0; i < 100; i++) {
        struct ui_command mark = {.kind = UI_MARK};
        taken += ui_state_post(s, &mark) == RC_OK;
    }
    assert_in_range(taken, 1, 99);
}

static void *publish_later(void *arg) {
    usleep(50 * 1000);
    MUST_OK(ui_state_publish(arg, "\"b\":1"));
    return NULL;
}

static void a_wait_ends_with_the_next_state(void **state) {
    AUTO_PTR(ui_state) s = NULL;
    AUTO(buf) json = {0};
    pthread_t thread;
    (void)state;
    MUST_OK(ui_state_new(&s));
    MUST_OK(ui_state_publish(s, "\"a\":1"));
    MUST_OK(ui_state_wait(s, 0, 5000, &json));
    assert_string_equal(buf_str(&json), "{\"seq\":1,\"a\":1}");
    assert_int_equal(pthread_create(&thread, NULL, publish_later, s), 0);
    int64_t from = os_clock_ms();
    MUST_OK(ui_state_wait(s, 1, 5000, &json));
    assert_string_equal(buf_str(&json), "{\"seq\":2,\"b\":1}");
    assert_true(os_clock_ms() - from < 3000);
    pthread_join(thread, NULL);
    MUST_OK(ui_state_wait(s, 2, 20, &json)); /* time is up: the same again */
    assert_string_equal(buf_str(&json), "{\"seq\":2,\"b\":1}");
}

static void a_page_that_leaves_is_missed_soon(void **state) {
    AUTO_PTR(ui_state) s = NULL;
    AUTO(buf) json = {0};
    (void)state;
    MUST_OK(ui_state_new(&s));
    assert_false(ui_state_abandoned(s)); /* there is time to open it */
    ui_state_leave(s);
    assert_false(ui_state_abandoned(s)); /* a reload comes back */
    MUST_OK(ui_state_wait(s, 5, 0, &json));
    usleep(2300 * 1000);
    assert_false(ui_state_abandoned(s));
    ui_state_leave(s);
    usleep(2300 * 1000);
    assert_true(ui_state_abandoned(s));
}

static void bodies(void **state) {
    AUTO(ui_command) c = {0};
    char longer[SECRET_MAX + 2];
    (void)state;
    MUST_OK(ui_api_parse("mark", 7, span_str("{\"item\":\"tax\",\"done\":true}"), &c));
    assert_int_equal(c.kind, UI_MARK);
    assert_int_equal(c.seq, 7);
    assert_string_equal(c.text, "tax");
    assert_true(c.flag);
    MUST_OK(ui_api_parse("pin", 7, span_str("8gK-grep-me"), &c));
    assert_string_equal(c.pin.text, "8gK-grep-me");
    ui_command_free(&c);
    memset(longer, 'x', sizeof longer);
    MUST_FAIL(RC_LIMIT, ui_api_parse("pin", 7, span_of(longer, sizeof longer), &c));
    MUST_FAIL(RC_INPUT, ui_api_parse("pin", 7, span_of("ab\0cd", 5), &c));
    MUST_FAIL(RC_INPUT, ui_api_parse("mark", 7, span_str("[]"), &c));
    MUST_FAIL(RC_INPUT, ui_api_parse("choose", 7, span_str(""), &c));
    MUST_OK(ui_api_parse("proxy", 7, span_str("proxy:3128\nCTY\\an\n8gK-grep-me"), &c));
    assert_string_equal(c.text, "proxy:3128");
    assert_string_equal(c.name, "CTY\\an");
    assert_string_equal(c.pin.text, "8gK-grep-me");
    ui_command_free(&c);
    MUST_OK(ui_api_parse("proxy", 7, span_str(""), &c)); /* the system's own, without a login */
    assert_string_equal(c.text, "");
    ui_command_free(&c);
    MUST_FAIL(RC_LIMIT, ui_api_parse("proxy", 7, span_of(longer, sizeof longer), &c));
    MUST_FAIL(RC_NOT_FOUND, ui_api_parse("nothing", 7, span_str("{}"), &c));
    memset(longer, 'A', sizeof longer);
    AUTO(buf) text = {0};
    MUST_OK(buf_printf(&text, "{\"serial\":\"%.256s\"}", longer));
    MUST_FAIL(RC_LIMIT, ui_api_parse("choose", 7, buf_span(&text), &c));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_answer_to_one_screen),
        cmocka_unit_test(the_inbox_has_a_limit),
        cmocka_unit_test(a_wait_ends_with_the_next_state),
        cmocka_unit_test(a_page_that_leaves_is_missed_soon),
        cmocka_unit_test(bodies),
    };
    return digest_init() == RC_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
