/* Tests of base/hex: round trips, and strictness on the way in (RFC 4648 sections 3.3 and 3.5). */
#include <string.h>

#include "base/hex.h"
#include "lib_base.h"

static void writes_upper_case_and_reads_any(void **state) {
    (void)state;
    const uint8_t bytes[] = {0x00, 0x9f, 0xa0, 0xff};
    char text[9];
    hex_to(bytes, sizeof bytes, text);
    assert_string_equal(text, "009FA0FF");
    uint8_t back[4];
    size_t len = sizeof back;
    MUST_OK(hex_from("009fA0Ff", back, &len));
    assert_int_equal(len, 4);
    assert_memory_equal(back, bytes, 4);
    MUST_OK(hex_from("", back, &len));
    assert_int_equal(len, 0);
}

static void refuses_what_is_not_hex(void **state) {
    (void)state;
    const char *const bad[] = {"0", "abc", "0g", "0x12", " 12", "12 ", "-1", "\xff\xff"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t out[8] = {7};
        size_t len = sizeof out;
        assert_int_equal(hex_from(bad[i], out, &len), RC_INPUT);
        assert_int_equal(out[0], 7);
        assert_int_equal(len, sizeof out);
    }
    uint8_t one[1] = {7};
    size_t len = 1;
    assert_int_equal(hex_from("0102", one, &len), RC_LIMIT);
    assert_int_equal(one[0], 7);
}

static void shows_serials_without_leading_zeros(void **state) {
    (void)state;
    static const struct {
        uint8_t bytes[4];
        size_t len;
        const char *text;
    } cases[] = {
        {{0}, 0, "0"},
        {{0}, 1, "0"},
        {{0, 0, 0}, 3, "0"},
        {{0x0a}, 1, "A"},
        {{0x10}, 1, "10"},
        {{0x00, 0xfe, 0x01}, 3, "FE01"},
        {{0x54, 0x01}, 2, "5401"},
        {{0x00, 0x00, 0x05, 0x00}, 4, "500"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[10];
        serial_to_hex(cases[i].bytes, cases[i].len, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void reads_serials_as_people_write_them(void **state) {
    (void)state;
    static const char *const good[][2] = {{"5404FFFE", "5404FFFE"},
                                          {"005404fffe", "5404FFFE"},
                                          {"54:04:ff:fe", "5404FFFE"},
                                          {" 00 54 04 ", "5404"},
                                          {"0", "0"},
                                          {"00:00", "0"},
                                          {"123456789abcdef0", "123456789ABCDEF0"}};
    static const char *const bad[] = {"", " : ", "54x4", "0x54", "-1", "123456789abcdef01"};
    char text[2 * 8 + 1];
    for (size_t i = 0; i < COUNT(good); i++) {
        MUST_OK(serial_read(good[i][0], 8, text));
        assert_string_equal(text, good[i][1]);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (serial_read(bad[i], 8, text) != RC_INPUT)
            fail_msg("accepted '%s'", bad[i]);
}

static void reads_and_writes_the_vectors_of_rfc4648(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        AUTO(buf) text = {0};
        AUTO(buf) bytes = {0};
        MUST_OK(b64_to(span_str(pairs[i][0]), &text));
        assert_string_equal(buf_str(&text), pairs[i][1]);
        MUST_OK(b64_from(span_str(pairs[i][1]), &bytes));
        assert_string_equal(buf_str(&bytes), pairs[i][0]);
    }
}

static void base64_round_trips_all_bytes_and_lengths(void **state) {
    (void)state;
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 11); /* odd factor: every byte value once */
    for (size_t len = 0; len <= sizeof bytes; len++) {
        AUTO(buf) text = {0};
        AUTO(buf) back = {0};
        MUST_OK(buf_add_str(&back, "before:"));
        MUST_OK(b64_to(span_of(bytes, len), &text));
        MUST_OK(b64_from(buf_span(&text), &back));
        assert_int_equal(back.len, 7 + len);
        assert_memory_equal(back.data, "before:", 7);
        assert_memory_equal(back.data + 7, bytes, len);
    }
}

static void refuses_loose_base64(void **state) {
    (void)state;
    const char *const bad[] = {
        "Z",    "Zg",       "Zg=",   "=",           "====",  "Z===", "Zm9v=",  "Zg==Zg==",
        "Zm=v", "Zm9v\n",   "Zm9\n", " Zm9",        "Zm9v ", "Zh==", "Zm9=",   "Zm8=Zm8=",
        "Zm-_", "Zm9v====", "Zm9*",  "Z\xc3\xa9==", "=m9v",  "Zg=g", "Zm\r\n",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(buf) out = {0};
        MUST_OK(buf_add_str(&out, "kept"));
        if (b64_from(span_str(bad[i]), &out) != RC_INPUT)
            fail_msg("accepted '%s'", bad[i]);
        assert_string_equal(buf_str(&out), "kept");
    }
}

/* Every byte outside the alphabet is refused at every place of a group. */
static void knows_its_alphabet(void **state) {
    (void)state;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int c = 0; c < 256; c++)
        for (int place = 0; place < 4; place++) {
            AUTO(buf) out = {0};
            char group[9] = "AAAAAAAA";
            group[place] = (char)c;
            bool inside = c != 0 && strchr(alphabet, c) != NULL;
            assert_int_equal(b64_from(span_of(group, 8), &out), inside ? RC_OK : RC_INPUT);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_upper_case_and_reads_any),
        cmocka_unit_test(refuses_what_is_not_hex),
        cmocka_unit_test(shows_serials_without_leading_zeros),
        cmocka_unit_test(reads_serials_as_people_write_them),
        cmocka_unit_test(reads_and_writes_the_vectors_of_rfc4648),
        cmocka_unit_test(base64_round_trips_all_bytes_and_lengths),
        cmocka_unit_test(refuses_loose_base64),
        cmocka_unit_test(knows_its_alphabet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
