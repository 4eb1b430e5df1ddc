/* R2 clause by clause: one row a case, each naming the clause it stands for. */
#include "unit/rules/letter.h"

#include "rules/eligibility.h"

#define OWED_UNTIL "2020-10-02T02:42:20Z" /* the old CA's last second, R5.1 */
#define TO_2022    "2022-03-01"

/* What is left out of a row is as in the eligible case: issued 2018, ends with the old CA, contract to 01/03/2022. */
struct row {
    const char *clause, *what;
    const char *not_before, *not_after, *contract_to, *now;
    bool foreign, newer, forged, unknown, compensated, unrecorded, accept_day, cut, unfit, untaken;
    enum status status;
    enum key_kind key;
    int bits;
    const char *verdict, *reasons, *new_not_after;
    int owed, cut_days;
};

static const struct row rows[] = {
    {"R1.3", "all conditions hold", .verdict = "eligible", .new_not_after = "2022-03-01T16:59:59Z", .owed = 515},
    {"R2.1", "another CA issued it", .foreign = true, .verdict = "refused", .reasons = "not-old-issuer"},
    {"R2.1", "stands alone", .foreign = true, .unknown = true, .status = STATUS_REVOKED, .bits = 512,
     .verdict = "refused", .reasons = "not-old-issuer"},
    {"R2.6", "the new CA issued it", .newer = true, .not_before = "2019-08-01T02:00:00Z", .verdict = "refused",
     .reasons = "not-old-issuer"},
    {"R2.1", "signature does not hold", .forged = true, .verdict = "refused", .reasons = "bad-signature"},
    {"R2.1", "bad signature stands alone", .forged = true, .unknown = true, .status = STATUS_SUSPENDED,
     .verdict = "refused", .reasons = "bad-signature"},
    {"R2.7", "never imported: stands alone", .unknown = true, .bits = 512, .compensated = true, .verdict = "refused",
     .reasons = "unknown-certificate"},
    {"R2.2", "suspended", .status = STATUS_SUSPENDED, .verdict = "refused", .reasons = "suspended"},
    {"R2.2", "revoked", .status = STATUS_REVOKED, .verdict = "refused", .reasons = "revoked"},
    {"R2.2", "valid in its last second", .now = OWED_UNTIL, .verdict = "eligible",
     .new_not_after = "2022-03-01T16:59:59Z", .owed = 515},
    {"R2.2", "expired one second later", .now = "2020-10-02T02:42:21Z", .verdict = "refused", .reasons = "expired"},
    {"R2.3", "ends a day early", .not_after = "2020-10-01T02:42:20Z", .verdict = "refused",
     .reasons = "expiry-differs"},
    {"R2.3", "ends a day late", .not_after = "2020-10-03T02:42:20Z", .verdict = "refused", .reasons = "expiry-differs"},
    {"R5.1", "another time of the same day is the same day", .not_after = "2020-10-02T16:59:59Z", .verdict = "eligible",
     .new_not_after = "2022-03-01T16:59:59Z", .owed = 515},
    {"R5.1", "midnight in Viet Nam begins it", .not_after = "2020-10-01T17:00:00Z", .verdict = "eligible",
     .new_not_after = "2022-03-01T16:59:59Z", .owed = 515},
    {"R5.1", "a second before midnight in Viet Nam", .not_after = "2020-10-01T16:59:59Z", .verdict = "refused",
     .reasons = "expiry-differs"},
    {"R5.1", "02/10 in UTC, 03/10 in Viet Nam", .not_after = "2020-10-02T17:00:00Z", .verdict = "refused",
     .reasons = "expiry-differs"},
    {"R2.4", "contract ends that very day", .contract_to = "2020-10-02", .verdict = "refused",
     .reasons = "contract-not-longer"},
    {"R2.4", "contract ends before", .contract_to = "2019-12-31", .verdict = "refused",
     .reasons = "contract-not-longer"},
    {"R2.4", "contract a day longer", .contract_to = "2020-10-03", .verdict = "eligible",
     .new_not_after = "2020-10-03T16:59:59Z", .owed = 1},
    {"R2.5", "issued the last second before 17/07/2019", .not_before = "2019-07-16T16:59:59Z", .verdict = "eligible",
     .new_not_after = "2022-03-01T16:59:59Z", .owed = 515},
    {"R5.2", "issued on 17/07/2019, first second", .not_before = "2019-07-16T17:00:00Z", .verdict = "refused",
     .reasons = "issued-on-connection-day"},
    {"R5.2", "issued on 17/07/2019, last second", .not_before = "2019-07-17T16:59:59Z", .verdict = "refused",
     .reasons = "issued-on-connection-day"},
    {"R5.2", "issued that day, policy accept", .not_before = "2019-07-17T03:00:00Z", .accept_day = true,
     .verdict = "eligible", .new_not_after = "2022-03-01T16:59:59Z", .owed = 515},
    {"R2.6", "issued after 17/07/2019", .not_before = "2019-07-17T17:00:00Z", .verdict = "refused",
     .reasons = "issued-after-connection"},
    {"R2.6", "policy accept does not reach further", .not_before = "2019-07-18T03:00:00Z", .accept_day = true,
     .verdict = "refused", .reasons = "issued-after-connection"},
    {"R5.3", "old CA, new one made but not connected", .not_before = "2019-05-13T03:00:00Z", .verdict = "eligible",
     .new_not_after = "2022-03-01T16:59:59Z", .owed = 515},
    {"R5.9", "RSA below the campaign's least", .bits = 1023, .verdict = "refused", .reasons = "key-too-weak"},
    {"R5.9", "EC 256", .key = KEY_EC, .bits = 256, .verdict = "eligible", .new_not_after = "2022-03-01T16:59:59Z",
     .owed = 515},
    {"R5.9", "EC below 256", .key = KEY_EC, .bits = 224, .verdict = "refused", .reasons = "key-too-weak"},
    {"R5.9", "a kind of key we do not know", .key = KEY_OTHER, .bits = 4096, .verdict = "refused",
     .reasons = "key-too-weak"},
    {"R2.7", "done: one reason, whatever else is so", .compensated = true, .status = STATUS_REVOKED, .bits = 512,
     .now = "2020-10-05T00:00:00Z", .verdict = "done", .reasons = "already-compensated",
     .new_not_after = "2022-03-01T16:59:59Z", .owed = 515},
    {"R2.6", "signed before the records were put back: stands alone", .unrecorded = true, .status = STATUS_REVOKED,
     .verdict = "refused", .reasons = "issued-before"},
    {"R2.6", "brought back", .unrecorded = true, .compensated = true, .verdict = "done",
     .reasons = "already-compensated", .new_not_after = "2022-03-01T16:59:59Z", .owed = 515},
    {"R5.7", "contract ends with the new CA's last whole day", .contract_to = "2024-05-12", .verdict = "eligible",
     .new_not_after = "2024-05-12T16:59:59Z", .owed = 1318},
    {"R5.7", "beyond the new CA by hours: held, uncut", .contract_to = "2024-05-13", .verdict = "held",
     .reasons = "beyond-new-ca", .new_not_after = "2024-05-13T16:59:59Z", .owed = 1319},
    {"R5.7", "beyond the new CA by years", .contract_to = "2026-01-01", .verdict = "held", .reasons = "beyond-new-ca",
     .new_not_after = "2026-01-01T16:59:59Z", .owed = 1917},
    {"R5.7", "held and something else: refused", .contract_to = "2026-01-01", .status = STATUS_SUSPENDED,
     .verdict = "refused", .reasons = "suspended;beyond-new-ca"},
    {"R5.7", "policy cut: to the new CA's end, the rest stays owed", .contract_to = "2026-01-01", .cut = true,
     .verdict = "eligible", .new_not_after = "2024-05-13T02:00:00Z", .owed = 1917, .cut_days = 598},
    {"R5.7", "done under policy cut", .contract_to = "2026-01-01", .cut = true, .compensated = true, .verdict = "done",
     .reasons = "already-compensated", .new_not_after = "2024-05-13T02:00:00Z", .owed = 1917, .cut_days = 598},
    {"R2.7", "every condition that fails is named, in order", .status = STATUS_REVOKED,
     .not_before = "2019-09-01T00:00:00Z", .not_after = "2020-09-01T00:00:00Z", .contract_to = "2020-09-01",
     .bits = 512, .now = "2020-09-02T00:00:00Z", .verdict = "refused",
     .reasons = "revoked;expired;expiry-differs;issued-after-connection;contract-not-longer;key-too-weak"},
    {"R5.9", "nothing new can be made of it", .unfit = true, .verdict = "refused", .reasons = "not-renewable"},
    {"R2.1", "read but not taken, so nobody could import it: stands alone", .untaken = true, .unknown = true,
     .status = STATUS_REVOKED, .verdict = "refused", .reasons = "not-renewable"},
    {"R2.1", "read but not taken, and not ours", .untaken = true, .foreign = true, .verdict = "refused",
     .reasons = "not-old-issuer"},
    {"R5.7", "and it is not held for that", .unfit = true, .contract_to = "2026-01-01", .verdict = "refused",
     .reasons = "beyond-new-ca;not-renewable"},
    {"R2.7", "the other ones together", .status = STATUS_SUSPENDED, .not_before = "2019-07-17T03:00:00Z",
     .contract_to = "2026-01-01", .verdict = "refused", .reasons = "suspended;issued-on-connection-day;beyond-new-ca"},
};

