/* Tests of base/der, the writer: what it writes is the one right encoding, and the reader takes it back. */
#include <string.h>

#include "base/day.h"
#include "base/der.h"
#include "base/hex.h"
#include "lib_base.h"

static void assert_hex(const struct derw *w, const char *hex) {
    char text[256];
    assert_true(w->out.len < 120);
    hex_to(w->out.data, w->out.len, text);
    assert_string_equal(text, hex);
}

static void writes_nested_elements(void **state) {
    (void)state;
    AUTO(derw) w = {0};
    derw_open(&w, DER_SEQUENCE);
    derw_open(&w, DER_CONTEXT_CONSTRUCTED(0));
    derw_small(&w, 2);
    derw_close(&w);
    derw_put(&w, DER_OID, span_of("\x55\x1d\x0f", 3));
    derw_put(&w, DER_NULL, span_of(NULL, 0));
    derw_raw(&w, span_of("\x01\x01\xff", 3));
    derw_open(&w, DER_SET);
    derw_close(&w);
    derw_close(&w);
    MUST_OK(derw_end(&w));
    assert_hex(&w, "3011A003020102"
                   "0603551D0F"
                   "0500"
                   "0101FF"
                   "3100");
}

static void writes_minimal_integers(void **state) {
    (void)state;
    static const int64_t values[] = {0,     1,     -1,     127,    128,   -128,      -129,      255,       256,
                                     32767, 32768, -32768, -32769, 65537, INT64_MAX, INT64_MIN, INT32_MIN, UINT32_MAX};
    for (size_t i = 0; i < COUNT(values); i++) {
        AUTO(derw) w = {0};
        derw_small(&w, values[i]);
        MUST_OK(derw_end(&w));
        struct der d = der_open(buf_span(&w.out));
        int64_t back = 0;
        MUST_OK(der_small(&d, &back));
        MUST_OK(der_end(&d));
        assert_int_equal(back, values[i]);
    }
}

static void writes_magnitudes_with_a_sign_byte(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *hex;
    } cases[] = {
        {"", 0, "020100"},
        {"\0\0", 2, "020100"},
        {"\x7f", 1, "02017F"},
        {"\x80", 1, "02020080"},
        {"\0\0\x80", 3, "02020080"},
        {"\0\x01\x02", 3, "02020102"},
        {"\xff\xff", 2, "020300FFFF"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(derw) w = {0};
        derw_integer(&w, span_of(cases[i].bytes, cases[i].len));
        MUST_OK(derw_end(&w));
        assert_hex(&w, cases[i].hex);
    }
}

static void fixes_lengths_at_every_edge(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 125, 126, 127, 128, 255, 256, 65535, 65536, 16777215, 16777216};
    AUTO(buf) filler = {0};
    MUST_OK(buf_reserve(&filler, 16777216));
    memset(filler.data, 0x41, 16777216);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        AUTO(derw) w = {0};
        derw_open(&w, DER_SEQUENCE);
        derw_put(&w, DER_OCTET_STRING, span_of(filler.data, lengths[i]));
        derw_small(&w, 7);
        derw_close(&w);
        MUST_OK(derw_end(&w));
        struct der d = der_open(buf_span(&w.out)), inside;
        struct der_item item;
        int64_t seven = 0;
        MUST_OK(der_enter(&d, DER_SEQUENCE, &inside));
        MUST_OK(der_end(&d));
        MUST_OK(der_take(&inside, DER_OCTET_STRING, &item));
        assert_true(span_eq(item.value, span_of(filler.data, lengths[i])));
        MUST_OK(der_small(&inside, &seven));
        MUST_OK(der_end(&inside));
        assert_int_equal(seven, 7);
    }
}

static void writes_bit_strings(void **state) {
    (void)state;
    AUTO(derw) w = {0};
    derw_bits(&w, span_of("\xe0", 1), 5);
    derw_bits(&w, span_of(NULL, 0), 0);
    MUST_OK(derw_end(&w));
    assert_hex(&w, "030205E0"
                   "030100");
    static const struct {
        const char *byte;
        size_t len;
        uint8_t unused;
    } bad[] = {{"\xe1", 1, 5}, {"\x00", 1, 8}, {"", 0, 1}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(derw) wrong = {0};
        derw_bits(&wrong, span_of(bad[i].byte, bad[i].len), bad[i].unused);
        assert_int_equal(derw_end(&wrong), RC_BUG);
    }
}

static void writes_times_the_reader_takes(void **state) {
    (void)state;
    static const char *const isos[] = {"1950-01-01T00:00:00Z", "2020-10-02T02:42:20Z", "2049-12-31T23:59:59Z",
                                       "2050-01-01T00:00:00Z", "9999-12-31T23:59:59Z"};
    for (size_t i = 0; i < COUNT(isos); i++) {
        int64_t instant = 0, back = 0;
        AUTO(derw) w = {0};
        MUST_OK(instant_parse(isos[i], &instant));
        derw_time(&w, instant);
        MUST_OK(derw_end(&w));
        assert_int_equal(w.out.data[0], i < 3 ? DER_UTC_TIME : DER_GENERALIZED_TIME);
        struct der d = der_open(buf_span(&w.out));
        MUST_OK(der_time(&d, &back));
        assert_int_equal(back, instant);
    }
    static const int64_t outside[] = {INSTANT_NONE, INT64_C(-631152001), INT64_C(253402300800)};
    for (size_t i = 0; i < COUNT(outside); i++) {
        AUTO(derw) w = {0};
        derw_time(&w, outside[i]);
        assert_int_equal(derw_end(&w), RC_INPUT);
    }
}

static void keeps_the_first_error(void **state) {
    (void)state;
    AUTO(derw) open = {0};
    derw_open(&open, DER_SEQUENCE);
    assert_int_equal(derw_end(&open), RC_BUG);
    AUTO(derw) closed = {0};
    derw_close(&closed);
    derw_small(&closed, 1);
    assert_int_equal(derw_end(&closed), RC_BUG);
    assert_int_equal(closed.out.len, 0);
    AUTO(derw) deep = {0};
    for (int i = 0; i < 16; i++)
        derw_open(&deep, DER_SEQUENCE);
    assert_int_equal(deep.rc, RC_OK);
    derw_open(&deep, DER_SEQUENCE);
    for (int i = 0; i < 17; i++)
        derw_close(&deep);
    assert_int_equal(derw_end(&deep), RC_BUG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_nested_elements),
        cmocka_unit_test(writes_minimal_integers),
        cmocka_unit_test(writes_magnitudes_with_a_sign_byte),
        cmocka_unit_test(fixes_lengths_at_every_edge),
        cmocka_unit_test(writes_bit_strings),
        cmocka_unit_test(writes_times_the_reader_takes),
        cmocka_unit_test(keeps_the_first_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
