/* Tests of base/der, the reader: what X.690 allows, and everything next to it that DER forbids. */
#include <string.h>

#include "base/day.h"
#include "base/der.h"
#include "lib_base.h"

struct bytes {
    size_t len;
    uint8_t at[24];
};
#define B(...)                                                                                                         \
    {                                                                                                                  \
        sizeof((uint8_t[]){__VA_ARGS__}), {                                                                            \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }

static struct der open_bytes(const struct bytes *b) {
    return der_open(span_of(b->at, b->len));
}

static void takes_elements_one_after_the_other(void **state) {
    (void)state;
    static const uint8_t two[] = {0x30, 0x03, 0x02, 0x01, 0x05, 0x05, 0x00};
    struct der d = der_open(span_of(two, sizeof two)), inside;
    struct der_item item;
    int64_t value = 0;
    assert_true(der_next_is(&d, DER_SEQUENCE));
    MUST_OK(der_enter(&d, DER_SEQUENCE, &inside));
    MUST_OK(der_small(&inside, &value));
    assert_int_equal(value, 5);
    MUST_OK(der_end(&inside));
    assert_int_equal(der_end(&d), RC_INPUT);
    MUST_OK(der_take(&d, DER_NULL, &item));
    assert_int_equal(item.value.len, 0);
    assert_ptr_equal(item.whole.ptr, two + 5);
    assert_int_equal(item.whole.len, 2);
    assert_true(der_empty(&d));
    MUST_OK(der_end(&d));
    assert_false(der_next_is(&d, DER_NULL));
    assert_int_equal(der_any(&d, &item), RC_INPUT);
}

static void refuses_malformed_headers(void **state) {
    (void)state;
    static const struct bytes bad[] = {
        {0, {0}},
        B(0x30),
        B(0x30, 0x01),                         /* shorter than it says */
        B(0x30, 0x02, 0x05),                   /* the same */
        B(0x30, 0x80, 0x00, 0x00),             /* indefinite length */
        B(0x30, 0x81),                         /* length cut */
        B(0x30, 0x81, 0x05, 1, 2, 3, 4, 5),    /* long form of a short length */
        B(0x30, 0x82, 0x00, 0x01, 0x05),       /* leading zero */
        B(0x30, 0x82, 0x01),                   /* length cut */
        B(0x04, 0x81, 0x7f, 0x00),             /* long form of 127 */
        B(0x04, 0x84, 0xff, 0xff, 0xff, 0xff), /* 4 GiB that are not there */
        B(0x04, 0x85, 0x01, 0, 0, 0, 0),       /* five length bytes */
        B(0x04, 0xff, 0x01),                   /* reserved */
        B(0x1f, 0x81, 0x01, 0x00),             /* high tag */
        B(0xbf, 0x22, 0x00),                   /* high tag, context */
        B(0x00, 0x00),                         /* end of contents */
        B(0x20, 0x00),                         /* the same, constructed */
        B(0x10, 0x00),                         /* SEQUENCE, primitive */
        B(0x11, 0x00),                         /* SET, primitive */
        B(0x24, 0x02, 0x04, 0x00),             /* OCTET STRING in pieces */
        B(0x23, 0x03, 0x03, 0x01, 0x00),       /* BIT STRING in pieces */
        B(0x22, 0x01, 0x00),                   /* INTEGER, constructed */
        B(0x2c, 0x00),                         /* UTF8String in pieces */
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct der d = open_bytes(&bad[i]);
        struct der_item item = {.tag = 0x77};
        if (der_any(&d, &item) != RC_INPUT)
            fail_msg("case %zu accepted", i);
        assert_int_equal(item.tag, 0x77);
        assert_int_equal(d.rest.len, bad[i].len);
    }
}

static void takes_lengths_at_every_edge(void **state) {
    (void)state;
    static const struct {
        size_t length;
        uint8_t head[6];
        size_t head_len;
    } cases[] = {
        {0, {0x04, 0x00}, 2},
        {127, {0x04, 0x7f}, 2},
        {128, {0x04, 0x81, 0x80}, 3},
        {255, {0x04, 0x81, 0xff}, 3},
        {256, {0x04, 0x82, 0x01, 0x00}, 4},
        {65535, {0x04, 0x82, 0xff, 0xff}, 4},
        {65536, {0x04, 0x83, 0x01, 0x00, 0x00}, 5},
        {16777216, {0x04, 0x84, 0x01, 0x00, 0x00, 0x00}, 6},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(buf) b = {0};
        MUST_OK(buf_add(&b, cases[i].head, cases[i].head_len));
        MUST_OK(buf_reserve(&b, cases[i].length));
        memset(b.data + b.len, 0x5a, cases[i].length);
        b.len += cases[i].length;
        struct der d = der_open(buf_span(&b));
        struct der_item item;
        MUST_OK(der_take(&d, DER_OCTET_STRING, &item));
        assert_int_equal(item.value.len, cases[i].length);
        assert_int_equal(item.whole.len, b.len);
        d = der_open(span_of(b.data, b.len - 1)); /* one byte short */
        assert_int_equal(der_take(&d, DER_OCTET_STRING, &item), RC_INPUT);
    }
}

/* The contents are all there: only the length's form is wrong (X.690 10.1). */
static void refuses_longer_lengths_than_needed(void **state) {
    (void)state;
    static const struct {
        size_t length;
        uint8_t head[8];
        size_t head_len;
    } cases[] = {
        {0, {0x04, 0x81, 0x00}, 3},
        {127, {0x04, 0x81, 0x7f}, 3},
        {128, {0x04, 0x82, 0x00, 0x80}, 4},
        {255, {0x04, 0x82, 0x00, 0xff}, 4},
        {256, {0x04, 0x83, 0x00, 0x01, 0x00}, 5},
        {65535, {0x04, 0x84, 0x00, 0x00, 0xff, 0xff}, 6},
        {300, {0x04, 0x85, 0x00, 0x00, 0x00, 0x01, 0x2c}, 7},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(buf) b = {0};
        struct der_item item;
        MUST_OK(buf_add(&b, cases[i].head, cases[i].head_len));
        while (b.len < cases[i].head_len + cases[i].length)
            MUST_OK(buf_add_char(&b, 'x'));
        struct der d = der_open(buf_span(&b));
        if (der_any(&d, &item) != RC_INPUT)
            fail_msg("case %zu accepted", i);
    }
}

static void refuses_another_tag(void **state) {
    (void)state;
    static const struct bytes null = B(0x05, 0x00);
    struct der d = open_bytes(&null), inside;
    struct der_item item;
    struct span span;
    bool yes;
    uint8_t unused;
    int64_t number;
    assert_int_equal(der_take(&d, DER_SEQUENCE, &item), RC_INPUT);
    assert_int_equal(der_enter(&d, DER_SET, &inside), RC_INPUT);
    assert_int_equal(der_integer(&d, &span), RC_INPUT);
    assert_int_equal(der_small(&d, &number), RC_INPUT);
    assert_int_equal(der_boolean(&d, &yes), RC_INPUT);
    assert_int_equal(der_bits(&d, &span, &unused), RC_INPUT);
    assert_int_equal(der_oid(&d, &span), RC_INPUT);
    assert_int_equal(der_time(&d, &number), RC_INPUT);
    assert_int_equal(d.rest.len, 2);
    struct der empty = der_open(span_of(NULL, 0));
    assert_int_equal(der_take(&empty, DER_NULL, &item), RC_INPUT);
}

static void reads_integers_minimal_only(void **state) {
    (void)state;
    static const struct {
        struct bytes der;
        int64_t value;
    } good[] = {
        {B(2, 1, 0x00), 0},
        {B(2, 1, 0x7f), 127},
        {B(2, 2, 0x00, 0x80), 128},
        {B(2, 1, 0x80), -128},
        {B(2, 2, 0xff, 0x7f), -129},
        {B(2, 1, 0xff), -1},
        {B(2, 8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), INT64_MAX},
        {B(2, 8, 0x80, 0, 0, 0, 0, 0, 0, 0), INT64_MIN},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        struct der d = open_bytes(&good[i].der), again = d;
        int64_t value = 0;
        struct span raw;
        MUST_OK(der_small(&d, &value));
        assert_int_equal(value, good[i].value);
        MUST_OK(der_integer(&again, &raw));
        assert_int_equal(raw.len, good[i].der.len - 2);
        assert_true(der_empty(&d) && der_empty(&again));
    }
    static const struct bytes bad[] = {B(2, 0), B(2, 2, 0x00, 0x7f), B(2, 2, 0x00, 0x00), B(2, 2, 0xff, 0x80),
                                       B(2, 2, 0xff, 0xff)};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct der d = open_bytes(&bad[i]);
        struct span raw;
        int64_t value = 0;
        assert_int_equal(der_integer(&d, &raw), RC_INPUT);
        assert_int_equal(der_small(&d, &value), RC_INPUT);
        assert_int_equal(d.rest.len, bad[i].len);
    }
    static const struct bytes big = B(2, 9, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 0);
    struct der d = open_bytes(&big);
    int64_t value = 0;
    struct span raw;
    assert_int_equal(der_small(&d, &value), RC_INPUT);
    MUST_OK(der_integer(&d, &raw));
    assert_int_equal(raw.len, 9);
}

