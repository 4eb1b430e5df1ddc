/* Client and server of CMP together, in one process: what each side does when the other, the network or the token
   fails (interfaces.md CMP, R5.9). */
#include "unit/pki/cmp/cmp_world.h"

#include <string.h>

#include "pki/cms.h"

static struct world w; /* one for each test, and what the client was told */
static struct cmp_result r;

static int begin(void **state) {
    (void)state;
    world_open(&w, WORLD_EC);
    return 0;
}

static int begin_rsa(void **state) {
    (void)state;
    world_open(&w, WORLD_RSA);
    return 0;
}

/* domain.md: certificates of 2018 are RSA-1024 under SHA-1. */
static int begin_legacy(void **state) {
    (void)state;
    world_open(&w, WORLD_RSA_1024);
    return 0;
}

static int end(void **state) {
    (void)state;
    cmp_result_free(&r);
    world_free(&w);
    return 0;
}

static void granted(void **state) {
    (void)state;
    MUST_OK(cmp_cli_run(&w.cli, &r));
    assert_true(span_eq(buf_span(&r.certificate), buf_span(&w.issued)));
    assert_true(r.confirmed);
    assert_int_equal(w.grants, 1);
    assert_int_equal(w.installs, 1);
    assert_int_equal(w.refusals, 0);
    assert_int_equal(world_confirmed(&w), 1);
    assert_int_equal(w.sends, 2);
}

/* The receipt comes with pkiConf; what is no receipt is none, and the renewal is done all the same. */
static void receipt_comes_with_the_acknowledgement(void **state) {
    AUTO(buf) right = {0};
    struct cert cmp;
    (void)state;
    w.restart = true;
    MUST_OK(cert_parse(buf_span(&w.cmp.cert), &cmp));
    MUST_OK(cms_sign(w.cmp.key, &cmp, span_str("{}"), WORLD_NOW, &right));
    const struct buf *sent[] = {&right, &w.owner.cert, &right};
    for (int i = 0; i < 3; i++) { /* the last time on the server's word alone: the acknowledgement is lost */
        MUST_OK(buf_set(&w.receipt, buf_span(sent[i])));
        w.sends = w.confirms = 0;
        w.lose_answer = i == 2 ? 2 : 0;
        cmp_result_free(&r);
        MUST_FAIL(i == 2 ? RC_NETWORK : RC_OK, cmp_cli_run(&w.cli, &r));
        assert_int_equal(r.confirmed, i != 2);
        assert_true(span_eq(buf_span(&r.keep.receipt), i == 0 ? buf_span(&right) : (struct span){0}));
    }
}

static void tells_the_server_its_request(void **state) {
    struct cert old;
    (void)state;
    MUST_OK(cmp_cli_run(&w.cli, &r));
    MUST_OK(cert_parse(buf_span(&w.owner.cert), &old));
    assert_true(span_eq(buf_span(&w.seen_spki), old.spki)); /* R5.9: the same key */
    assert_true(span_eq(buf_span(&w.seen_serial), old.serial));
    assert_true(span_eq(buf_span(&w.seen_issuer), old.issuer));
}

static void refusal_arrives_intact(void **state) {
    (void)state;
    w.refuse_code = "suspended;expiry-differs";
    w.refuse_text = "Chứng thư số đang tạm dừng; ngày hết hạn không phải 02/10/2020";
    MUST_FAIL(RC_REFUSED, cmp_cli_run(&w.cli, &r));
    assert_string_equal(r.refusal, "suspended;expiry-differs: Chứng thư số đang tạm dừng; ngày hết hạn không phải "
                                   "02/10/2020");
    assert_int_equal(r.certificate.len, 0);
    assert_int_equal(w.saved_count, 0);
    assert_int_equal(w.installs, 0);
}

static void refusal_cannot_drive_a_terminal(void **state) {
    (void)state;
    w.refuse_code = "suspended";
    w.refuse_text = "\x1b]0;title\x07 \xc2\x9b"
                    "2J tạm dừng";
    MUST_FAIL(RC_REFUSED, cmp_cli_run(&w.cli, &r));
    assert_string_equal(r.refusal, "suspended: ?]0;title? ??2J tạm dừng");
}

/* A text that fills cmp_answer.text comes with its code and is cut between characters. */
static void long_refusal_is_cut_between_characters(void **state) {
    char text[512] = {0};
    (void)state;
    for (size_t i = 0; i + 3 < sizeof text; i += 3)
        memcpy(text + i, "ạ", 3);
    w.refuse_code = "not-open-yet";
    w.refuse_text = text;
    MUST_FAIL(RC_REFUSED, cmp_cli_run(&w.cli, &r));
    size_t len = strlen(r.refusal);
    assert_true(len > 500 && len < sizeof r.refusal);
    assert_memory_equal(r.refusal + len - 3, "ạ", 3);
}

static void try_later_is_busy(void **state) {
    (void)state;
    w.refuse_code = "busy";
    w.refuse_text = "thử lại sau";
    w.refuse_later = true;
    MUST_FAIL(RC_BUSY, cmp_cli_run(&w.cli, &r));
    assert_string_equal(r.refusal, "busy: thử lại sau");
}

static void failing_install_is_told_to_the_server(void **state) {
    (void)state;
    w.install_rc = RC_TOKEN;
    MUST_FAIL(RC_TOKEN, cmp_cli_run(&w.cli, &r));
    assert_string_equal(err_text(), "CKR_DEVICE_MEMORY: không ghi được vào token");
    assert_true(span_eq(buf_span(&r.certificate), buf_span(&w.issued)));
    assert_false(r.confirmed);
    assert_int_equal(world_confirmed(&w), -1);
    assert_string_equal(w.saved[0].text, "CKR_DEVICE_MEMORY: không ghi được vào token");
}

