/* R3 day by day: what is open, for whom, through which channels; R5.5 and R5.6: nothing that is open closes. */
#include "unit/rules/letter.h"

#include "rules/rollout.h"

#define ALL (SELF | ASSISTED)

struct row {
    const char *clause, *what;
    enum device device;
    const char *day;
    bool open;
    uint32_t channels;
    int phase;
    const char *opens_on;
};

static const struct row rows[] = {
    {"R3.1", "the day before it starts", DEVICE_V4, "2020-03-09", false, 0, 0, "2020-03-10"},
    {"R3.2", "v4 from 10/03, self-care only", DEVICE_V4, "2020-03-10", true, SELF, 0, "2020-03-10"},
    {"R3.2", "v2 waits", DEVICE_V2, "2020-03-31", false, 0, 1, "2020-04-01"},
    {"R3.3", "v2 joins", DEVICE_V2, "2020-04-01", true, SELF, 1, "2020-04-01"},
    {"R3.3", "v5 joins", DEVICE_V5, "2020-04-01", true, SELF, 1, "2020-04-01"},
    {"R5.5", "v4 stays open", DEVICE_V4, "2020-04-01", true, SELF, 0, "2020-03-10"},
    {"R3.3", "v6 waits", DEVICE_V6, "2020-04-30", false, 0, 2, "2020-05-01"},
    {"R3.4", "the other versions open", DEVICE_V6, "2020-05-01", true, ALL, 2, "2020-05-01"},
    {"R5.6", "phase 2 opens the assisted channels, self-care stays", DEVICE_V4, "2020-05-01", true, ALL, 0,
     "2020-03-10"},
    {"R3.5", "the push", DEVICE_V1, "2020-06-01", true, ALL, 2, "2020-05-01"},
    {"R5.5", "31/07 lies in no phase: open", DEVICE_V2, "2020-07-31", true, ALL, 1, "2020-04-01"},
    {"R3.6", "the last phase", DEVICE_V3, "2020-09-30", true, ALL, 2, "2020-05-01"},
    {"R5.5", "01/10 lies in no phase: open", DEVICE_V4, "2020-10-01", true, ALL, 0, "2020-03-10"},
    {"R5.5", "the old CA's last day", DEVICE_V4, "2020-10-02", true, ALL, 0, "2020-03-10"},
    {"R5.5", "after the old CA's end nothing is open", DEVICE_V4, "2020-10-03", false, 0, 0, "2020-03-10"},
    {"R3.2", "a device nobody named", DEVICE_NONE, "2020-09-01", false, 0, -1, NULL},
};

static void test_days_of_the_letter(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    const struct phase_switches planned = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct opening o = rollout_check(&c, &planned, r->device, HO_CHI_MINH, day(r->day));
        print_message("%-5s %-55s %s %s\n", r->clause, r->what, r->day, o.open ? "open" : "-");
        assert_int_equal(o.open, r->open);
        assert_false(o.halted);
        assert_int_equal(o.channels, r->channels);
        assert_int_equal(o.phase, r->phase);
        assert_int_equal(o.opens_on, r->opens_on != NULL ? day(r->opens_on) : DAY_NONE);
        assert_int_equal(rollout_phase_of(&c, r->device, HO_CHI_MINH), r->phase);
    }
}

/* R5.5 as a property: over the whole campaign, for every device, no day takes back what an earlier one opened. */
static void test_nothing_that_is_open_closes(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    const struct phase_switches planned = {0};
    for (int d = DEVICE_V1; d < DEVICE_COUNT; d++) {
        uint32_t before = 0;
        for (int32_t today = day("2020-03-01"); today <= c.expiry_day; today++) {
            struct opening o = rollout_check(&c, &planned, (enum device)d, HA_NOI, today);
            assert_int_equal(before & ~o.channels, 0);
            assert_int_equal(o.open, o.channels != 0);
            before = o.channels;
        }
        assert_int_equal(before, ALL);
    }
}

static struct opening switched(int phase, enum phase_switch s, enum device device, const char *on) {
    struct campaign c = letter_campaign();
    struct phase_switches switches = {0};
    switches.of[phase] = s;
    return rollout_check(&c, &switches, device, HA_NOI, day(on));
}