static void reads_booleans_of_two_kinds(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++) {
        const uint8_t bytes[] = {1, 1, (uint8_t)c};
        struct der d = der_open(span_of(bytes, sizeof bytes));
        bool value = c == 0;
        assert_int_equal(der_boolean(&d, &value), c == 0 || c == 0xff ? RC_OK : RC_INPUT);
        if (c == 0 || c == 0xff)
            assert_int_equal(value, c == 0xff);
    }
    static const struct bytes bad[] = {B(1, 0), B(1, 2, 0xff, 0xff)};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct der d = open_bytes(&bad[i]);
        bool value;
        assert_int_equal(der_boolean(&d, &value), RC_INPUT);
    }
}

static void reads_bit_strings_with_zero_padding(void **state) {
    (void)state;
    static const struct bytes good[] = {B(3, 1, 0), B(3, 2, 0, 0xff), B(3, 2, 7, 0x80), B(3, 3, 5, 0xff, 0xe0)};
    for (size_t i = 0; i < COUNT(good); i++) {
        struct der d = open_bytes(&good[i]);
        struct span bytes;
        uint8_t unused = 9;
        MUST_OK(der_bits(&d, &bytes, &unused));
        assert_int_equal(bytes.len, good[i].len - 3);
        assert_int_equal(unused, good[i].at[2]);
    }
    static const struct bytes bad[] = {B(3, 0),          B(3, 1, 1),       B(3, 1, 7),
                                       B(3, 2, 8, 0x00), B(3, 2, 7, 0xc0), B(3, 2, 1, 0x01)};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct der d = open_bytes(&bad[i]);
        struct span bytes;
        uint8_t unused;
        assert_int_equal(der_bits(&d, &bytes, &unused), RC_INPUT);
    }
}

