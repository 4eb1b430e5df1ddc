/* Tests of base/jsonw: exact texts, misuse noticed, and jansson as the judge of any bytes. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "base/jsonw.h"
#include "lib_base.h"

static void writes_every_kind_of_value(void **state) {
    (void)state;
    AUTO(jsonw) w = {0};
    jsonw_object(&w, NULL);
    jsonw_str(&w, "s", "Ti\xe1\xbb\x81n \"x\" \\ /");
    jsonw_str(&w, "none", NULL);
    jsonw_span(&w, "span", span_of("abc", 2));
    jsonw_int(&w, "least", INT64_MIN);
    jsonw_bool(&w, "yes", true);
    jsonw_bool(&w, "no", false);
    jsonw_null(&w, "null");
    jsonw_instant(&w, "at", 1601606540);
    jsonw_instant(&w, "never", INSTANT_NONE);
    jsonw_b64(&w, "b64", span_of("\0\xff", 2));
    jsonw_raw(&w, "raw", "[1]");
    jsonw_array(&w, "list");
    jsonw_array(&w, NULL);
    jsonw_close(&w, ']');
    jsonw_object(&w, NULL);
    jsonw_close(&w, '}');
    jsonw_int(&w, NULL, 0);
    jsonw_str(&w, NULL, "");
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
    MUST_OK(jsonw_end(&w));
    assert_string_equal(buf_str(&w.out), "{\"s\":\"Ti\xe1\xbb\x81n \\\"x\\\" \\\\ /\",\"none\":null,\"span\":\"ab\","
                                         "\"least\":-9223372036854775808,\"yes\":true,\"no\":false,\"null\":null,"
                                         "\"at\":\"2020-10-02T02:42:20Z\",\"never\":null,\"b64\":\"AP8=\",\"raw\":[1],"
                                         "\"list\":[[],{},0,\"\"]}");
}

static void writes_a_bare_value(void **state) {
    (void)state;
    AUTO(jsonw) w = {0};
    jsonw_str(&w, NULL, "x");
    MUST_OK(jsonw_end(&w));
    assert_string_equal(buf_str(&w.out), "\"x\"");
}

static void escapes_what_must_not_stand(void **state) {
    (void)state;
    static const struct {
        const char *in;
        size_t len;
        const char *out;
    } cases[] = {
        {"\0\x01\x1f", 3, "\"\\u0000\\u0001\\u001f\""},
        {"\n\r\t", 3, "\"\\n\\r\\t\""},
        {"\x7f", 1, "\"\\u007f\""},
        {"\xc2\x9b", 2, "\"\\u009b\""}, /* CSI of eight bits: a terminal obeys it */
        {"\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b\xd8\x9c\xef\xbb\xbf", 14, "\"\\u202e\\u2066\\u200b\\u061c\\ufeff\""},
        {"a\xff"
         "b",
         3,
         "\"a\xef\xbf\xbd"
         "b\""},
        {"\xc3", 1, "\"\xef\xbf\xbd\""},
        {"\xc0\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xf0\x9f\x94\x91", 4, "\"\xf0\x9f\x94\x91\""},
        {"\xf0\x9f\x94", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(jsonw) w = {0};
        jsonw_span(&w, NULL, span_of(cases[i].in, cases[i].len));
        MUST_OK(jsonw_end(&w));
        assert_string_equal(buf_str(&w.out), cases[i].out);
    }
}

static void is_valid_for_any_bytes(void **state) {
    (void)state;
    struct drand48_data seed;
    srand48_r(1311, &seed);
    for (int round = 0; round < 5000; round++) {
        uint8_t bytes[40];
        for (size_t i = 0; i < sizeof bytes; i++) {
            long pick = 0;
            lrand48_r(&seed, &pick);
            bytes[i] = (uint8_t)(pick >> 8);
        }
        char key[8];
        memcpy(key, bytes, sizeof key - 1);
        key[sizeof key - 1] = 0;
        AUTO(jsonw) w = {0};
        jsonw_object(&w, NULL);
        jsonw_span(&w, key, span_of(bytes, sizeof bytes));
        jsonw_close(&w, '}');
        MUST_OK(jsonw_end(&w));
        json_error_t error;
        json_t *json = json_loadb(buf_str(&w.out), w.out.len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
        if (json == NULL)
            fail_msg("%s: %s", error.text, buf_str(&w.out));
        assert_int_equal(json_object_size(json), 1);
        json_decref(json);
    }
}

static void close_curly(struct jsonw *w) {
    jsonw_object(w, NULL);
    jsonw_close(w, ']');
}
static void close_square(struct jsonw *w) {
    jsonw_array(w, NULL);
    jsonw_close(w, '}');
}
static void close_nothing(struct jsonw *w) {
    jsonw_close(w, '}');
}
static void left_open(struct jsonw *w) {
    jsonw_object(w, NULL);
}
static void no_key(struct jsonw *w) {
    jsonw_object(w, NULL);
    jsonw_int(w, NULL, 1);
    jsonw_close(w, '}');
}
static void key_in_array(struct jsonw *w) {
    jsonw_array(w, NULL);
    jsonw_int(w, "k", 1);
    jsonw_close(w, ']');
}
static void key_outside(struct jsonw *w) {
    jsonw_int(w, "k", 1);
}
static void two_values(struct jsonw *w) {
    jsonw_int(w, NULL, 1);
    jsonw_int(w, NULL, 2);
}
static void nothing(struct jsonw *w) {
    (void)w;
}
static void too_deep(struct jsonw *w) {
    for (int i = 0; i < 33; i++)
        jsonw_array(w, NULL);
    for (int i = 0; i < 33; i++)
        jsonw_close(w, ']');
}

static void notices_misuse(void **state) {
    (void)state;
    static void (*const cases[])(struct jsonw *) = {close_curly,  close_square, close_nothing, left_open, no_key,
                                                    key_in_array, key_outside,  two_values,    nothing,   too_deep};
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(jsonw) w = {0};
        cases[i](&w);
        if (jsonw_end(&w) != RC_BUG)
            fail_msg("case %zu was let pass", i);
    }
}

static void nests_32_deep(void **state) {
    (void)state;
    AUTO(jsonw) w = {0};
    for (int i = 0; i < 32; i++) {
        if (i % 2 == 0)
            jsonw_array(&w, i == 0 ? NULL : "k");
        else
            jsonw_object(&w, NULL);
    }
    for (int i = 31; i >= 0; i--)
        jsonw_close(&w, i % 2 == 0 ? ']' : '}');
    MUST_OK(jsonw_end(&w));
}

static const char *letter(int member) {
    static const char *const letters[] = {"a", "b", "c"};
    return letters[member];
}

static void names_the_members_of_a_set(void **state) {
    (void)state;
    AUTO(jsonw) w = {0};
    jsonw_object(&w, NULL);
    jsonw_names(&w, "some", 1u << 0 | 1u << 2, 3, letter);
    jsonw_names(&w, "none", 0, 3, letter);
    jsonw_names(&w, "bounded", UINT32_MAX, 2, letter);
    jsonw_close(&w, '}');
    MUST_OK(jsonw_end(&w));
    assert_string_equal(buf_str(&w.out), "{\"some\":[\"a\",\"c\"],\"none\":[],\"bounded\":[\"a\",\"b\"]}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_members_of_a_set),
        cmocka_unit_test(writes_every_kind_of_value),
        cmocka_unit_test(writes_a_bare_value),
        cmocka_unit_test(escapes_what_must_not_stand),
        cmocka_unit_test(is_valid_for_any_bytes),
        cmocka_unit_test(notices_misuse),
        cmocka_unit_test(nests_32_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
