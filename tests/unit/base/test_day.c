/* Tests of base/day: every day of two centuries against timegm, leap rules, days in Viet Nam (R5.1), and texts. */
#include <string.h>
#include <time.h>

#include "base/day.h"
#include "lib_base.h"

#define VIET_NAM (7 * 3600)

/* The instant where the old CA certificate ends: 2020-10-02T02:42:20Z (R5.1). */
#define OLD_CA_END INT64_C(1601606540)

static void agrees_with_timegm_from_1900_to_2100(void **state) {
    (void)state;
    struct tm tm = {.tm_year = 0, .tm_mon = 0, .tm_mday = 1};
    int32_t first = (int32_t)(timegm(&tm) / DAY_SECONDS);
    tm = (struct tm){.tm_year = 200, .tm_mon = 11, .tm_mday = 31};
    int32_t last = (int32_t)(timegm(&tm) / DAY_SECONDS);
    assert_int_equal(last - first, 73413);
    for (int32_t day = first; day <= last; day++) {
        time_t t = (time_t)day * DAY_SECONDS;
        gmtime_r(&t, &tm);
        struct date d = day_to_date(day);
        assert_int_equal(d.year, tm.tm_year + 1900);
        assert_int_equal(d.month, tm.tm_mon + 1);
        assert_int_equal(d.day, tm.tm_mday);
        assert_true(date_valid(d));
        assert_int_equal(day_from_date(d), day);
    }
}

static void counts_every_day_of_the_years_1_to_9999_once(void **state) {
    (void)state;
    int32_t day = day_from_date((struct date){1, 1, 1});
    for (int32_t year = 1; year <= 9999; year++)
        for (int32_t month = 1; month <= 12; month++)
            for (int32_t d = 1; d <= 31; d++) {
                struct date date = {year, month, d};
                if (date_valid(date) && day_from_date(date) != day++)
                    fail_msg("%d-%d-%d", year, month, d);
            }
    assert_int_equal(day - 1, day_from_date((struct date){9999, 12, 31}));
}

