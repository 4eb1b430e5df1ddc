/* The issuing core: one certificate for one old one, whatever is asked, how often, by how many, and after any crash. */
#include "unit/service/world.h"

#include <pthread.h>
#include <string.h>

#include "base/day.h"
#include "base/hex.h"
#include "service/issuing/reissue.h"
#include "service/issuing/texts.h"
#include "store/control.h"

static enum rc ask(const struct buf *der, int64_t now, struct cmp_answer *answer) {
    struct reissue_request req = {.kur.signer = buf_span(der), .now_ms = now * 1000, .support_code = "K7QF-2M9XA"};
    return world_reissue(&w.core, &req, answer);
}

static void must_grant(const struct buf *der, int64_t now, struct cmp_answer *answer) {
    MUST_OK(ask(der, now, answer));
    if (!answer->granted)
        fail_msg("refused: %s: %s", answer->code, answer->text);
}

static void must_refuse(const struct buf *der, int64_t now, const char *code) {
    AUTO(cmp_answer) answer = {0};
    int64_t before = world_audit_count(&w, "\"refused\"");
    MUST_OK(ask(der, now, &answer));
    assert_false(answer.granted);
    assert_int_equal(answer.certificate.len, 0);
    assert_string_equal(answer.code, code);
    assert_true(strlen(answer.text) > 20);
    assert_int_equal(world_audit_count(&w, "\"refused\""),
                     before + answer.proven); /* of a stranger nothing is written */
    assert_int_equal(answer.proven,
                     strstr(code, "bad-signature") == NULL && strstr(code, "not-old-issuer") == NULL && der->len > 100);
}

static void test_grants(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    AUTO(cmp_answer) first = {0}, again = {0};
    struct cert old_cert, made;
    world_add(&w, &(struct person){.number = 1}, &der);
    must_grant(&der, DRILL_NOW, &first);
    MUST_OK(cert_parse(buf_span(&der), &old_cert));
    MUST_OK(cert_parse(buf_span(&first.certificate), &made));
    MUST_OK(ca_verify(w.pki.new_ca, &made, false));
    assert_true(cert_same_key(&old_cert, &made));
    assert_true(span_eq(old_cert.subject, made.subject));
    assert_int_equal(made.facts.not_before, DRILL_NOW - 3600);
    assert_int_equal(made.facts.not_after, CONTRACT_END); /* R5.7: the end of the contract's last day */
    assert_int_equal(made.serial.len, 16);
    must_grant(&der, DRILL_NOW + 999, &again); /* a lost answer: the same bytes */
    assert_true(span_eq(buf_span(&first.certificate), buf_span(&again.certificate)));
    assert_int_equal(world_audit_count(&w, "\"issued\""), 1);
}

static void test_refuses(void **state) {
    (void)state;
    static const struct {
        struct person who;
        int64_t now;
        const char *code;
    } cases[] = {
        {{.number = 10, .device = "v2"}, DRILL_NOW, "not-open-yet"},                     /* R3.3: from 01/04 */
        {{.number = 11, .status = "suspended"}, DRILL_NOW, "suspended"},                 /* R2.2 */
        {{.number = 12, .status = "revoked"}, DRILL_NOW, "revoked"},                     /* R2.2 */
        {{.number = 13}, OLD_CA_TO + 1, "expired"},                                      /* R2.2 */
        {{.number = 14, .not_after = OLD_CA_TO - 86400}, DRILL_NOW, "expiry-differs"},   /* R2.3 */
        {{.number = 15, .contract_to = "2020-10-02"}, DRILL_NOW, "contract-not-longer"}, /* R2.4 */
        {{.number = 16, .contract_to = "2024-05-14"}, DRILL_NOW, "beyond-new-ca"},       /* R5.7, held */
        {{.number = 17, .by_new_ca = true}, DRILL_NOW, "not-old-issuer"},                /* R2.1, R2.6 */
        {{.number = 18, .forged = true}, DRILL_NOW, "bad-signature"},                    /* R5.4 */
        {{.number = 19,
          .status = "suspended",
          .not_before = SUB_FROM + 86400 * 400,
          .not_after = OLD_CA_TO - 86400,
          .contract_to = "2020-01-01"},
         DRILL_NOW,
         "suspended;expiry-differs;issued-after-connection;contract-not-longer"}, /* R2.7: every one is named */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(buf) der = {0};
        world_add(&w, &cases[i].who, &der);
        must_refuse(&der, cases[i].now, cases[i].code);
    }
    assert_int_equal(world_audit_count(&w, "suspended;expiry-differs;issued-after-connection;contract-not-longer"), 1);
    assert_true(world_audit_count(&w, "K7QF-2M9XA") >= (int64_t)(sizeof cases / sizeof cases[0]));
}