/* People over the plan: R4.3, the Product Centre runs the programme. */
static void test_opened_early(void **state) {
    (void)state;
    struct opening o = switched(1, PHASE_OPENED, DEVICE_V2, "2020-03-20");
    assert_true(o.open);
    assert_int_equal(o.channels, SELF);
    assert_int_equal(o.opens_on, day("2020-03-20"));
    o = switched(1, PHASE_OPENED, DEVICE_V2, "2020-04-20"); /* its own time has come: the plan's day */
    assert_true(o.open);
    assert_int_equal(o.opens_on, day("2020-04-01"));
    assert_false(switched(1, PHASE_OPENED, DEVICE_V2, "2020-10-03").open); /* not past the old CA's end */
}

static void test_halted(void **state) {
    (void)state;
    struct opening o = switched(0, PHASE_HALTED, DEVICE_V4, "2020-03-20");
    assert_false(o.open);
    assert_true(o.halted);
    assert_int_equal(o.channels, 0);
    assert_int_equal(o.opens_on, day("2020-08-01")); /* what opens it next to one who is alone: phase 5 */
    o = switched(0, PHASE_HALTED, DEVICE_V4, "2020-03-01");
    assert_true(o.halted); /* what it waits for is halted, before its day too */
    o = switched(5, PHASE_HALTED, DEVICE_V2, "2020-03-01");
    assert_false(o.halted); /* it waits for another one */
    assert_int_equal(o.opens_on, day("2020-04-01"));
    o = switched(0, PHASE_HALTED, DEVICE_V4, "2020-05-10"); /* self-care halted, the assisted channels go on */
    assert_true(o.open);
    assert_false(o.halted);
    assert_int_equal(o.channels, ASSISTED);
    assert_false(switched(0, PHASE_HALTED, DEVICE_V4, "2020-10-03").halted);
}

/* Opened early, then halted before its own day: neither open nor to be told the day of a phase that is not for one who
   is alone. */
static void test_halted_before_its_day(void **state) {
    (void)state;
    struct opening o = switched(1, PHASE_HALTED, DEVICE_V2, "2020-03-20");
    assert_false(o.open);
    assert_true(o.halted);
    assert_int_equal(o.opens_on, day("2020-08-01"));
    struct opening am = rollout_by(&o, CHANNEL_AM); /* R3.4: whoever is helped does not wait for it */
    assert_false(am.open || am.halted);
    assert_int_equal(am.opens_on, day("2020-05-01"));
    assert_int_equal(am.phase, 1);
    o = switched(1, PHASE_HALTED, DEVICE_V2, "2020-05-10");
    assert_true(o.open);
    assert_int_equal(o.channels, ASSISTED);
    assert_false(o.halted);
    assert_int_equal(o.opens_on, day("2020-05-01")); /* as it is open today, with help */
    struct opening self = rollout_by(&o, CHANNEL_SELF);
    assert_true(self.halted && !self.open);
    assert_true(rollout_by(&o, CHANNEL_HOTLINE).open);
    o = switched(1, PHASE_HALTED, DEVICE_V2, "2020-10-03"); /* over is over, for everybody */
    assert_false(rollout_by(&o, CHANNEL_SELF).halted);
}

/* Where a plan has nothing for one who is alone, the day is that of the help that comes first. */
static void test_help_only(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    struct phase_switches switches = {0};
    c.phase_count = 3;
    c.phases[0] = letter_phase("2020-05-01", "2020-05-31", DEVICE_BIT(4), 1u << CHANNEL_AM);
    c.phases[1] = letter_phase("2020-04-01", "2020-05-31", DEVICE_BIT(4), 1u << CHANNEL_AGENT);
    c.phases[2] = letter_phase("2020-06-01", "2020-06-30", DEVICE_BIT(4), 1u << CHANNEL_HOTLINE);
    struct opening o = rollout_check(&c, &switches, DEVICE_V4, HA_NOI, day("2020-03-20"));
    assert_false(o.open || o.halted);
    assert_int_equal(o.opens_on, day("2020-04-01"));
    switches.of[1] = PHASE_HALTED; /* nothing else opens it to agents */
    o = rollout_check(&c, &switches, DEVICE_V4, HA_NOI, day("2020-03-20"));
    assert_false(o.halted);
    assert_int_equal(o.opens_on, day("2020-05-01"));
    assert_true(rollout_by(&o, CHANNEL_AGENT).halted);
    switches.of[0] = PHASE_HALTED;
    o = rollout_check(&c, &switches, DEVICE_V4, HA_NOI, day("2020-03-20"));
    assert_int_equal(o.opens_on, day("2020-06-01"));
    switches.of[2] = PHASE_HALTED;
    o = rollout_check(&c, &switches, DEVICE_V4, HA_NOI, day("2020-03-20"));
    assert_true(o.halted);
    assert_int_equal(o.opens_on, DAY_NONE);
}

