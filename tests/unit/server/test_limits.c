/* Tests of server/limits: the burst, the refill, and a table that stays full. */
#include <string.h>

#include "base/digest.h"
#include "lib/must.h"
#include "server/limits.h"

static const uint8_t ANN[PEER_LEN] = {10, 0, 0, 1}, BOB[PEER_LEN] = {10, 0, 0, 2};

static void bears_a_minute_at_once_then_refuses(void **state) {
    (void)state;
    AUTO_PTR(limits) l = NULL;
    MUST_OK(limits_new(60, &l));
    for (int i = 0; i < 60; i++)
        assert_int_equal(limits_take(l, ANN, 1000), 0);
    assert_int_equal(limits_take(l, ANN, 1000), 2); /* a whole call is there after 1 s; told is the next full second */
    assert_int_equal(limits_take(l, BOB, 1000), 0); /* another address has its own bucket */
    assert_int_equal(limits_take(l, ANN, 1999), 1);
    assert_int_equal(limits_take(l, ANN, 2000), 0);
    assert_int_not_equal(limits_take(l, ANN, 2000), 0);
}

/* interfaces.md: 400 requests a minute from one address, evenly, for ten minutes. */
static void bears_an_even_stream(void **state) {
    (void)state;
    AUTO_PTR(limits) l = NULL;
    MUST_OK(limits_new(400, &l));
    for (int64_t now = 1; now < 600000; now += 150)
        assert_int_equal(limits_take(l, ANN, now), 0);
}

static void fills_up_no_further_than_a_minute(void **state) {
    (void)state;
    AUTO_PTR(limits) l = NULL;
    int taken = 0;
    MUST_OK(limits_new(10, &l));
    assert_int_equal(limits_take(l, ANN, 1), 0);
    while (limits_take(l, ANN, 100000000) == 0)
        taken++;
    assert_int_equal(taken, 10);
    assert_int_not_equal(limits_take(l, ANN, 50), 0); /* a clock that steps back gives nothing */
}

static void forgets_the_idle_first(void **state) {
    (void)state;
    AUTO_PTR(limits) l = NULL;
    uint8_t other[PEER_LEN] = {0};
    MUST_OK(limits_new(5, &l));
    for (int i = 0; i < 5; i++)
        assert_int_equal(limits_take(l, ANN, 1000), 0);
    for (uint32_t i = 0; i < 100000; i++) { /* far more addresses than the table has room for, each with one call */
        memcpy(other, &i, sizeof i);
        other[15] = 6;
        assert_int_equal(limits_take(l, other, 1000), 0);
    }
    assert_int_not_equal(limits_take(l, ANN, 1000), 0);
}

static void refuses_no_limit(void **state) {
    (void)state;
    struct limits *l = NULL;
    MUST_FAIL(RC_USAGE, limits_new(0, &l));
    limits_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bears_a_minute_at_once_then_refuses),
        cmocka_unit_test(bears_an_even_stream),
        cmocka_unit_test(fills_up_no_further_than_a_minute),
        cmocka_unit_test(forgets_the_idle_first),
        cmocka_unit_test(refuses_no_limit),
    };
    if (digest_init() != RC_OK)
        return 1;
    return cmocka_run_group_tests_name("server/limits", tests, NULL, NULL);
}
