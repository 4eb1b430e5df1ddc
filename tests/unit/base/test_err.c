/* Tests of base/err: texts, contexts, cutting, and one text a thread. */
#include <pthread.h>
#include <string.h>

#include "base/err.h"
#include "lib_base.h"

static enum rc fail_with(enum rc code) {
    FAIL(code, "number %d", (int)code);
}

static enum rc try_it(enum rc code, int *reached) {
    TRY(fail_with(code));
    *reached = 1;
    return RC_OK;
}

static void returns_the_code_and_keeps_the_text(void **state) {
    (void)state;
    assert_int_equal(err_set(RC_BUSY, "wait %d s", 3), RC_BUSY);
    assert_string_equal(err_text(), "wait 3 s");
    assert_int_equal(err_in(RC_BUSY, "server %s", "a"), RC_BUSY);
    assert_string_equal(err_text(), "server a: wait 3 s");
}

static void try_returns_at_the_first_failure(void **state) {
    (void)state;
    int reached = 0;
    assert_int_equal(try_it(RC_IO, &reached), RC_IO);
    assert_int_equal(reached, 0);
    assert_int_equal(try_it(RC_OK, &reached), RC_OK);
    assert_int_equal(reached, 1);
}

static void cuts_at_511_bytes(void **state) {
    (void)state;
    char big[2000];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = 0;
    err_set(RC_INPUT, "%s", big);
    assert_int_equal(strlen(err_text()), 511);
    err_in(RC_INPUT, "place");
    assert_int_equal(strlen(err_text()), 511);
    assert_memory_equal(err_text(), "place: xxx", 10);
}

static void takes_its_own_text_as_an_argument(void **state) {
    (void)state;
    err_set(RC_IO, "inner");
    err_set(RC_DB, "outer (%s)", err_text());
    assert_string_equal(err_text(), "outer (inner)");
}

static void names_every_code(void **state) {
    (void)state;
    for (int a = RC_OK; a <= RC_BUG; a++)
        for (int b = RC_OK; b < a; b++)
            assert_string_not_equal(err_name((enum rc)a), err_name((enum rc)b));
    assert_string_equal(err_name(RC_PIN_WRONG), "pin-wrong");
    assert_string_equal(err_name((enum rc)(RC_BUG + 1)), "unknown");
    assert_string_equal(err_name((enum rc) - 1), "unknown");
}

static void *other_thread(void *arg) {
    (void)arg;
    err_set(RC_IO, "theirs");
    return NULL;
}

static void keeps_a_text_for_each_thread(void **state) {
    (void)state;
    pthread_t thread;
    err_set(RC_IO, "ours");
    assert_int_equal(pthread_create(&thread, NULL, other_thread, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(err_text(), "ours");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(returns_the_code_and_keeps_the_text),
        cmocka_unit_test(try_returns_at_the_first_failure),
        cmocka_unit_test(cuts_at_511_bytes),
        cmocka_unit_test(takes_its_own_text_as_an_argument),
        cmocka_unit_test(names_every_code),
        cmocka_unit_test(keeps_a_text_for_each_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
