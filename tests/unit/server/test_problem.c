/* Tests of server/problem: what a refused caller is told. */
#include <string.h>

#include "lib/must.h"
#include "server/problem.h"

static void has_text(const struct response *r, const char *part) {
    if (strstr(buf_str(&r->body), part) == NULL)
        fail_msg("%s lacks %s", buf_str(&r->body), part);
}

static void tells_what_and_how_to_go_on(void **state) {
    (void)state;
    struct request q = {.lang = LANG_EN, .support_code = "K7QF-2M9XA"};
    struct response r = {0};
    problem_set(&q, &r, PROBLEM_CONSENT_MISSING, NULL);
    assert_int_equal(r.status, 422);
    assert_string_equal(r.type, "application/problem+json");
    assert_string_equal(r.code, "consent-missing");
    has_text(&r, "\"type\":\"urn:capbu:problem:consent-missing\"");
    has_text(&r, "\"title\":\"The subscriber's consent is missing\"");
    has_text(&r, "\"status\":422");
    has_text(&r, "\"code\":\"consent-missing\"");
    has_text(&r, "\"support_code\":\"K7QF-2M9XA\"");
    q.lang = LANG_VI;
    problem_coded(&q, &r, PROBLEM_NOT_ELIGIBLE, "suspended;expiry-differs", "vì sao");
    assert_int_equal(r.status, 403);
    has_text(&r, "\"type\":\"urn:capbu:problem:not-eligible\"");
    has_text(&r, "\"code\":\"suspended;expiry-differs\"");
    has_text(&r, "\"detail\":\"vì sao\"");
    assert_null(r.header);
    buf_free(&r.body);
    r = (struct response){0};
    (void)err_set(RC_INPUT, "member x is missing");
    problem_from(&q, &r, RC_INPUT); /* in the caller's language, the exact text behind */
    has_text(&r, "\"detail\":\"Hãy kiểm tra lại điều đã gửi; nếu vẫn vậy, hãy gọi tổng đài. (member x is missing)\"");
    buf_free(&r.body);
}

static void maps_every_code(void **state) {
    (void)state;
    static const struct {
        enum rc rc;
        int status;
    } cases[] = {{RC_USAGE, 400},   {RC_INPUT, 400},     {RC_LIMIT, 413},      {RC_NOT_FOUND, 404}, {RC_EXISTS, 409},
                 {RC_REFUSED, 403}, {RC_BUSY, 503},      {RC_IO, 503},         {RC_DB, 503},        {RC_CRYPTO, 500},
                 {RC_TOKEN, 500},   {RC_PIN_WRONG, 500}, {RC_PIN_LOCKED, 500}, {RC_NETWORK, 503},   {RC_BUG, 500}};
    const struct request q = {.lang = LANG_EN};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct response r = {0};
        (void)err_set(cases[i].rc, "the inner text");
        problem_from(&q, &r, cases[i].rc);
        assert_int_equal(r.status, cases[i].status);
        /* what is the caller's fault is told, what is ours stays inside */
        assert_int_equal(strstr(buf_str(&r.body), "the inner text") != NULL, cases[i].status < 500);
        assert_int_equal(r.header != NULL, cases[i].status == 503);
        if (r.header != NULL)
            assert_string_equal(r.header, "Retry-After");
        buf_free(&r.body);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_and_how_to_go_on),
        cmocka_unit_test(maps_every_code),
    };
    return cmocka_run_group_tests_name("server/problem", tests, NULL, NULL);
}
