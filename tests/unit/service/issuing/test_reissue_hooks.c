/* The CMP server's hooks: what is saved is found again, also by another process; confirming twice is confirming once.
 */
#include "unit/service/world.h"

#include <string.h>

#include "base/day.h"
#include "pki/cms.h"
#include "service/issuing/reissue.h"
#include "service/issuing/screen.h"

static struct reissue_call call_at(int64_t now) {
    return (struct reissue_call){.core = &w.core, .now_ms = now * 1000, .support_code = "K7QF-2M9XA"};
}

static enum state state_of(const struct buf *der) {
    struct screened v;
    MUST_OK(screen_certificate(&w.site, buf_span(der), DRILL_NOW, &v));
    return v.state;
}

/* It says what was done, is the responder's, and the audit knows it by its hash (R5.7, R5.10). */
static void check_receipt(const struct buf *receipt) {
    struct cms cms;
    char hash[2 * SHA256_LEN + 1];
    static const char *const says[] = {
        "\"old_serial\":\"5404FFFE00000001\"",
        "\"tax_code\":\"0100109106\"",
        "\"contract_end\":\"2021-07-01\"",
        "\"new_not_after\":\"2021-07-01T16:59:59Z\"",
        "\"channel\":\"self\"",
        "\"text_id\":\"data-confirmed-1\",\"lang\":\"en\",\"text\":\"I have checked",
        "\"at\":\"2020-03-15T01:59:30Z\"",
        "\"request\":\"f27258c83a920052a350e2fc535874e0b5e3a3fc77023d0e7cfbc8bbee20245d\"", /* of "the kur" */
        "\"confirmed_at\":\"2020-03-15T02:01:05Z\""};
    MUST_OK(cms_verify(buf_span(receipt), w.pki.new_ca, &cms));
    assert_true(span_eq(cms.signer, buf_span(&w.responder.der)));
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        if (memmem(cms.content.ptr, cms.content.len, says[i], strlen(says[i])) == NULL)
            fail_msg("no %s in %.*s", says[i], (int)cms.content.len, (const char *)cms.content.ptr);
    sha256_hex(sha256_of(buf_span(receipt)), hash);
    assert_int_equal(world_audit_count(&w, hash), 1);
}

/* Given again to the key of either certificate. */
static void check_kept(const struct cmp_hooks *h, const struct cmp_keep *keep, struct span old, struct span made) {
    AUTO(cmp_keep) by_old = {0}, by_new = {0};
    MUST_OK(h->keep(h->arg, old, &by_old));
    MUST_OK(h->keep(h->arg, made, &by_new));
    assert_true(span_eq(buf_span(&by_old.receipt), buf_span(&keep->receipt)));
    assert_true(span_eq(buf_span(&by_new.secret), buf_span(&keep->secret)));
}

static enum rc kup(void *arg, struct span certificate, struct buf *response) {
    (void)arg;
    TRY(buf_set(response, span_str("the kup of ")));
    return buf_add_span(response, certificate);
}

