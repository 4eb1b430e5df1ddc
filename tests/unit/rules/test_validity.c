/* R5.7: the new certificate's window, held or cut at the new CA's end. */
#include "unit/rules/letter.h"

#include "rules/validity.h"

#define NOW "2020-03-15T02:00:00Z"

struct row {
    const char *what, *contract_to, *now, *new_ca_ends;
    bool cut;
    enum window_kind kind;
    const char *not_before, *not_after;
    int cut_days;
};

static const struct row rows[] = {
    {"full: to the contract's last second in Viet Nam", "2022-03-01", NOW, NULL, false, WINDOW_FULL, NOW,
     "2022-03-01T16:59:59Z", 0},
    {"not before the new CA itself", "2022-03-01", "2019-01-01T00:00:00Z", NULL, false, WINDOW_FULL,
     "2019-05-13T02:00:00Z", "2022-03-01T16:59:59Z", 0},
    {"in the very second the new CA ends", "2024-05-13", NOW, "2024-05-13T16:59:59Z", false, WINDOW_FULL, NOW,
     "2024-05-13T16:59:59Z", 0},
    {"a second more: held, uncut", "2024-05-13", NOW, "2024-05-13T16:59:58Z", false, WINDOW_HELD, NOW,
     "2024-05-13T16:59:59Z", 0},
    {"cut within the last day: no whole day is lost", "2024-05-13", NOW, "2024-05-13T16:59:58Z", true, WINDOW_CUT, NOW,
     "2024-05-13T16:59:58Z", 0},
    {"cut: whole days past the end are counted", "2024-06-30", NOW, "2024-05-13T02:00:00Z", true, WINDOW_CUT, NOW,
     "2024-05-13T02:00:00Z", 48},
    {"cut would give nothing: held even so", "2022-03-01", NOW, "2020-10-02T16:59:59Z", true, WINDOW_HELD, NOW,
     "2022-03-01T16:59:59Z", 0},
    {"cut gives one day", "2022-03-01", NOW, "2020-10-03T16:59:59Z", true, WINDOW_CUT, NOW, "2020-10-03T16:59:59Z",
     514},
};

static void test_window(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct campaign c = letter_campaign();
        c.beyond = r->cut ? BEYOND_CUT : BEYOND_HOLD;
        if (r->new_ca_ends != NULL)
            c.new_ca_not_after = at(r->new_ca_ends);
        struct window w = validity_window(&c, day(r->contract_to), at(r->now));
        print_message("R5.7  %s\n", r->what);
        assert_int_equal(w.kind, r->kind);
        assert_int_equal(w.not_before, at(r->not_before));
        assert_int_equal(w.not_after, at(r->not_after));
        assert_int_equal(w.cut_days, r->cut_days);
    }
}

/* A clock that is behind must not find the certificate "not yet valid"; the new CA's own beginning stays the limit. */
static void test_backdate(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    c.backdate = 3600;
    assert_int_equal(validity_window(&c, day("2022-03-01"), at(NOW)).not_before, at(NOW) - 3600);
    assert_int_equal(validity_window(&c, day("2022-03-01"), c.new_ca_not_before + 60).not_before, c.new_ca_not_before);
}

/* R5.1: the end of a day moves with the campaign's offset. */
static void test_contract_end_follows_the_offset(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    assert_int_equal(validity_contract_end(&c, day("2022-03-01")), at("2022-03-01T16:59:59Z"));
    c.utc_offset = 0;
    assert_int_equal(validity_contract_end(&c, day("2022-03-01")), at("2022-03-01T23:59:59Z"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_backdate),
        cmocka_unit_test(test_contract_end_follows_the_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
