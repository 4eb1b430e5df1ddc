/* The goals of R3.4, R3.5 and R3.6 against counts. */
#include "unit/rules/letter.h"

#include "rules/progress.h"

/* 1,000 owed in the letter's proportions (R5.8): v4 83, v2 and v5 827, the others 90. */
static void fill(struct tally t[DEVICE_COUNT]) {
    memset(t, 0, DEVICE_COUNT * sizeof *t);
    t[DEVICE_V1].owed = 40;
    t[DEVICE_V2].owed = 427;
    t[DEVICE_V3].owed = 30;
    t[DEVICE_V4].owed = 83;
    t[DEVICE_V5].owed = 400;
    t[DEVICE_V6].owed = 20;
}

static void test_sum_over_a_set(void **state) {
    (void)state;
    struct tally t[DEVICE_COUNT];
    fill(t);
    t[DEVICE_V2] = (struct tally){.owed = 5, .done = 3, .issued = 1, .held = 1, .done_self = 2};
    t[DEVICE_V4] = (struct tally){.owed = 50, .done = 30, .issued = 10, .held = 10, .done_self = 20};
    struct tally sum = progress_sum(t, DEVICE_BIT(2) | DEVICE_BIT(4));
    assert_int_equal(sum.owed, 55);
    assert_int_equal(sum.done, 33);
    assert_int_equal(sum.issued, 11);
    assert_int_equal(sum.held, 11);
    assert_int_equal(sum.done_self, 22); /* R3.4 */
}

/* R3.5: 100 % of v2, v4 and v5 by 30/07; the other versions do not count towards it. */
static void test_automatic_versions_goal(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    struct tally t[DEVICE_COUNT];
    fill(t);
    t[DEVICE_V1].done = 40;
    t[DEVICE_V2].done = 427;
    t[DEVICE_V4].done = 83;
    t[DEVICE_V5].done = 399;
    struct standing s = progress_check(&c.goals[0], t, day("2020-07-30"));
    assert_int_equal(s.owed, 910);
    assert_int_equal(s.done, 909);
    assert_int_equal(s.percent_tenths, 998); /* rounded down: 1000 only when all are done */
    assert_false(s.met);
    assert_int_equal(s.days_left, 0);
    assert_int_equal(s.per_day, 1); /* the last day counts */
    t[DEVICE_V5].done = 400;
    s = progress_check(&c.goals[0], t, day("2020-07-30"));
    assert_true(s.met);
    assert_int_equal(s.percent_tenths, 1000);
    assert_int_equal(s.per_day, 0);
}

/* R3.6: everyone owed by 30/09. */
static void test_everyone_goal(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    struct tally t[DEVICE_COUNT];
    fill(t);
    struct standing s = progress_check(&c.goals[1], t, day("2020-09-24"));
    assert_int_equal(s.owed, 1000);
    assert_int_equal(s.percent_tenths, 0);
    assert_int_equal(s.days_left, 6);
    assert_int_equal(s.per_day, 143); /* 1000 over 7 days, rounded up */
    s = progress_check(&c.goals[1], t, day("2020-10-01"));
    assert_int_equal(s.days_left, -1);
    assert_int_equal(s.per_day, INT64_MAX); /* time is over */
    assert_false(s.met);
}

static void test_goal_in_part(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    struct tally t[DEVICE_COUNT];
    fill(t);
    c.goals[1].percent = 33; /* 330 of 1000 */
    t[DEVICE_V2].done = 329;
    struct standing s = progress_check(&c.goals[1], t, day("2020-09-30"));
    assert_false(s.met);
    assert_int_equal(s.per_day, 1);
    t[DEVICE_V2].done = 330;
    s = progress_check(&c.goals[1], t, day("2020-09-30"));
    assert_true(s.met);
    assert_int_equal(s.percent_tenths, 330);
}

static void test_nobody_owed_is_met(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    struct tally t[DEVICE_COUNT] = {0};
    struct standing s = progress_check(&c.goals[0], t, day("2020-12-01"));
    assert_true(s.met);
    assert_int_equal(s.percent_tenths, 1000);
    assert_int_equal(s.per_day, 0);
}

/* Ten million cases (domain: design for 400,000, prove at 10 million) stay exact. */
static void test_large_counts(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    struct tally t[DEVICE_COUNT] = {0};
    t[DEVICE_V5].owed = 10 * 1000 * 1000;
    t[DEVICE_V5].done = 10 * 1000 * 1000 - 1;
    struct standing s = progress_check(&c.goals[1], t, day("2020-09-30"));
    assert_int_equal(s.percent_tenths, 999);
    assert_int_equal(s.per_day, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sum_over_a_set),     cmocka_unit_test(test_automatic_versions_goal),
        cmocka_unit_test(test_everyone_goal),      cmocka_unit_test(test_goal_in_part),
        cmocka_unit_test(test_nobody_owed_is_met), cmocka_unit_test(test_large_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