/* Nobody imported it; a forged one says so before that (R5.4). */
static void test_unknown(void **state) {
    (void)state;
    AUTO(buf) unknown = {0}, forged = {0}, garbage = {0}, known = {0}, twin = {0};
    world_mint(&w, &(struct person){.number = 30}, &unknown);
    world_mint(&w, &(struct person){.number = 31, .forged = true}, &forged);
    MUST_OK(buf_add_str(&garbage, "0\003not a certificate"));
    must_refuse(&unknown, DRILL_NOW, "unknown-certificate");
    must_refuse(&forged, DRILL_NOW, "bad-signature");
    must_refuse(&garbage, DRILL_NOW, "unknown-certificate");
    /* the same issuer key and serial, but not the certificate that was imported */
    world_add(&w, &(struct person){.number = 32}, &known);
    world_mint(&w, &(struct person){.number = 32, .name = "CÔNG TY KHÁC"}, &twin);
    must_refuse(&twin, DRILL_NOW, "unknown-certificate");
}

static void test_other_certificate(void **state) {
    (void)state;
    AUTO(buf) mine = {0}, other = {0};
    AUTO(cmp_answer) answer = {0};
    struct cert cert;
    world_add(&w, &(struct person){.number = 40}, &mine);
    world_add(&w, &(struct person){.number = 41}, &other);
    MUST_OK(cert_parse(buf_span(&other), &cert));
    struct reissue_request req = {
        .kur.signer = buf_span(&mine), .kur.old_serial = cert.serial, .now_ms = DRILL_NOW * INT64_C(1000)};
    MUST_OK(world_reissue(&w.core, &req, &answer));
    assert_string_equal(answer.code, "other-certificate");
}

/* The same serial number under another issuer is another certificate; under its own issuer it is the one. */
static void test_other_issuer(void **state) {
    (void)state;
    AUTO(buf) mine = {0};
    AUTO(cmp_answer) refused = {0}, granted = {0};
    struct cert cert;
    world_add(&w, &(struct person){.number = 42}, &mine);
    MUST_OK(cert_parse(buf_span(&mine), &cert));
    struct reissue_request req = {.kur.signer = buf_span(&mine),
                                  .kur.old_serial = cert.serial,
                                  .kur.old_issuer = ca_cert(w.pki.new_ca)->subject,
                                  .now_ms = DRILL_NOW * INT64_C(1000)};
    assert_false(span_eq(req.kur.old_issuer, cert.issuer));
    MUST_OK(world_reissue(&w.core, &req, &refused));
    assert_string_equal(refused.code, "other-certificate");
    assert_false(refused.granted);
    req.kur.old_issuer = cert.issuer;
    MUST_OK(world_reissue(&w.core, &req, &granted));
    assert_true(granted.granted);
}

