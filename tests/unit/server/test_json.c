/* Tests of server/json and server/body: types, limits, and every refusal names the member. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "lib/must.h"
#include "rules/mark.h"
#include "server/body.h"
#include "server/json.h"

static void refuse(const char *text, const char *says) {
    AUTO(begin_body) b = {0};
    MUST_FAIL(RC_INPUT, begin_body_parse(span_str(text), &b));
    if (strstr(err_text(), says) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", text, err_text(), says);
    assert_null(b.certificate.data);
}

static void reads_every_member(void **state) {
    (void)state;
    AUTO(begin_body) b = {0};
    MUST_OK(begin_body_parse(
        span_str("{\"certificate\":\"AQID\",\"consent\":{\"text_id\":\"t1\",\"given\":true},\"client_version\":\"1.2\","
                 "\"device_model\":\"ePass\",\"channel\":\"self\",\"assist\":null,\"ticket\":\"AB\"}"),
        &b));
    assert_int_equal(b.certificate.len, 3);
    assert_memory_equal(b.certificate.data, "\1\2\3", 3);
    assert_true(b.consent_given);
    assert_string_equal(b.consent_text, "t1");
    assert_string_equal(b.client_version, "1.2");
    assert_string_equal(b.device_model, "ePass");
    assert_string_equal(b.channel, "self");
    assert_string_equal(b.assist, "");
    assert_string_equal(b.ticket, "AB");
}

static void leaves_out_what_is_absent(void **state) {
    (void)state;
    AUTO(begin_body) b = {0};
    MUST_OK(begin_body_parse(span_str("{\"certificate\":\"AQ==\"}"), &b));
    assert_false(b.consent_given);
    assert_string_equal(b.channel, "");
}

/* Read out over the telephone and typed as people type; what is no such code stays, to be unknown. */
static void takes_an_assist_code_however_typed(void **state) {
    static const char *const rows[][2] = {{"k7qf-2m9x4", "K7QF-2M9X4"},
                                          {"K7QF2M9X4", "K7QF-2M9X4"},
                                          {" k7qf 2m9x4 ", "K7QF-2M9X4"},
                                          {"k7qf-2m9xb", "k7qf-2m9xb"},
                                          {"nope", "nope"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO(begin_body) b = {0};
        AUTO(buf) text = {0};
        MUST_OK(buf_printf(&text, "{\"certificate\":\"AQ==\",\"assist\":\"%s\"}", rows[i][0]));
        MUST_OK(begin_body_parse(buf_span(&text), &b));
        assert_string_equal(b.assist, rows[i][1]);
    }
}

static void refuses_wrong_shapes(void **state) {
    (void)state;
    refuse("", "no JSON");
    refuse("{", "no JSON");
    refuse("[]", "one JSON object");
    refuse("\"x\"", "no JSON");
    refuse("{} {}", "no JSON");
    refuse("{\"certificate\":\"AQ==\",\"certificate\":\"AQ==\"}", "duplicate");
    refuse("{}", "\"certificate\" is missing");
    refuse("{\"certificate\":null}", "\"certificate\" is missing");
    refuse("{\"certificate\":1}", "\"certificate\" must be a text");
    refuse("{\"certificate\":\"\"}", "\"certificate\" must stand for");
    refuse("{\"certificate\":\"AQ\"}", "\"certificate\" is no base64");
    refuse("{\"certificate\":\"A Q=\"}", "\"certificate\" is no base64");
    refuse("{\"certificate\":\"AQ==\",\"pin\":\"1\"}", "\"pin\" is not known here");
    refuse("{\"certificate\":\"AQ==\",\"consent\":true}", "\"consent\" must be an object");
    refuse("{\"certificate\":\"AQ==\",\"consent\":{\"given\":\"yes\"}}", "\"given\" must be true or false");
    refuse("{\"certificate\":\"AQ==\",\"consent\":{\"Given\":true}}", "\"Given\" is not known here");
    refuse("{\"certificate\":\"AQ==\",\"channel\":7}", "\"channel\" must be a text");
    refuse("{\"certificate\":\"AQ==\",\"channel\":\"a\\u0000b\"}", "no JSON");
    refuse("{\"certificate\":\"AQ==\",\"channel\":\"\xff\"}", "no JSON");
}

static void reads_sets(void **state) {
    (void)state;
    AUTO(after_body) b = {0};
    MUST_OK(after_body_parse(span_str("{\"certificate\":\"AQ==\",\"marks\":[\"bank\",\"tax\",\"bank\"]}"), true, &b));
    assert_int_equal(b.marks, 1u << MARK_TAX | 1u << MARK_BANK);
    after_body_free(&b);
    MUST_OK(after_body_parse(span_str("{\"certificate\":\"AQ==\"}"), false, &b));
    static const char *const bad[] = {"\"tax\"", "[7]", "[\"tax\",\"\"]", "[[\"tax\"]]", "{}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        AUTO(buf) text = {0};
        MUST_OK(buf_printf(&text, "{\"certificate\":\"AQ==\",\"marks\":%s}", bad[i]));
        MUST_FAIL(RC_INPUT, after_body_parse(buf_span(&text), true, &b));
        assert_non_null(strstr(err_text(), "\"marks\""));
    }
}

/* A text of exactly what fits, and one byte more. */
static void bounds_texts(void **state) {
    (void)state;
    AUTO(buf) text = {0};
    AUTO(begin_body) b = {0};
    MUST_OK(buf_add_str(&text, "{\"certificate\":\"AQ==\",\"device_model\":\""));
    for (size_t i = 0; i < sizeof b.device_model - 1; i++)
        MUST_OK(buf_add_char(&text, 'm'));
    size_t fits = text.len;
    MUST_OK(buf_add_str(&text, "\"}"));
    MUST_OK(begin_body_parse(buf_span(&text), &b));
    assert_int_equal(strlen(b.device_model), sizeof b.device_model - 1);
    text.len = fits;
    MUST_OK(buf_add_str(&text, "m\"}"));
    refuse(buf_str(&text), "\"device_model\" is longer than 64 bytes");
}

static void bounds_certificates(void **state) {
    (void)state;
    static uint8_t bytes[CERT_BODY_MAX + 1];
    for (size_t len = CERT_BODY_MAX; len <= CERT_BODY_MAX + 1; len++) {
        AUTO(buf) text = {0};
        AUTO(check_body) b = {0};
        MUST_OK(buf_add_str(&text, "{\"certificate\":\""));
        MUST_OK(b64_to(span_of(bytes, len), &text));
        MUST_OK(buf_add_str(&text, "\"}"));
        if (len == CERT_BODY_MAX)
            MUST_OK(check_body_parse(buf_span(&text), &b));
        else
            MUST_FAIL(RC_INPUT, check_body_parse(buf_span(&text), &b));
    }
}

static void bounds_depth(void **state) {
    (void)state;
    char deep[2 * 100000 + 1];
    memset(deep, '[', 100000);
    memset(deep + 100000, ']', 100000);
    deep[200000] = '\0';
    refuse(deep, "nested deeper");
    refuse("{\"a\":[[[[[[[[1]]]]]]]]}", "nested deeper");
    refuse("{\"a\":[[[[[[[1]]]]]]]}", "\"a\" is not known here");
    /* brackets inside a text do not count, and an escaped quote does not end it */
    refuse("{\"x\":\"[[[[[[[[[[[\\\"[[[[[[[\"}", "\"x\" is not known here");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_member),
        cmocka_unit_test(leaves_out_what_is_absent),
        cmocka_unit_test(takes_an_assist_code_however_typed),
        cmocka_unit_test(refuses_wrong_shapes),
        cmocka_unit_test(bounds_texts),
        cmocka_unit_test(bounds_certificates),
        cmocka_unit_test(bounds_depth),
        cmocka_unit_test(reads_sets),
    };
    return cmocka_run_group_tests_name("server/json", tests, NULL, NULL);
}
