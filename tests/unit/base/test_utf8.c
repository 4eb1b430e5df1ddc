/* Tests of base/utf8: every code point both ways, every sequence of two bytes, and the forbidden forms of RFC 3629. */
#include <string.h>

#include "base/utf8.h"
#include "lib_base.h"

static size_t encode(uint32_t c, uint8_t out[4]) {
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (uint8_t)(lead[more] | c >> 6 * more);
    for (size_t i = 1; i <= more; i++)
        out[i] = (uint8_t)(0x80 | (c >> 6 * (more - i) & 0x3f));
    return more + 1;
}

static void takes_every_code_point_but_surrogates(void **state) {
    (void)state;
    for (uint32_t c = 0; c < 0x120000; c++) {
        uint8_t bytes[4];
        size_t len = encode(c, bytes);
        bool right = c < 0x110000 && (c < 0xd800 || c > 0xdfff);
        bool control = utf8_hidden(c);
        if (right && utf8_code(bytes, len) != c)
            fail_msg("U+%04X reads as another", c);
        uint8_t put[4];
        if (right && (utf8_put(c, put) != len || memcmp(put, bytes, len) != 0))
            fail_msg("U+%04X is written as another", c);
        if (utf8_char(bytes, len) != (right ? len : 0) || utf8_valid(span_of(bytes, len)) != right ||
            utf8_printable(span_of(bytes, len)) != (right && !control))
            fail_msg("U+%04X", c);
        if (right && len > 1)
            assert_int_equal(utf8_char(bytes, len - 1), 0);
    }
}

static void knows_what_is_hidden(void **state) {
    (void)state;
    static const uint32_t hidden[] = {0,      0x09,   0x1b,   0x7f,   0x80,   0x9b,   0x9f,
                                      0xad,   0x61c,  0x200b, 0x200d, 0x200e, 0x200f, 0x2028,
                                      0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0xfeff};
    static const uint32_t seen[] = {' ', '~', 0xa0, 0xc0, 0x1ef9, 0x2010, 0x2027, 0x202f, 0x2070, 0xfffd, 0x1f511};
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (!utf8_hidden(hidden[i]))
            fail_msg("U+%04X", hidden[i]);
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
        if (utf8_hidden(seen[i]))
            fail_msg("U+%04X", seen[i]);
}

static void refuses_every_other_pair_of_bytes(void **state) {
    (void)state;
    for (int a = 0x80; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            const uint8_t bytes[] = {(uint8_t)a, (uint8_t)b};
            bool right = a >= 0xc2 && a <= 0xdf && b >= 0x80 && b <= 0xbf;
            assert_int_equal(utf8_valid(span_of(bytes, 2)), right);
        }
}

static void refuses_forbidden_forms(void **state) {
    (void)state;
    const char *const bad[] = {"\xc0\x80",
                               "\xc1\xbf",
                               "\xe0\x80\x80",
                               "\xe0\x9f\xbf",
                               "\xed\xa0\x80",
                               "\xed\xbf\xbf",
                               "\xf0\x80\x80\x80",
                               "\xf0\x8f\xbf\xbf",
                               "\xf4\x90\x80\x80",
                               "\xf5\x80\x80\x80",
                               "\xf8\x88\x80\x80\x80",
                               "\x80",
                               "\xff",
                               "abc\xe1\xba",
                               "\xe1\xba"
                               "A",
                               "\xf0\x9f\x94"
                               "A"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(utf8_valid(span_str(bad[i])));
    assert_true(utf8_valid(span_of(NULL, 0)));
}

/* The path of eight bytes at once and the slow one agree wherever the byte stands. */
static void finds_every_byte_at_every_place(void **state) {
    (void)state;
    for (size_t place = 0; place < 24; place++)
        for (int c = 0; c < 256; c++) {
            uint8_t text[24];
            memset(text, place % 2 == 0 ? ' ' : '~', sizeof text);
            text[place] = (uint8_t)c;
            assert_int_equal(utf8_valid(span_of(text, sizeof text)), c < 0x80);
            assert_int_equal(utf8_printable(span_of(text, sizeof text)), c >= 0x20 && c < 0x7f);
        }
}

static void tames_what_is_not_printable(void **state) {
    (void)state;
    char text[] = "Tiếng \x1b[2J \xc2\x9b \xff\xe1\xba \x7f\nViệt\xe2\x80\xae", empty[] = "";
    utf8_tame(text);
    assert_string_equal(text, "Tiếng ?[2J ?? ??? ??Việt???");
    utf8_tame(empty);
    assert_string_equal(empty, "");
    char cell[] = "a\0\x1b[2J\xe2\x80\xae";
    utf8_tame_bytes(cell, sizeof cell - 1);
    assert_string_equal(cell, "a??[2J???");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_code_point_but_surrogates), cmocka_unit_test(knows_what_is_hidden),
        cmocka_unit_test(refuses_every_other_pair_of_bytes),     cmocka_unit_test(refuses_forbidden_forms),
        cmocka_unit_test(finds_every_byte_at_every_place),       cmocka_unit_test(tames_what_is_not_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