/* R5.9 */
static void test_new_key(void **state) {
    (void)state;
    AUTO(buf) der = {0}, spki = {0};
    AUTO(cmp_answer) refused = {0}, granted = {0}, late = {0};
    struct cert made;
    world_add(&w, &(struct person){.number = 50}, &der);
    MUST_OK(key_spki(w.pki.old_key, &spki)); /* any other key */
    struct reissue_request req = {
        .kur.signer = buf_span(&der), .kur.new_spki = buf_span(&spki), .now_ms = DRILL_NOW * INT64_C(1000)};
    MUST_OK(world_reissue(&w.core, &req, &refused));
    assert_string_equal(refused.code, "new-key-not-allowed");
    w.site.campaign.key = KEY_NEW_ALLOWED;
    MUST_OK(world_reissue(&w.core, &req, &granted));
    assert_true(granted.granted);
    MUST_OK(cert_parse(buf_span(&granted.certificate), &made));
    assert_true(span_eq(made.spki, buf_span(&spki)));
    req.kur.new_spki = (struct span){0}; /* afterwards the old key is another one than the certificate's */
    MUST_OK(world_reissue(&w.core, &req, &late));
    assert_string_equal(late.code, "other-key");
    w.site.campaign.key = KEY_SAME;
}

static enum rc halt(struct tx *tx, void *arg) {
    return phase_switch_put(tx, "p1", *(enum phase_switch *)arg, "capbuctl:test", "test");
}

static void set_phase(enum phase_switch to) {
    MUST_OK(store_write(w.site.store, DRILL_NOW, halt, &to));
}

static void must_be_in_state(const struct buf *der, enum state expected, struct screened *v) {
    MUST_OK(screen_certificate(&w.site, buf_span(der), DRILL_NOW, v));
    assert_string_equal(state_name(v->state), state_name(expected));
}

/* After a crash between reserve and sign the reserved bytes are signed, and no others. */
static void test_crash_after_reserve(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    AUTO(cmp_answer) answer = {0};
    struct screened before, after;
    struct cert made;
    world_add(&w, &(struct person){.number = 60}, &der);
    world_reserve_only(&der);
    must_be_in_state(&der, STATE_RESERVED, &before);
    assert_int_equal(before.verdict.kind, VERDICT_ELIGIBLE); /* still owed: nothing was handed out */
    world_reserve_only(&der);
    must_be_in_state(&der, STATE_RESERVED, &after);
    assert_string_equal(before.new_serial, after.new_serial);
    must_grant(&der, DRILL_NOW + 3600, &answer);
    MUST_OK(cert_parse(buf_span(&answer.certificate), &made));
    char serial[2 * SERIAL_MAX + 2];
    serial_to_hex(made.facts.serial, made.facts.serial_len, serial);
    assert_string_equal(serial, before.new_serial);
    assert_int_equal(made.facts.not_before,
                     DRILL_NOW - 3600); /* backdated, of the reserved window, not that of the second request */
    must_be_in_state(&der, STATE_ISSUED, &after);
    assert_int_equal(after.verdict.kind, VERDICT_DONE);
    assert_int_equal(after.verdict.new_not_after, CONTRACT_END);
}

/* What was begun is finished, however late; only a certificate that is no longer in force stops it. */
static void test_finishes_what_was_begun(void **state) {
    (void)state;
    AUTO(buf) fresh = {0}, begun = {0};
    AUTO(cmp_answer) first = {0}, again = {0};
    struct person who = {.number = 70};
    world_add(&w, &who, &begun);
    world_add(&w, &(struct person){.number = 71}, &fresh);
    world_reserve_only(&begun);
    set_phase(PHASE_HALTED);
    must_refuse(&fresh, DRILL_NOW, "halted");
    must_grant(&begun, OLD_CA_TO + 10, &first); /* halted and expired */
    set_phase(PHASE_PLANNED);
    world_set_status(&w, &who, "suspended");
    must_refuse(&begun, DRILL_NOW, "suspended");
    world_set_status(&w, &who, "revoked");
    must_refuse(&begun, DRILL_NOW, "revoked");
    world_set_status(&w, &who, "active");
    must_grant(&begun, DRILL_NOW, &again);
    assert_true(span_eq(buf_span(&first.certificate), buf_span(&again.certificate)));
}

static enum rc put_assist(struct tx *tx, void *arg) {
    return assist_put(tx, arg, "capbuctl:test");
}

static void give_code(const char *code, int64_t expires_at, int64_t uses) {
    struct assist_row row = {.channel = CHANNEL_AM, .holder = "NV-7", .expires_at = expires_at, .uses = uses};
    MUST_OK(text_set(row.code, sizeof row.code, code));
    MUST_OK(store_write(w.site.store, DRILL_NOW, put_assist, &row));
}

