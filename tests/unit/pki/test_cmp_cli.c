/* Client and server of CMP together, in one process: what each side does when the other, the network or the token
   fails (interfaces.md CMP, R5.9). */
#include "unit/pki/cmp_world.h"

#include <string.h>

#include "pki/cert.h"

static void granted(void **state, enum world_key kind) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, kind);
    MUST_OK(cmp_cli_run(&w.cli, &r));
    assert_true(span_eq(buf_span(&r.certificate), buf_span(&w.issued)));
    assert_true(r.confirmed);
    assert_int_equal(w.grants, 1);
    assert_int_equal(w.installs, 1);
    assert_int_equal(w.refusals, 0);
    assert_int_equal(world_confirmed(&w), 1);
    assert_int_equal(w.sends, 2);
    world_free(&w);
}

static void grants_rsa(void **state) {
    granted(state, WORLD_RSA);
}

static void grants_ec(void **state) {
    granted(state, WORLD_EC);
}

/* domain.md: certificates of 2018 are RSA-1024 under SHA-1. */
static void grants_legacy(void **state) {
    granted(state, WORLD_RSA_1024);
}

static void tells_the_server_its_request(void **state) {
    struct world w;
    struct cert old;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    MUST_OK(cmp_cli_run(&w.cli, &r));
    MUST_OK(cert_parse(buf_span(&w.owner.cert), &old));
    assert_true(span_eq(buf_span(&w.seen_spki), old.spki)); /* R5.9: the same key */
    assert_true(span_eq(buf_span(&w.seen_serial), old.serial));
    assert_true(span_eq(buf_span(&w.seen_issuer), old.issuer));
    world_free(&w);
}

static void refusal_arrives_intact(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.refuse_code = "suspended;expiry-differs";
    w.refuse_text = "Chứng thư số đang tạm dừng; ngày hết hạn không phải 02/10/2020";
    MUST_FAIL(RC_REFUSED, cmp_cli_run(&w.cli, &r));
    assert_string_equal(r.refusal, "suspended;expiry-differs: Chứng thư số đang tạm dừng; ngày hết hạn không phải "
                                   "02/10/2020");
    assert_int_equal(r.certificate.len, 0);
    assert_int_equal(w.saved_count, 0);
    assert_int_equal(w.installs, 0);
    world_free(&w);
}

/* A text that fills cmp_answer.text comes with its code and is cut between characters. */
static void long_refusal_is_cut_between_characters(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    char text[512] = {0};
    (void)state;
    for (size_t i = 0; i + 3 < sizeof text; i += 3)
        memcpy(text + i, "ạ", 3);
    world_open(&w, WORLD_EC);
    w.refuse_code = "not-open-yet";
    w.refuse_text = text;
    MUST_FAIL(RC_REFUSED, cmp_cli_run(&w.cli, &r));
    size_t len = strlen(r.refusal);
    assert_true(len > 500 && len < sizeof r.refusal);
    assert_memory_equal(r.refusal + len - 3, "ạ", 3);
    world_free(&w);
}

static void try_later_is_busy(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.refuse_code = "busy";
    w.refuse_text = "thử lại sau";
    w.refuse_later = true;
    MUST_FAIL(RC_BUSY, cmp_cli_run(&w.cli, &r));
    assert_string_equal(r.refusal, "busy: thử lại sau");
    world_free(&w);
}

static void failing_install_is_told_to_the_server(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.install_rc = RC_TOKEN;
    MUST_FAIL(RC_TOKEN, cmp_cli_run(&w.cli, &r));
    assert_string_equal(err_text(), "CKR_DEVICE_MEMORY: không ghi được vào token");
    assert_true(span_eq(buf_span(&r.certificate), buf_span(&w.issued)));
    assert_false(r.confirmed);
    assert_int_equal(world_confirmed(&w), -1);
    assert_string_equal(w.saved[0].text, "CKR_DEVICE_MEMORY: không ghi được vào token");
    world_free(&w);
}

static void lost_request(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.lose_send = 1;
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
    assert_string_equal(err_text(), "connection refused");
    assert_int_equal(w.reissues, 0);
    world_free(&w);
}

/* Issued, but the answer is lost: the next run gets the same certificate. */
static void lost_certificate_comes_again(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.lose_answer = 1;
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
    assert_int_equal(r.certificate.len, 0);
    assert_int_equal(w.installs, 0);
    MUST_OK(cmp_cli_run(&w.cli, &r));
    assert_true(span_eq(buf_span(&r.certificate), buf_span(&w.issued)));
    assert_true(r.confirmed);
    world_free(&w);
}