static void knows_the_leap_rules(void **state) {
    (void)state;
    static const struct {
        struct date date;
        bool valid;
    } cases[] = {
        {{2020, 2, 29}, true},  {{2019, 2, 29}, false}, {{2000, 2, 29}, true},  {{1900, 2, 29}, false},
        {{2100, 2, 29}, false}, {{2020, 2, 30}, false}, {{2020, 4, 31}, false}, {{2020, 12, 31}, true},
        {{2020, 0, 1}, false},  {{2020, 13, 1}, false}, {{2020, 1, 0}, false},  {{2020, 1, 32}, false},
        {{0, 1, 1}, false},     {{10000, 1, 1}, false}, {{1, 1, 1}, true},      {{9999, 12, 31}, true},
        {{-4, 2, 29}, false},   {{2020, -1, 1}, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(date_valid(cases[i].date), cases[i].valid);
}

/* R5.1: the old CA ends at 09:42:20 in Viet Nam; the civil day changes there at 17:00 UTC. */
static void finds_the_civil_day_in_viet_nam(void **state) {
    (void)state;
    int32_t second_october = day_from_date((struct date){2020, 10, 2});
    assert_int_equal(day_of(OLD_CA_END, VIET_NAM), second_october);
    assert_int_equal(day_start(second_october, VIET_NAM), OLD_CA_END - (9 * 3600 + 42 * 60 + 20));
    assert_int_equal(day_end(second_october, VIET_NAM), day_start(second_october + 1, VIET_NAM) - 1);
    assert_int_equal(day_of(day_start(second_october, VIET_NAM), VIET_NAM), second_october);
    assert_int_equal(day_of(day_start(second_october, VIET_NAM) - 1, VIET_NAM), second_october - 1);
    assert_int_equal(day_of(day_end(second_october, VIET_NAM), VIET_NAM), second_october);
    assert_int_equal(day_of(day_start(second_october, VIET_NAM), 0), second_october - 1);
    char text[INSTANT_TEXT];
    instant_format(day_end(second_october, VIET_NAM), text);
    assert_string_equal(text, "2020-10-02T16:59:59Z");
}

static void rounds_down_before_1970(void **state) {
    (void)state;
    assert_int_equal(day_of(-1, 0), -1);
    assert_int_equal(day_of(-DAY_SECONDS, 0), -1);
    assert_int_equal(day_of(-DAY_SECONDS - 1, 0), -2);
    assert_int_equal(day_of(0, -1), -1);
    assert_int_equal(day_of(-1, 1), 0);
}

static void reads_dates_exactly(void **state) {
    (void)state;
    const char *const bad[] = {"",           "2020-10-2",   "2020-1-02",   "20-10-02",
                               "2020/10/02", "2020-10-02 ", " 2020-10-02", "2020-10-02T",
                               "2019-02-29", "2020-13-01",  "2020-00-01",  "2020-01-00",
                               "0000-01-01", "+020-01-01",  "2020-1a-01",  "02/10/2020",
                               "2020-10-",   "10000-01-01"};
    int32_t day = 77;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (day_parse(bad[i], &day) != RC_INPUT || day != 77)
            fail_msg("accepted '%s'", bad[i]);
    MUST_OK(day_parse("2020-10-02", &day));
    assert_int_equal(day, 18537);
    char text[DAY_TEXT];
    day_format(day, text);
    assert_string_equal(text, "2020-10-02");
    MUST_OK(day_parse("0001-01-01", &day));
    day_format(day, text);
    assert_string_equal(text, "0001-01-01");
    day_format(day - 1, text);
    assert_string_equal(text, "");
    day_format(DAY_NONE, text);
    assert_string_equal(text, "");
    day_format(INT32_MAX, text);
    assert_string_equal(text, "");
}

static void reads_rfc3339(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t instant;
    } good[] = {
        {"2020-10-02T02:42:20Z", OLD_CA_END},
        {"2020-10-02T09:42:20+07:00", OLD_CA_END},
        {"2020-10-01T21:12:20-05:30", OLD_CA_END},
        {"2020-10-02t02:42:20z", OLD_CA_END},
        {"2020-10-02T02:42:20.999999Z", OLD_CA_END},
        {"2020-10-02T02:42:20.5+00:00", OLD_CA_END},
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59Z", -1},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799)},
        {"0001-01-01T00:00:00Z", INT64_C(-62135596800)},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t instant = 0;
        MUST_OK(instant_parse(good[i].text, &instant));
        assert_int_equal(instant, good[i].instant);
    }
}

static void refuses_other_times(void **state) {
    (void)state;
    const char *const bad[] = {"",
                               "2020-10-02",
                               "2020-10-02T02:42:20",
                               "2020-10-02 02:42:20Z",
                               "2020-10-02T02:42Z",
                               "2020-10-02T24:00:00Z",
                               "2020-10-02T02:60:00Z",
                               "2020-10-02T02:42:60Z",
                               "2020-10-02T02:42:20.Z",
                               "2020-10-02T02:42:20,5Z",
                               "2020-10-02T02:42:20Zx",
                               "2020-10-02T02:42:20+07",
                               "2020-10-02T02:42:20+0700",
                               "2020-10-02T02:42:20+24:00",
                               "2020-10-02T02:42:20+07:60",
                               "2020-10-02T02:42:20+07:00 ",
                               "2020-02-30T02:42:20Z",
                               "2020-10-02T2:42:20Z",
                               "0001-01-01T00:00:00+00:01",
                               "9999-12-31T23:59:59-00:01",
                               "2020-10-02T02:42:20.",
                               "2020-10-02T02:42:20+"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t instant = 77;
        if (instant_parse(bad[i], &instant) != RC_INPUT || instant != 77)
            fail_msg("accepted '%s'", bad[i]);
    }
}

static void writes_only_what_it_reads(void **state) {
    (void)state;
    char text[INSTANT_TEXT];
    for (int64_t t = INT64_C(-62135596800); t <= INT64_C(253402300799); t += INT64_C(98765432)) {
        int64_t back = 0;
        instant_format(t, text);
        assert_int_equal(strlen(text), INSTANT_TEXT - 1);
        MUST_OK(instant_parse(text, &back));
        assert_int_equal(back, t);
    }
    const int64_t outside[] = {INSTANT_NONE, INT64_MAX, INT64_C(-62135596801), INT64_C(253402300800)};
    for (size_t i = 0; i < COUNT(outside); i++) {
        instant_format(outside[i], text);
        assert_string_equal(text, "");
    }
}

/* interfaces.md, screen --as-of: a date means 00:00 at +07:00. */
static void reads_a_bare_date_as_its_start(void **state) {
    (void)state;
    int64_t instant = 0;
    MUST_OK(instant_parse_or_day("2020-10-02", VIET_NAM, &instant));
    assert_int_equal(instant, OLD_CA_END - (9 * 3600 + 42 * 60 + 20));
    MUST_OK(instant_parse_or_day("2020-10-02T02:42:20Z", VIET_NAM, &instant));
    assert_int_equal(instant, OLD_CA_END);
    assert_int_equal(instant_parse_or_day("2020-10-32", VIET_NAM, &instant), RC_INPUT);
    assert_int_equal(instant_parse_or_day("yesterday", VIET_NAM, &instant), RC_INPUT);
    assert_int_equal(instant, OLD_CA_END);
}

/* For people: never 01/04 for the first of April in English. R5.1: midnight is Viet Nam's. */
static void is_read_in_each_language_as_its_readers_write(void **state) {
    (void)state;
    char day[DAY_TEXT], at[INSTANT_READ];
    day_read(18353, LANG_VI, day);
    assert_string_equal(day, "01/04/2020");
    day_read(18353, LANG_EN, day);
    assert_string_equal(day, "2020-04-01");
    day_read(DAY_NONE, LANG_VI, day);
    assert_string_equal(day, "");
    instant_read(OLD_CA_END + 15 * 3600, VIET_NAM, LANG_VI, at);
    assert_string_equal(at, "03/10/2020 00:42");
    instant_read(OLD_CA_END, VIET_NAM, LANG_EN, at);
    assert_string_equal(at, "2020-10-02 09:42");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_timegm_from_1900_to_2100),
        cmocka_unit_test(counts_every_day_of_the_years_1_to_9999_once),
        cmocka_unit_test(knows_the_leap_rules),
        cmocka_unit_test(finds_the_civil_day_in_viet_nam),
        cmocka_unit_test(rounds_down_before_1970),
        cmocka_unit_test(reads_dates_exactly),
        cmocka_unit_test(reads_rfc3339),
        cmocka_unit_test(refuses_other_times),
        cmocka_unit_test(writes_only_what_it_reads),
        cmocka_unit_test(reads_a_bare_date_as_its_start),
        cmocka_unit_test(is_read_in_each_language_as_its_readers_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