static void test_kur_to_certconf(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    AUTO(cmp_answer) answer = {0};
    AUTO(cmp_answer) repeated = {0};
    AUTO(cmp_saved) saved = {0};
    AUTO(cmp_keep) keep = {0};
    AUTO(buf) message = {0};
    AUTO(reissue_call) call = call_at(DRILL_NOW), later = call_at(DRILL_NOW + 60);
    struct cmp_hooks h = reissue_hooks(&call);
    struct span id = span_of("0123456789abcdef", 16), other = span_of("0123456789abcdeF", 16);
    world_add(&w, &(struct person){.number = 1}, &der);
    const struct cmp_consent agreed = {
        .given = true, .text_id = "data-confirmed-1", .lang = "en", .at = DRILL_NOW - 30, .client_version = "0.1.0"};
    struct cmp_kur kur = {.transaction = id,
                          .request = span_str("the kur"),
                          .core = pki_world_kur(&w.pki, buf_span(&der), NULL, &message),
                          .signer = buf_span(&der),
                          .consent = &agreed,
                          .compose = kup};
    kur.old_issuer = ca_cert(w.pki.new_ca)->subject; /* the issuer goes on to the core */
    MUST_OK(h.reissue(h.arg, &kur, &answer));
    assert_string_equal(answer.code, "other-certificate");
    kur.old_issuer = ca_cert(w.pki.old_ca)->subject;
    MUST_OK(h.reissue(h.arg, &kur, &answer));
    assert_true(answer.granted);
    assert_string_equal(call.old_serial, "5404FFFE00000001");
    struct span made = buf_span(&answer.certificate);
    assert_int_equal(answer.response.len, strlen("the kup of ") + made.len);
    kur.request = span_str("another kur");
    MUST_FAIL(RC_EXISTS, h.reissue(h.arg, &kur, &repeated));
    kur.request = span_str("the kur");
    MUST_OK(h.reissue(h.arg, &kur, &repeated)); /* the very same answer */
    assert_true(repeated.granted && span_eq(buf_span(&repeated.response), buf_span(&answer.response)));
    h = reissue_hooks(&later); /* a restart between kur and certConf */
    MUST_OK(h.load(h.arg, id, &saved));
    assert_true(span_eq_str(buf_span(&saved.request), "the kur"));
    assert_true(span_eq(buf_span(&saved.response), buf_span(&answer.response)));
    assert_true(span_eq(buf_span(&saved.certificate), made));
    assert_string_equal(later.old_serial, "5404FFFE00000001");
    MUST_FAIL(RC_NOT_FOUND, h.load(h.arg, other, &saved));
    MUST_OK(h.confirm(h.arg, id, made, false, "CKR_DEVICE_MEMORY", &keep));
    assert_int_equal(state_of(&der), STATE_ISSUED);
    assert_int_equal(world_audit_count(&w, "\"not-installed\""), 1);
    assert_int_equal(keep.receipt.len, 0);
    for (int i = 0; i < 2; i++) { /* the very same receipt again, whenever it is asked for */
        AUTO(cmp_keep) again = {0};
        later.now_ms += 5000;
        MUST_OK(h.confirm(h.arg, id, made, true, NULL, i == 0 ? &keep : &again));
        assert_true(i == 0 || (span_eq(buf_span(&keep.receipt), buf_span(&again.receipt)) &&
                               span_eq(buf_span(&keep.secret), buf_span(&again.secret))));
    }
    check_receipt(&keep.receipt);
    assert_int_equal(keep.secret.len, ISSUE_SECRET_LEN);
    check_kept(&h, &keep, buf_span(&der), made);
    assert_int_equal(state_of(&der), STATE_CONFIRMED);
    assert_int_equal(world_audit_count(&w, "\"confirmed\""), 1);
}

/* Reserved, its request kept, and then nothing was signed: the very same kur goes on with that reservation, and one
   with another message under its transaction does not get in between. */
static void test_the_same_kur_goes_on(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    AUTO(buf) message = {0};
    AUTO(cmp_answer) cut = {0}, whole = {0}, other = {0};
    AUTO(cmp_saved) saved = {0};
    struct reissue dying = {&w.site, w.refusing, &w.responder};
    AUTO(reissue_call) before = call_at(DRILL_NOW), after = call_at(DRILL_NOW + 60);
    struct cmp_hooks h;
    before.core = &dying;
    world_add(&w, &(struct person){.number = 9}, &der);
    struct cmp_kur kur = {.transaction = span_of("9999999999999999", 16),
                          .request = span_str("the kur"),
                          .core = pki_world_kur(&w.pki, buf_span(&der), NULL, &message),
                          .signer = buf_span(&der),
                          .compose = kup};
    h = reissue_hooks(&before);
    MUST_OK(h.reissue(h.arg, &kur, &cut));
    assert_string_equal(cut.code, "not-signed");
    assert_int_equal(world_audit_count(&w, "\"code\":\"not-signed\",\"why\":\"not signed: "), 1);
    MUST_OK(h.load(h.arg, kur.transaction, &saved)); /* the proof that it was asked for is there */
    assert_true(span_eq_str(buf_span(&saved.request), "the kur") && saved.response.len == 0);
    h = reissue_hooks(&after);
    kur.request = span_str("another kur");
    MUST_FAIL(RC_EXISTS, h.reissue(h.arg, &kur, &other));
    kur.request = span_str("the kur");
    MUST_OK(h.reissue(h.arg, &kur, &whole));
    assert_true(whole.granted && whole.response.len > whole.certificate.len);
    assert_int_equal(world_audit_count(&w, "\"reserved\",\"old_serial\":\"5404FFFE00000009\""), 1);
}

