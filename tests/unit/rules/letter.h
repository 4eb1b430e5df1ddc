/* The letter's campaign as a value, for tests: what conf/campaign.conf must say (test_campaign_file compares them). */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/day.h"
#include "rules/campaign.h"

#define DEVICE_BIT(v) (1u << DEVICE_V##v)
#define ALL_DEVICES   0x7eu
#define SELF          (1u << CHANNEL_SELF)
#define ASSISTED      (1u << CHANNEL_AM | 1u << CHANNEL_AGENT | 1u << CHANNEL_HOTLINE)
#define LETTER_PHASES 6
#define LETTER_GOALS  2
#define HA_NOI        1
#define HO_CHI_MINH   79

static inline int32_t day(const char *text) {
    int32_t d = DAY_NONE;
    assert_int_equal(day_parse(text, &d), RC_OK);
    return d;
}

static inline int64_t at(const char *text) {
    int64_t i = INSTANT_NONE;
    assert_int_equal(instant_parse(text, &i), RC_OK);
    return i;
}

static inline struct phase letter_phase(const char *from, const char *to, uint32_t devices, uint32_t channels) {
    return (struct phase){.from = day(from), .to = day(to), .devices = devices, .channels = channels};
}

static inline struct campaign letter_campaign(void) {
    struct campaign c = {.utc_offset = 7 * 3600, /* R5.1 */
                         .expiry_day = day("2020-10-02"),
                         .connection_day = day("2019-07-17"),
                         .connection_day_policy = CONNECTION_DAY_REFUSE, /* R5.2 */
                         .min_key_bits = 1024,
                         .beyond = BEYOND_HOLD,       /* R5.7 */
                         .key = KEY_SAME,             /* R5.9 */
                         .old_certificate = OLD_KEEP, /* R5.11 */
                         .phase_count = LETTER_PHASES,
                         .goal_count = LETTER_GOALS,
                         .new_ca_not_before = at("2019-05-13T02:00:00Z"),
                         .new_ca_not_after = at("2024-05-13T02:00:00Z")};
    uint32_t others = DEVICE_BIT(1) | DEVICE_BIT(3) | DEVICE_BIT(6);
    c.phases[0] = letter_phase("2020-03-10", "2020-03-31", DEVICE_BIT(4), SELF);                 /* R3.2 */
    c.phases[1] = letter_phase("2020-04-01", "2020-04-30", DEVICE_BIT(2) | DEVICE_BIT(5), SELF); /* R3.3 */
    c.phases[2] = letter_phase("2020-05-01", "2020-05-31", others, SELF);                        /* R3.4 */
    c.phases[3] = letter_phase("2020-05-01", "2020-05-31", ALL_DEVICES, ASSISTED);               /* R3.4, R5.6 */
    c.phases[4] = letter_phase("2020-06-01", "2020-07-30", others, SELF | ASSISTED);             /* R3.5 */
    c.phases[5] = letter_phase("2020-08-01", "2020-09-30", ALL_DEVICES, SELF | ASSISTED);        /* R3.6 */
    c.goals[0] = (struct goal){
        .by = day("2020-07-30"), .devices = DEVICE_BIT(2) | DEVICE_BIT(4) | DEVICE_BIT(5), .percent = 100}; /* R3.5 */
    c.goals[1] = (struct goal){.by = day("2020-09-30"), .devices = ALL_DEVICES, .percent = 100};            /* R3.6 */
    return c;
}