static const char *or_else(const char *text, const char *otherwise) {
    return text != NULL ? text : otherwise;
}

static struct verdict judge(const struct row *r) {
    struct campaign c = letter_campaign();
    c.connection_day_policy = r->accept_day ? CONNECTION_DAY_ACCEPT : CONNECTION_DAY_REFUSE;
    c.beyond = r->cut ? BEYOND_CUT : BEYOND_HOLD;
    struct cert_facts cert = {.not_before = at(or_else(r->not_before, "2018-03-01T02:00:00Z")),
                              .not_after = at(or_else(r->not_after, OWED_UNTIL)),
                              .key_kind = r->key,
                              .key_bits = (uint16_t)(r->bits != 0 ? r->bits : 1024),
                              .issuer = r->foreign ? ISSUER_OTHER : (r->newer ? ISSUER_NEW : ISSUER_OLD),
                              .signature_ok = !r->forged && !r->foreign,
                              .unfit = (r->unfit ? 1u << UNFIT_USAGE : 0) | (r->untaken ? 1u << UNFIT_FORM : 0)};
    struct case_facts subject = {.known = !r->unknown,
                                 .status = r->status,
                                 .contract_to = day(or_else(r->contract_to, TO_2022)),
                                 .device = DEVICE_V4,
                                 .province = HA_NOI,
                                 .compensated = r->compensated,
                                 .unrecorded = r->unrecorded};
    return eligibility_check(&c, &cert, &subject, at(or_else(r->now, "2020-03-15T02:00:00Z")));
}