static enum rc stored_row(struct db *db, void *arg) {
    return issue_by_serial(db, "5404FFFE0000000A", arg);
}

static void check_same_row(const struct issued_row *a, const struct issued_row *b) {
    assert_int_equal(a->old_id, b->old_id);
    assert_string_equal(a->old_serial, b->old_serial);
    assert_string_equal(a->new_serial, b->new_serial);
    assert_string_equal(a->tax_code, b->tax_code);
    assert_int_equal(a->not_after, b->not_after);
    assert_int_equal(a->owed_days - a->cut_days, b->owed_days - b->cut_days);
    assert_int_equal(a->contract_end, b->contract_end);
    assert_int_equal(a->channel, b->channel);
    assert_int_equal(a->issued_at, b->issued_at);
    assert_int_equal(a->consent_at, b->consent_at);
    assert_string_equal(a->consent_text, b->consent_text);
    assert_string_equal(a->consent_lang, b->consent_lang);
    assert_string_equal(a->holder, b->holder);
    assert_string_equal(a->request_hash, b->request_hash);
    assert_int_equal(a->tbs.len, b->tbs.len);
    assert_true(span_eq(buf_span(&a->der), buf_span(&b->der)));
}

static void check_same_saved(const struct cmp_saved *a, const struct cmp_saved *b) {
    assert_true(span_eq(buf_span(&a->request), buf_span(&b->request)));
    assert_true(span_eq(buf_span(&a->response), buf_span(&b->response)));
    assert_true(span_eq(buf_span(&a->certificate), buf_span(&b->certificate)));
}

/* What is remembered of a grant is what the store has of it, once; it is no word on what was confirmed since. */
static void test_what_is_remembered(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    AUTO(buf) message = {0};
    AUTO_PTR(recent) recent = NULL;
    AUTO(cmp_answer) answer = {0};
    AUTO(cmp_saved) remembered = {0}, stored = {0};
    AUTO(cmp_keep) first = {0}, second = {0};
    AUTO(issued_row) row = {0};
    AUTO(granted) none = {0};
    MUST_OK(recent_new(&recent));
    struct reissue core = {&w.site, w.signer, &w.responder, recent};
    AUTO(reissue_call) asks = call_at(DRILL_NOW), confirms = call_at(DRILL_NOW + 5), late = call_at(DRILL_NOW + 9);
    asks.core = confirms.core = late.core = &core;
    world_add(&w, &(struct person){.number = 10}, &der);
    const struct cmp_consent agreed = {
        .given = true, .text_id = "data-confirmed-1", .lang = "vi", .at = DRILL_NOW - 30};
    struct cmp_kur kur = {.transaction = span_of("aaaaaaaaaaaaaaaa", 16),
                          .request = span_str("the kur"),
                          .core = pki_world_kur(&w.pki, buf_span(&der), NULL, &message),
                          .signer = buf_span(&der),
                          .consent = &agreed,
                          .compose = kup};
    struct cmp_hooks h = reissue_hooks(&asks);
    MUST_OK(h.reissue(h.arg, &kur, &answer));
    assert_true(answer.granted);
    h = reissue_hooks(&confirms);
    MUST_OK(h.load(h.arg, kur.transaction, &remembered));
    assert_false(recent_take(recent, kur.transaction, &none)); /* it was there, and is given away */
    MUST_OK(store_read(w.site.store, stored_row, &row));
    check_same_row(&confirms.loaded, &row);
    assert_string_equal(confirms.old_serial, "5404FFFE0000000A");
    h = reissue_hooks(&late);
    MUST_OK(h.load(h.arg, kur.transaction, &stored));
    check_same_saved(&remembered, &stored);
    MUST_OK(h.confirm(h.arg, kur.transaction, buf_span(&stored.certificate), true, NULL, &first));
    h = reissue_hooks(&confirms); /* its row says that nothing was confirmed */
    MUST_OK(h.confirm(h.arg, kur.transaction, buf_span(&remembered.certificate), true, NULL, &second));
    assert_true(first.receipt.len > 0 && span_eq(buf_span(&first.receipt), buf_span(&second.receipt)));
    assert_true(span_eq(buf_span(&first.secret), buf_span(&second.secret)));
}

