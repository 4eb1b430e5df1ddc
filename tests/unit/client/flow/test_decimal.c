/* Serial numbers in decimal, judged by OpenSSL's big numbers. */
#include "lib/must.h"

#include <openssl/bn.h>
#include <string.h>

#include "client/flow/decimal.h"

static void judged(const uint8_t *serial, size_t len) {
    char got[SERIAL_DECIMAL];
    memset(got, 'x', sizeof got);
    BIGNUM *n = BN_bin2bn(serial, (int)len, NULL);
    assert_non_null(n);
    char *wanted = BN_bn2dec(n);
    assert_non_null(wanted);
    serial_to_decimal(serial, len, got);
    assert_string_equal(got, wanted);
    OPENSSL_free(wanted);
    BN_free(n);
}

static void agrees_on_edges(void **state) {
    (void)state;
    uint8_t serial[21] = {0};
    static const uint8_t first[] = {0, 1, 9, 10, 99, 100, 127, 128, 255};
    judged(serial, 0);
    for (size_t len = 1; len <= sizeof serial; len++)
        for (size_t i = 0; i < sizeof first; i++) {
            memset(serial, 0, sizeof serial); /* 100, 25600, ...: zeros at the end */
            serial[0] = first[i];
            judged(serial, len);
            memset(serial, 0xff, sizeof serial);
            serial[0] = first[i]; /* and with leading zeros, which a positive DER INTEGER has */
            judged(serial, len);
        }
}

static void agrees_on_many(void **state) {
    (void)state;
    uint32_t x = 20201002; /* the same numbers in every run */
    for (int round = 0; round < 2000; round++) {
        uint8_t serial[21];
        for (size_t i = 0; i < sizeof serial; i++) {
            x = x * 1664525 + 1013904223;
            serial[i] = (uint8_t)(x >> 24);
        }
        judged(serial, 1 + (size_t)round % sizeof serial);
    }
}

/* What one person reads to another over the phone. */
static void agrees_with_paper(void **state) {
    (void)state;
    char got[SERIAL_DECIMAL];
    static const uint8_t serial[] = {0x54, 0x04, 0xFF};
    serial_to_decimal(serial, sizeof serial, got);
    assert_string_equal(got, "5506303"); /* 0x5404FF */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_on_edges),
        cmocka_unit_test(agrees_on_many),
        cmocka_unit_test(agrees_with_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