static void test_two_phases_halted(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    struct phase_switches switches = {.of = {PHASE_HALTED, 0, 0, PHASE_HALTED, 0, PHASE_HALTED}};
    struct opening o = rollout_check(&c, &switches, DEVICE_V4, HA_NOI, day("2020-05-10"));
    assert_false(o.open);
    assert_true(o.halted);
    assert_int_equal(o.opens_on, DAY_NONE); /* nothing opens it until somebody resumes */
}

/* A campaign by waves of provinces. */
static void test_provinces_open_in_waves(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    const struct phase_switches planned = {0};
    c.phase_count = 2;
    province_put(&c.phases[0].provinces, HA_NOI);
    c.phases[1].devices = DEVICE_BIT(4);
    province_put(&c.phases[1].provinces, HO_CHI_MINH);
    assert_true(rollout_check(&c, &planned, DEVICE_V4, HA_NOI, day("2020-03-10")).open);
    assert_false(rollout_check(&c, &planned, DEVICE_V4, HO_CHI_MINH, day("2020-03-31")).open);
    assert_true(rollout_check(&c, &planned, DEVICE_V4, HO_CHI_MINH, day("2020-04-01")).open);
    assert_int_equal(rollout_phase_of(&c, DEVICE_V4, HO_CHI_MINH), 1);
    assert_int_equal(rollout_phase_of(&c, DEVICE_V4, 48), -1);
}

/* The phase that first opens a device goes by its day, not by its place in the file. */
static void test_first_phase_by_day(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    struct phase first = c.phases[0];
    c.phases[0] = c.phases[5];
    c.phases[5] = first;
    assert_int_equal(rollout_phase_of(&c, DEVICE_V4, HA_NOI), 5);
    const struct phase_switches planned = {0};
    assert_int_equal(rollout_check(&c, &planned, DEVICE_V4, HA_NOI, day("2020-03-10")).opens_on, day("2020-03-10"));
}

static void assert_gap(const struct campaign *c, int n, const char *from, const char *to) {
    int32_t first = 0, last = 0;
    assert_true(rollout_gap(c, n, &first, &last));
    assert_int_equal(first, day(from));
    assert_int_equal(last, day(to));
}

/* R5.5: 31/07 and 01-02/10 lie in no phase. */
static void test_gaps_of_the_letter(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    int32_t untouched = 7;
    assert_gap(&c, 0, "2020-07-31", "2020-07-31");
    assert_gap(&c, 1, "2020-10-01", "2020-10-02");
    assert_false(rollout_gap(&c, 2, &untouched, &untouched));
    assert_int_equal(untouched, 7);
}

static void test_gaps_elsewhere(void **state) {
    (void)state;
    struct campaign c = letter_campaign();
    int32_t from, to;
    c.phases[0].to = day("2020-12-31"); /* one phase over all others, and past the end */
    assert_false(rollout_gap(&c, 0, &from, &to));
    c = letter_campaign(); /* the order of the file does not matter */
    struct phase last = c.phases[5];
    c.phases[5] = c.phases[0];
    c.phases[0] = last;
    assert_gap(&c, 0, "2020-07-31", "2020-07-31");
    assert_gap(&c, 1, "2020-10-01", "2020-10-02");
    c.phases[0].from = day("2020-10-20"); /* a phase after the end opens nothing */
    c.phases[0].to = day("2020-10-30");
    assert_gap(&c, 0, "2020-07-31", "2020-10-02");
    c.phase_count = 0;
    assert_false(rollout_gap(&c, 0, &from, &to));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_of_the_letter),    cmocka_unit_test(test_nothing_that_is_open_closes),
        cmocka_unit_test(test_opened_early),          cmocka_unit_test(test_halted),
        cmocka_unit_test(test_halted_before_its_day), cmocka_unit_test(test_help_only),
        cmocka_unit_test(test_two_phases_halted),     cmocka_unit_test(test_provinces_open_in_waves),
        cmocka_unit_test(test_first_phase_by_day),    cmocka_unit_test(test_gaps_of_the_letter),
        cmocka_unit_test(test_gaps_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