static void lost_acknowledgement(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.lose_answer = 2;
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
    assert_true(span_eq(buf_span(&r.certificate), buf_span(&w.issued)));
    assert_false(r.confirmed);
    assert_int_equal(world_confirmed(&w), 1); /* the server has it */
    world_free(&w);
}

static void lost_confirmation(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.lose_send = 2;
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
    assert_int_equal(w.installs, 1);
    assert_false(r.confirmed);
    assert_int_equal(world_confirmed(&w), 0);
    world_free(&w);
}

static void answer_that_is_no_cmp(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.garble_answer = 1;
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
    world_free(&w);
}

/* Between kur and certConf the server dies and another one starts. */
static void server_restarts_between_messages(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_RSA);
    w.restart = true;
    MUST_OK(cmp_cli_run(&w.cli, &r));
    assert_true(r.confirmed);
    assert_int_equal(world_confirmed(&w), 1);
    assert_int_equal(w.reissues, 1); /* playing the stored request again asks nobody */
    world_free(&w);
}

/* A certificate that is not what the campaign promises is neither installed nor confirmed. */
static void wrong_certificate(struct world *w, const struct world_issue *wrong) {
    AUTO(cmp_result) r = {0};
    world_issue(wrong, &w->instead);
    MUST_FAIL(RC_CRYPTO, cmp_cli_run(&w->cli, &r));
    assert_int_equal(w->installs, 0);
    assert_int_equal(r.certificate.len, 0);
    assert_false(r.confirmed);
    assert_int_equal(world_confirmed(w), -1);
    world_free(w);
}

static void another_subject(void **state) {
    struct world w;
    (void)state;
    world_open(&w, WORLD_EC);
    wrong_certificate(&w, &(struct world_issue){&w.stranger, w.owner.key, &w.new_ca, WORLD_NOW + WORLD_YEAR});
}

static void another_key(void **state) {
    struct world w;
    (void)state;
    world_open(&w, WORLD_EC);
    wrong_certificate(&w, &(struct world_issue){&w.owner, w.stranger.key, &w.new_ca, WORLD_NOW + WORLD_YEAR});
}

static void under_the_old_ca(void **state) {
    struct world w;
    (void)state;
    world_open(&w, WORLD_EC);
    wrong_certificate(&w, &(struct world_issue){&w.owner, w.owner.key, &w.old_ca, WORLD_NOW + WORLD_YEAR});
}

static void over_already(void **state) {
    struct world w;
    (void)state;
    world_open(&w, WORLD_EC);
    wrong_certificate(&w, &(struct world_issue){&w.owner, w.owner.key, &w.new_ca, WORLD_NOW});
}

/* Answers are judged by the time that is given, not by the machine's; and must be under the new CA. */
static void answers_outside_their_time(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.cli.now = WORLD_NOW + WORLD_YEAR;
    MUST_FAIL(RC_CRYPTO, cmp_cli_run(&w.cli, &r));
    assert_int_equal(w.installs, 0);
    world_free(&w);
}

static void answers_of_another_ca(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.cli.new_ca = buf_span(&w.old_ca.cert);
    MUST_FAIL(RC_CRYPTO, cmp_cli_run(&w.cli, &r));
    assert_int_equal(w.installs, 0);
    world_free(&w);
}

static void key_of_another_certificate(void **state) {
    struct world w;
    AUTO(cmp_result) r = {0};
    (void)state;
    world_open(&w, WORLD_EC);
    w.cli.key = w.stranger.key;
    MUST_FAIL(RC_CRYPTO, cmp_cli_run(&w.cli, &r));
    assert_int_equal(w.sends, 0);
    world_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_rsa),
        cmocka_unit_test(grants_ec),
        cmocka_unit_test(grants_legacy),
        cmocka_unit_test(tells_the_server_its_request),
        cmocka_unit_test(refusal_arrives_intact),
        cmocka_unit_test(long_refusal_is_cut_between_characters),
        cmocka_unit_test(try_later_is_busy),
        cmocka_unit_test(failing_install_is_told_to_the_server),
        cmocka_unit_test(lost_request),
        cmocka_unit_test(lost_certificate_comes_again),
        cmocka_unit_test(lost_acknowledgement),
        cmocka_unit_test(lost_confirmation),
        cmocka_unit_test(answer_that_is_no_cmp),
        cmocka_unit_test(server_restarts_between_messages),
        cmocka_unit_test(another_subject),
        cmocka_unit_test(another_key),
        cmocka_unit_test(under_the_old_ca),
        cmocka_unit_test(over_already),
        cmocka_unit_test(answers_outside_their_time),
        cmocka_unit_test(answers_of_another_ca),
        cmocka_unit_test(key_of_another_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