static struct cmp_consent consent(const char *assist) {
    struct cmp_consent c = {.given = true, .text_id = "data-confirmed-1", .lang = "en", .at = DRILL_NOW};
    MUST_OK(text_set(c.assist, sizeof c.assist, assist));
    return c;
}

static void ask_with(const struct buf *der, const struct cmp_consent *c, int64_t now, struct cmp_answer *answer) {
    struct reissue_request req = {.kur.signer = buf_span(der), .kur.consent = c, .now_ms = now * 1000};
    MUST_OK(world_reissue(&w.core, &req, answer));
}

static void refused_with(const struct buf *der, const struct cmp_consent *c, int64_t now, const char *code) {
    AUTO(cmp_answer) answer = {0};
    ask_with(der, c, now, &answer);
    assert_false(answer.granted);
    assert_string_equal(answer.code, code);
}

/* R5.6: on 15/03 v4 is open for self-care, not yet for account managers; the code says who helps. */
static void test_channel_of_the_consent(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    AUTO(cmp_answer) answer = {0}, early = {0};
    int64_t may = DRILL_NOW + INT64_C(86400) * 60;
    struct screened v;
    struct cmp_consent c = consent("CODE-AM");
    give_code("CODE-AM", may + 1, 0);
    world_add(&w, &(struct person){.number = 80}, &der);
    ask_with(&der, &c, DRILL_NOW, &early);
    assert_string_equal(early.code, "not-open-yet");
    assert_non_null(strstr(early.text, "01/05/2020")); /* the day of those who are helped (R3.4) */
    c.at = may;
    ask_with(&der, &c, may, &answer);
    assert_true(answer.granted);
    must_be_in_state(&der, STATE_ISSUED, &v);
    assert_int_equal(v.channel, CHANNEL_AM);
    assert_int_equal(world_audit_count(&w, "\"kind\":\"consent\",\"old_serial\":\"5404FFFE00000050\""), 1);
}

/* R5.10: what is held against a consent, each by its code; nothing is used up by who is refused. */
static void test_consent_is_judged(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    AUTO(buf) other = {0};
    AUTO(cmp_answer) answer = {0};
    struct cmp_consent c = consent("");
    world_add(&w, &(struct person){.number = 81}, &der);
    world_add(&w, &(struct person){.number = 82}, &other);
    MUST_OK(text_set(c.text_id, sizeof c.text_id, "no-text-of-ours"));
    refused_with(&der, &c, DRILL_NOW, "consent-unknown");
    c = (struct cmp_consent){.given = true, .number = 99, .lang = "vi"};
    refused_with(&der, &c, DRILL_NOW, "consent-unknown");
    c = consent("");
    refused_with(&der, &c, DRILL_NOW + 8 * 86400, "consent-old");
    refused_with(&der, &c, DRILL_NOW - 3601, "consent-old");
    c = consent("NOBODYS");
    refused_with(&der, &c, DRILL_NOW, "assist-unknown");
    give_code("LATE", DRILL_NOW - 1, 0);
    c = consent("LATE");
    refused_with(&der, &c, DRILL_NOW, "assist-expired");
    give_code("ONCE", DRILL_NOW + 90 * 86400, 1);
    c = consent("ONCE");
    refused_with(&other, &c, DRILL_NOW, "not-open-yet"); /* not for account managers: nothing is used up by it */
    int64_t may = c.at = DRILL_NOW + INT64_C(86400) * 60;
    ask_with(&der, &c, may, &answer);
    assert_true(answer.granted);
    refused_with(&other, &c, may, "assist-used-up");
    w.site.campaign.unattended = UNATTENDED_REFUSE;
    refused_with(&other, NULL, DRILL_NOW, "consent-missing");
    AUTO(cmp_answer) again = {0};
    ask_with(&der, NULL, may, &again); /* what was reserved under a consent is finished without another */
    assert_true(again.granted);
    c = (struct cmp_consent){.given = true, .number = 1, .lang = "vi", .at = INSTANT_NONE};
    AUTO(cmp_answer) stock = {0};
    ask_with(&other, &c, DRILL_NOW, &stock); /* a stock client says the text's number */
    assert_true(stock.granted);
    w.site.campaign.unattended = UNATTENDED_ALLOW;
}

