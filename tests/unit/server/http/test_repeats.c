/* Tests of server/http/repeats: some lines a minute for each reason, all counted, however many come and in what order.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "lib/must.h"
#include "server/http/repeats.h"

#define MINUTE REPEATS_EVERY_MS

/* `count` of each of the reasons in turn; gives how many lines there were. */
static int lines_of(struct repeats *s, const char *const reasons[], int count, int64_t now_ms, int64_t *told) {
    int lines = 0;
    for (int i = 0; i < count; i++)
        for (int j = 0; reasons[j] != NULL; j++) {
            int64_t untold = 0;
            lines += repeats_take(s, "no-handshake", reasons[j], now_ms, &untold);
            *told += untold;
        }
    return lines;
}

static void reasons_in_turn_are_bounded(void **state) {
    static const char *const reasons[] = {"http request", "wrong version number", "unexpected message", NULL};
    struct repeats s;
    int64_t told = 0;
    (void)state;
    repeats_open(&s, "text");
    assert_int_equal(lines_of(&s, reasons, 5000, 7, &told), 3 * REPEATS_LINES);
    assert_int_equal(told, 0);
    assert_int_equal(lines_of(&s, reasons, 1, 6 + MINUTE, &told), 0);
    assert_int_equal(lines_of(&s, reasons, 1, 7 + MINUTE, &told), 3); /* each tells of those before */
    assert_int_equal(told, 3 * (5001 - REPEATS_LINES));
    assert_int_equal(lines_of(&s, reasons, 1, 7 + MINUTE, &told), 3);
    assert_int_equal(told, 3 * (5001 - REPEATS_LINES));
    repeats_close(&s);
}

static void reasons_without_end_are_bounded(void **state) {
    struct repeats s;
    int lines = 0;
    int64_t untold, told = 0;
    char reason[24];
    (void)state;
    repeats_open(&s, "text");
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(reason, sizeof reason, "reason %d", i);
        lines += repeats_take(&s, "x", reason, 9, &untold);
    }
    assert_int_equal(lines, REPEATS_KEPT + REPEATS_LINES);
    assert_true(repeats_take(&s, "x", "another", 9 + MINUTE, &untold)); /* an old one has made room */
    assert_int_equal(untold, 0);
    for (int i = 0; i < 2 * REPEATS_KEPT; i++) {
        (void)snprintf(reason, sizeof reason, "later %d", i);
        (void)repeats_take(&s, "x", reason, 9 + MINUTE, &untold);
        told += untold;
    }
    assert_int_equal(told, 1000 - REPEATS_KEPT - REPEATS_LINES);
    repeats_close(&s);
}

/* What nothing more comes of is told too: once, when its minute is over. */
static void the_rest_is_told(void **state) {
    static const char *const reason[] = {"http request", NULL};
    struct repeats s;
    int64_t told = 0;
    (void)state;
    repeats_open(&s, "text");
    (void)lines_of(&s, reason, REPEATS_LINES + 3, 7, &told);
    repeats_tell(&s, 6 + MINUTE);
    assert_int_equal(s.rows[0].count, 3);
    repeats_tell(&s, 7 + MINUTE);
    assert_int_equal(s.rows[0].count, 0);
    (void)lines_of(&s, reason, REPEATS_LINES + 3, 7 + MINUTE, &told);
    assert_int_equal(told, 0);
    repeats_tell(&s, INT64_MAX);
    assert_int_equal(s.rows[0].count, 0);
    repeats_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reasons_in_turn_are_bounded),
                                       cmocka_unit_test(reasons_without_end_are_bounded),
                                       cmocka_unit_test(the_rest_is_told)};
    return cmocka_run_group_tests_name("server/http/repeats", tests, NULL, NULL);
}