static void test_cases_by_clause(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct verdict v = judge(r);
        char reasons[REASONS_TEXT];
        reasons_format(v.reasons, reasons);
        print_message("%-5s %-55s %-8s %s\n", r->clause, r->what, verdict_name(v.kind), reasons);
        assert_string_equal(verdict_name(v.kind), r->verdict);
        assert_string_equal(reasons, or_else(r->reasons, ""));
        assert_int_equal(v.old_not_after, at(or_else(r->not_after, OWED_UNTIL)));
        assert_int_equal(v.new_not_after, r->new_not_after != NULL ? at(r->new_not_after) : INSTANT_NONE);
        assert_int_equal(v.owed_days, r->owed);
        assert_int_equal(v.cut_days, r->cut_days);
    }
}

/* Every verdict kind and reason of interfaces.md is reached by some row: the table cannot shrink unseen. */
static void test_table_reaches_everything(void **state) {
    (void)state;
    uint32_t reasons = 0, kinds = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct verdict v = judge(&rows[i]);
        reasons |= v.reasons;
        kinds |= 1u << v.kind;
    }
    assert_int_equal(reasons, (1u << REASON_COUNT) - 1);
    assert_int_equal(kinds, 1u << VERDICT_ELIGIBLE | 1u << VERDICT_REFUSED | 1u << VERDICT_HELD | 1u << VERDICT_DONE);
}

static void test_reason_names_read_back(void **state) {
    (void)state;
    for (int r = 0; r < REASON_COUNT; r++) {
        enum reason back = REASON_COUNT;
        assert_true(reason_from(reason_name((enum reason)r), &back));
        assert_int_equal(back, r);
    }
    enum reason untouched = REASON_EXPIRED;
    assert_false(reason_from("no-such-reason", &untouched));
    assert_false(reason_from("", &untouched));
    assert_int_equal(untouched, REASON_EXPIRED);
}

/* interfaces.md, Screen CSV: the order is part of the contract. */
static void test_reasons_are_printed_in_the_order_promised(void **state) {
    (void)state;
    char out[REASONS_TEXT];
    reasons_format((1u << REASON_COUNT) - 1, out);
    assert_string_equal(out, "unknown-certificate;not-old-issuer;bad-signature;suspended;revoked;expired;"
                             "expiry-differs;issued-on-connection-day;issued-after-connection;contract-not-longer;"
                             "key-too-weak;already-compensated;beyond-new-ca;not-renewable;issued-before");
    reasons_format(0, out);
    assert_string_equal(out, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases_by_clause),
        cmocka_unit_test(test_table_reaches_everything),
        cmocka_unit_test(test_reason_names_read_back),
        cmocka_unit_test(test_reasons_are_printed_in_the_order_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