/* The subscriber hears that it cannot be done, and the audit why. */
static void test_audit_tells_why_not_renewable(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    char before[sizeof w.site.campaign.ocsp_url];
    world_add(&w, &(struct person){.number = 83}, &der);
    memcpy(before, w.site.campaign.ocsp_url, sizeof before);
    MUST_OK(text_set(w.site.campaign.ocsp_url, sizeof before, "ftp://ocsp.example"));
    must_refuse(&der, DRILL_NOW, "not-renewable");
    memcpy(w.site.campaign.ocsp_url, before, sizeof before);
    assert_int_equal(world_audit_count(&w, "\"code\":\"not-renewable\",\"why\":\""), 1);
    assert_int_equal(world_audit_count(&w, "no http address"), 1);
}

#define THREADS 16

struct asker {
    const struct buf *der;
    struct cmp_answer answer;
    enum rc rc;
};

static void *ask_thread(void *arg) {
    struct asker *a = arg;
    a->rc = ask(a->der, DRILL_NOW, &a->answer);
    return NULL;
}

static void test_sixteen_at_once(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct asker askers[THREADS] = {0};
    pthread_t thread[THREADS];
    int64_t issued = world_audit_count(&w, "\"issued\"");
    world_add(&w, &(struct person){.number = 90}, &der);
    for (int i = 0; i < THREADS; i++) {
        askers[i].der = &der;
        assert_int_equal(pthread_create(&thread[i], NULL, ask_thread, &askers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(askers[i].rc, RC_OK);
        assert_true(askers[i].answer.granted);
        assert_true(span_eq(buf_span(&askers[0].answer.certificate), buf_span(&askers[i].answer.certificate)));
    }
    assert_int_equal(world_audit_count(&w, "\"issued\""), issued + 1);
    for (int i = 0; i < THREADS; i++)
        cmp_answer_free(&askers[i].answer);
}

/* What cannot be recorded does not happen: neither a refusal nor a certificate. Last, for it breaks the store. */
static void test_unrecorded_fails(void **state) {
    (void)state;
    AUTO(buf) owed = {0}, unknown = {0};
    AUTO(cmp_answer) answer = {0};
    AUTO_PTR(db) db = NULL;
    world_add(&w, &(struct person){.number = 100}, &owed);
    world_mint(&w, &(struct person){.number = 101}, &unknown);
    MUST_OK(db_open(w.site.conf.database, &db));
    MUST_OK(db_script(db, "ALTER TABLE audit RENAME TO audit_lost"));
    assert_int_not_equal(ask(&unknown, DRILL_NOW, &answer), RC_OK);
    assert_int_not_equal(ask(&owed, DRILL_NOW, &answer), RC_OK);
    assert_false(answer.granted);
    MUST_OK(db_script(db, "ALTER TABLE audit_lost RENAME TO audit"));
    must_refuse(&unknown, DRILL_NOW, "unknown-certificate");
    must_grant(&owed, DRILL_NOW, &answer);
}

static void test_audit_is_whole(void **state) {
    (void)state;
    int64_t lines = 0;
    MUST_OK(world_audit_verify(&w, &lines));
    assert_true(lines > 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grants),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_other_certificate),
        cmocka_unit_test(test_other_issuer),
        cmocka_unit_test(test_new_key),
        cmocka_unit_test(test_crash_after_reserve),
        cmocka_unit_test(test_finishes_what_was_begun),
        cmocka_unit_test(test_channel_of_the_consent),
        cmocka_unit_test(test_consent_is_judged),
        cmocka_unit_test(test_audit_tells_why_not_renewable),
        cmocka_unit_test(test_sixteen_at_once),
        cmocka_unit_test(test_unrecorded_fails),
        cmocka_unit_test(test_audit_is_whole),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
