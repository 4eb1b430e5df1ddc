/* Serial numbers as people copy them, each in the readings it may have. */
#include "lib/must.h"

#include "rules/serial_typed.h"

static const struct row {
    const char *typed, *first, *second; /* NULL: no such reading */
} rows[] = {
    {"5404FFFE", "5404FFFE", NULL},
    {"54:04:ff fe", "5404FFFE", NULL},
    {"0x00a1", "A1", NULL},
    {"0X10", "10", NULL}, /* said to be hexadecimal: nothing else */
    {"16", "16", "10"},
    {" 1409613822 ", "1409613822", "5404FFFE"},
    {"7", "7", NULL}, /* the same either way */
    {"1461501637330902918203684832716283019655932542975", "1461501637330902918203684832716283019655932542975", NULL},
    {"0", "0", NULL},
};

static void each_reading_is_found(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        char out[SERIAL_READINGS][SERIAL_HEX];
        int n = serial_readings(r->typed, out);
        if (i == 7) { /* 20 bytes of ff in decimal: too long for hexadecimal digits */
            assert_int_equal(n, 1);
            assert_string_equal(out[0], "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
            continue;
        }
        assert_int_equal(n, r->second == NULL ? 1 : 2);
        assert_string_equal(out[0], r->first);
        if (r->second != NULL)
            assert_string_equal(out[1], r->second);
    }
}

static void what_is_none_has_no_reading(void **state) {
    (void)state;
    static const char *const none[] = {
        "", " ", "0x", "G1", "-5", "0x1G", "12345678901234567890123456789012345678901234567890123"};
    char out[SERIAL_READINGS][SERIAL_HEX];
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (serial_readings(none[i], out) != 0)
            fail_msg("\"%s\" is read as %s", none[i], out[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reading_is_found),
        cmocka_unit_test(what_is_none_has_no_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