static void reads_well_formed_oids(void **state) {
    (void)state;
    static const struct bytes good[] = {B(6, 1, 0x00), B(6, 3, 0x55, 0x1d, 0x0f), B(6, 3, 0x2a, 0x86, 0x48),
                                        B(6, 2, 0x81, 0x00),
                                        B(6, 10, 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1)};
    for (size_t i = 0; i < COUNT(good); i++) {
        struct der d = open_bytes(&good[i]);
        struct span oid;
        MUST_OK(der_oid(&d, &oid));
        assert_int_equal(oid.len, good[i].len - 2);
    }
    static const struct bytes bad[] = {B(6, 0),
                                       B(6, 1, 0x80),
                                       B(6, 1, 0x86),
                                       B(6, 2, 0x2a, 0x86),
                                       B(6, 2, 0x80, 0x01),
                                       B(6, 3, 0x2a, 0x80, 0x01),
                                       B(6, 4, 0x55, 0x1d, 0x0f, 0xff)};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct der d = open_bytes(&bad[i]);
        struct span oid;
        assert_int_equal(der_oid(&d, &oid), RC_INPUT);
    }
}

static enum rc read_time(uint8_t tag, const char *text, int64_t *instant) {
    uint8_t bytes[64] = {tag, (uint8_t)strlen(text)};
    memcpy(bytes + 2, text, strlen(text));
    struct der d = der_open(span_of(bytes, 2 + strlen(text)));
    enum rc rc = der_time(&d, instant);
    assert_int_equal(d.rest.len, rc == RC_OK ? 0 : 2 + strlen(text));
    return rc;
}