static void lost_request(void **state) {
    (void)state;
    w.lose_send = 1;
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
    assert_string_equal(err_text(), "connection refused");
    assert_int_equal(w.reissues, 0);
}

/* Issued, but the answer is lost: the next run gets the same certificate. */
static void lost_certificate_comes_again(void **state) {
    (void)state;
    w.lose_answer = 1;
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
    assert_int_equal(r.certificate.len, 0);
    assert_int_equal(w.installs, 0);
    MUST_OK(cmp_cli_run(&w.cli, &r));
    assert_true(span_eq(buf_span(&r.certificate), buf_span(&w.issued)));
    assert_true(r.confirmed);
}

static void lost_acknowledgement(void **state) {
    (void)state;
    w.lose_answer = 2;
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
    assert_true(span_eq(buf_span(&r.certificate), buf_span(&w.issued)));
    assert_false(r.confirmed);
    assert_int_equal(world_confirmed(&w), 1); /* the server has it */
}

static void lost_confirmation(void **state) {
    (void)state;
    w.lose_send = 2;
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
    assert_int_equal(w.installs, 1);
    assert_false(r.confirmed);
    assert_int_equal(world_confirmed(&w), 0);
}

static void answer_that_is_no_cmp(void **state) {
    (void)state;
    w.garble_answer = 1;
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
}

/* Between kur and certConf the server dies and another one starts. */
/* A renewed subscriber has a certificate under the new CA, too: what its key signs is no answer of the server's. */
static void answers_by_a_subscriber(void **state) {
    (void)state;
    world_answer_as(&w, &w.owner, &w.issued);
    MUST_FAIL(RC_CRYPTO, cmp_cli_run(&w.cli, &r));
    assert_string_equal(r.refusal, "");
    assert_int_equal(w.installs, 0);
}

static void server_restarts_between_messages(void **state) {
    (void)state;
    w.restart = true;
    MUST_OK(cmp_cli_run(&w.cli, &r));
    assert_true(r.confirmed);
    assert_int_equal(world_confirmed(&w), 1);
    assert_int_equal(w.reissues, 1); /* playing the stored request again asks nobody */
}

/* A certificate that is not what the campaign promises is neither installed nor confirmed. */
static void wrong_certificate(const struct world_issue *wrong) {
    world_issue(wrong, &w.instead);
    MUST_FAIL(RC_CRYPTO, cmp_cli_run(&w.cli, &r));
    assert_int_equal(w.installs, 0);
    assert_int_equal(r.certificate.len, 0);
    assert_false(r.confirmed);
    assert_int_equal(world_confirmed(&w), -1);
}

static void another_subject(void **state) {
    (void)state;
    wrong_certificate(&(struct world_issue){&w.stranger, w.owner.key, &w.new_ca, WORLD_NOW + WORLD_YEAR});
}

static void another_key(void **state) {
    (void)state;
    wrong_certificate(&(struct world_issue){&w.owner, w.stranger.key, &w.new_ca, WORLD_NOW + WORLD_YEAR});
}

static void under_the_old_ca(void **state) {
    (void)state;
    wrong_certificate(&(struct world_issue){&w.owner, w.owner.key, &w.old_ca, WORLD_NOW + WORLD_YEAR});
}

static void over_already(void **state) {
    (void)state;
    wrong_certificate(&(struct world_issue){&w.owner, w.owner.key, &w.new_ca, WORLD_NOW});
}

/* Answers are judged by the time that is given, not by the machine's; and must be under the new CA. */
static void answers_outside_their_time(void **state) {
    (void)state;
    w.cli.now = WORLD_NOW + WORLD_YEAR;
    MUST_FAIL(RC_CRYPTO, cmp_cli_run(&w.cli, &r));
    assert_int_equal(w.installs, 0);
}

static void answers_of_another_ca(void **state) {
    (void)state;
    w.cli.new_ca = buf_span(&w.old_ca.cert);
    MUST_FAIL(RC_CRYPTO, cmp_cli_run(&w.cli, &r));
    assert_int_equal(w.installs, 0);
}

static void key_of_another_certificate(void **state) {
    (void)state;
    w.cli.key = w.stranger.key;
    MUST_FAIL(RC_CRYPTO, cmp_cli_run(&w.cli, &r));
    assert_int_equal(w.sends, 0);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(granted),
        cmocka_unit_test_setup_teardown(granted, begin_rsa, end),
        cmocka_unit_test_setup_teardown(granted, begin_legacy, end),
        IN_A_WORLD(receipt_comes_with_the_acknowledgement),
        IN_A_WORLD(tells_the_server_its_request),
        IN_A_WORLD(refusal_arrives_intact),
        IN_A_WORLD(refusal_cannot_drive_a_terminal),
        IN_A_WORLD(long_refusal_is_cut_between_characters),
        IN_A_WORLD(try_later_is_busy),
        IN_A_WORLD(failing_install_is_told_to_the_server),
        IN_A_WORLD(lost_request),
        IN_A_WORLD(lost_certificate_comes_again),
        IN_A_WORLD(lost_acknowledgement),
        IN_A_WORLD(lost_confirmation),
        IN_A_WORLD(answer_that_is_no_cmp),
        IN_A_WORLD(server_restarts_between_messages),
        IN_A_WORLD(answers_by_a_subscriber),
        IN_A_WORLD(another_subject),
        IN_A_WORLD(another_key),
        IN_A_WORLD(under_the_old_ca),
        IN_A_WORLD(over_already),
        IN_A_WORLD(answers_outside_their_time),
        IN_A_WORLD(answers_of_another_ca),
        IN_A_WORLD(key_of_another_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
