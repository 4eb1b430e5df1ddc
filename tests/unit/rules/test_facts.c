/* Names of devices, states and channels, and sets of provinces. */
#include "unit/rules/letter.h"

#include "rules/facts.h"

static void test_device_names(void **state) {
    (void)state;
    static const char *const names[] = {"v1", "v2", "v3", "v4", "v5", "v6"};
    for (int i = 0; i < 6; i++) {
        enum device d = DEVICE_NONE;
        assert_true(device_from(names[i], &d));
        assert_int_equal(d, DEVICE_V1 + i);
        assert_string_equal(device_name(d), names[i]);
    }
    enum device untouched = DEVICE_V3;
    assert_false(device_from("v7", &untouched));
    assert_false(device_from("V4", &untouched));
    assert_false(device_from("", &untouched)); /* no device is not a device */
    assert_int_equal(untouched, DEVICE_V3);
    assert_string_equal(device_name(DEVICE_NONE), "");
}

static void test_status_names(void **state) {
    (void)state;
    static const char *const names[] = {"active", "suspended", "revoked"};
    for (int i = 0; i < STATUS_COUNT; i++) {
        enum status s = STATUS_COUNT;
        assert_true(status_from(names[i], &s));
        assert_int_equal(s, i);
        assert_string_equal(status_name(s), names[i]);
    }
    enum status untouched = STATUS_REVOKED;
    assert_false(status_from("expired", &untouched));
    assert_int_equal(untouched, STATUS_REVOKED);
}

static void test_channel_names(void **state) {
    (void)state;
    static const char *const names[] = {"self", "am", "agent", "hotline"};
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        enum channel c = CHANNEL_COUNT;
        assert_true(channel_from(names[i], &c));
        assert_int_equal(c, i);
        assert_string_equal(channel_name(c), names[i]);
    }
    enum channel untouched = CHANNEL_AM;
    assert_false(channel_from("phone", &untouched));
    assert_int_equal(untouched, CHANNEL_AM);
}

/* R3.1: the empty set is the whole country. */
static void test_provinces(void **state) {
    (void)state;
    struct province_set set = {0};
    assert_true(province_in(&set, HA_NOI));
    assert_true(province_in(&set, 200));
    province_put(&set, HO_CHI_MINH); /* the second word alone */
    assert_true(province_in(&set, HO_CHI_MINH));
    assert_false(province_in(&set, HA_NOI));
    province_put(&set, HA_NOI);
    assert_true(province_in(&set, HA_NOI));
    assert_false(province_in(&set, 2));
    assert_false(province_in(&set, 128));
    struct province_set same = set;
    province_put(&set, 128); /* no such code: nothing happens */
    assert_memory_equal(&set, &same, sizeof set);
}

static void test_tax_codes(void **state) {
    (void)state;
    static const char *const good[] = {"010010910", "0100109106", "01234567890123", "0100109106-001", "012345678-999"};
    static const char *const bad[] = {"",
                                      "01001091",
                                      "012345678901234",
                                      "0100109106-",
                                      "0100109106-01",
                                      "0100109106-0011",
                                      "0100109106-00a",
                                      "0100109106-001a",
                                      "0100109106x",
                                      "O100109106",
                                      " 0100109106",
                                      "0100109106 ",
                                      "01001091-001"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!tax_code_valid(good[i]))
            fail_msg("refused \"%s\"", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (tax_code_valid(bad[i]))
            fail_msg("accepted \"%s\"", bad[i]);
}

/* Outside programs read these; none is empty or there twice. */
static void what_is_odd_or_unfit_has_a_name(void **state) {
    (void)state;
    for (int i = 0; i < ODD_COUNT; i++)
        for (int k = 0; k <= i; k++)
            assert_int_equal(strcmp(oddity_name((enum oddity)i), oddity_name((enum oddity)k)) == 0, i == k);
    for (int i = 0; i < UNFIT_COUNT; i++)
        for (int k = 0; k <= i; k++)
            assert_int_equal(strcmp(unfit_name((enum unfit)i), unfit_name((enum unfit)k)) == 0, i == k);
    assert_string_equal(oddity_name(ODD_SAN), "subjectAltName");
    assert_string_equal(unfit_name(UNFIT_FORM), "form");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_odd_or_unfit_has_a_name),
        cmocka_unit_test(test_device_names),
        cmocka_unit_test(test_status_names),
        cmocka_unit_test(test_channel_names),
        cmocka_unit_test(test_provinces),
        cmocka_unit_test(test_tax_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