static void reads_times_of_rfc5280(void **state) {
    (void)state;
    static const struct {
        uint8_t tag;
        const char *text, *iso;
    } good[] = {
        {DER_UTC_TIME, "201002024220Z", "2020-10-02T02:42:20Z"},
        {DER_UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"},
        {DER_UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z"},
        {DER_UTC_TIME, "991231235959Z", "1999-12-31T23:59:59Z"},
        {DER_UTC_TIME, "000229000000Z", "2000-02-29T00:00:00Z"},
        {DER_GENERALIZED_TIME, "20500101000000Z", "2050-01-01T00:00:00Z"},
        {DER_GENERALIZED_TIME, "99991231235959Z", "9999-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t instant = 0;
        char iso[INSTANT_TEXT];
        MUST_OK(read_time(good[i].tag, good[i].text, &instant));
        instant_format(instant, iso);
        assert_string_equal(iso, good[i].iso);
    }
}

static void refuses_other_times(void **state) {
    (void)state;
    static const char *const utc[] = {
        "",
        "2010020242Z",
        "201002024220",
        "201002024220z",
        "201002024220+0700",
        "2010020242200Z",
        "201302024220Z",
        "200002024220Z",
        "201000024220Z",
        "190229000000Z",
        "200230000000Z",
        "201002244220Z",
        "201002026020Z",
        "201002024260Z",
        "2a1002024220Z",
        "2010020242 0Z",
        "201002024220\x1a",
        "20100202422\xffZ",
        "-11002024220Z",
        "20501002024220Z",
    };
    static const char *const general[] = {
        "20491231235959Z", "20201002024220Z", "205001010000Z",   "20500101000000", "20500101000000.5Z",
        "20500229000000Z", "00000101000000Z", "2x500101000000Z", "201002024220Z",  "20500101000000+0000",
    };
    int64_t instant = 77;
    for (size_t i = 0; i < COUNT(utc); i++)
        if (read_time(DER_UTC_TIME, utc[i], &instant) != RC_INPUT)
            fail_msg("UTCTime %s accepted", utc[i]);
    for (size_t i = 0; i < COUNT(general); i++)
        if (read_time(DER_GENERALIZED_TIME, general[i], &instant) != RC_INPUT)
            fail_msg("GeneralizedTime %s accepted", general[i]);
    assert_int_equal(read_time(DER_UTF8_STRING, "201002024220Z", &instant), RC_INPUT);
    assert_int_equal(instant, 77);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_elements_one_after_the_other),
        cmocka_unit_test(refuses_malformed_headers),
        cmocka_unit_test(takes_lengths_at_every_edge),
        cmocka_unit_test(refuses_longer_lengths_than_needed),
        cmocka_unit_test(refuses_another_tag),
        cmocka_unit_test(reads_integers_minimal_only),
        cmocka_unit_test(reads_booleans_of_two_kinds),
        cmocka_unit_test(reads_bit_strings_with_zero_padding),
        cmocka_unit_test(reads_well_formed_oids),
        cmocka_unit_test(reads_times_of_rfc5280),
        cmocka_unit_test(refuses_other_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