static void put_number(struct recent *r, uint32_t n) {
    struct granted g = {.issued.old_id = n};
    MUST_OK(buf_set(&g.request, span_str("some kur")));
    recent_put(r, span_of(&n, sizeof n), &g);
    assert_null(g.request.data);
}

/* Whoever asks much cannot have more kept than this; the last one is there. */
static void test_so_much_is_remembered(void **state) {
    (void)state;
    static const uint8_t too_long[65];
    AUTO_PTR(recent) recent = NULL;
    AUTO(granted) last = {0}, longest = {0}, none = {0};
    int kept = 1;
    MUST_OK(recent_new(&recent));
    for (uint32_t n = 0; n < 3 * RECENT_MOST; n++)
        put_number(recent, n);
    put_number(recent, 3 * RECENT_MOST - 1); /* again, in its own place */
    uint32_t n = 3 * RECENT_MOST - 1;
    assert_true(recent_take(recent, span_of(&n, sizeof n), &last));
    assert_int_equal(last.issued.old_id, n);
    while (n-- > 0) {
        AUTO(granted) g = {0};
        kept += recent_take(recent, span_of(&n, sizeof n), &g);
    }
    assert_in_range(kept, RECENT_MOST / 2, RECENT_MOST);
    recent_put(recent, span_of(too_long, sizeof too_long), &longest);
    assert_false(recent_take(recent, span_of(too_long, sizeof too_long), &none));
}

static void test_confirm_of_what_is_not_ours(void **state) {
    (void)state;
    AUTO(buf) foreign = {0};
    AUTO(cmp_keep) keep = {0};
    AUTO(reissue_call) call = call_at(DRILL_NOW);
    struct cmp_hooks h = reissue_hooks(&call);
    struct span id = span_of("fedcba9876543210", 16);
    world_mint(&w, &(struct person){.number = 2, .by_new_ca = true}, &foreign);
    MUST_FAIL(RC_NOT_FOUND, h.confirm(h.arg, id, buf_span(&foreign), true, NULL, &keep));
}

static void test_refused_is_audited(void **state) {
    (void)state;
    static const uint8_t serial[] = {0x00, 0xc0, 0xff, 0xee};
    static const uint8_t longest[22] = {0x00, 0xf0, 0x01, 0x02, 0x03, [21] = 0x14}; /* 21 bytes and the sign's */
    static uint8_t too_long[23] = {0x00, 0xf1};
    static char longer[1000];
    AUTO(reissue_call) call = call_at(DRILL_NOW);
    struct cmp_hooks h = reissue_hooks(&call);
    memset(longer, 'x', sizeof longer - 1);
    MUST_OK(h.refused(h.arg, span_of("0123456789abcdef", 16), span_of(serial, sizeof serial), "bad-pop", longer));
    assert_int_equal(world_audit_count(&w, "\"old_serial\":\"C0FFEE\""), 1);
    assert_int_equal(world_audit_count(&w, "\"code\":\"bad-pop\""), 1);
    call = call_at(DRILL_NOW);
    MUST_OK(h.refused(h.arg, (struct span){0}, (struct span){0}, "bad-message", "no transaction at all"));
    assert_int_equal(world_audit_count(&w, "\"code\":\"bad-message\""), 0); /* nothing proves who said it */
    MUST_OK(h.refused(h.arg, (struct span){0}, span_of(longest, sizeof longest), "bad-protection", "high bit"));
    assert_int_equal(world_audit_count(&w, "\"old_serial\":\"F00102030000000000000000000000000000000014\""), 1);
    call = call_at(DRILL_NOW);
    MUST_OK(h.refused(h.arg, (struct span){0}, span_of(too_long, sizeof too_long), "bad-message", "no serial"));
    assert_string_equal(call.old_serial, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kur_to_certconf),
        cmocka_unit_test(test_the_same_kur_goes_on),
        cmocka_unit_test(test_what_is_remembered),
        cmocka_unit_test(test_so_much_is_remembered),
        cmocka_unit_test(test_confirm_of_what_is_not_ours),
        cmocka_unit_test(test_refused_is_audited),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
