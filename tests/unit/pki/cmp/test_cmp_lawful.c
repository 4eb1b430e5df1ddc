/* Messages that other programs write and the RFCs allow are served, and those that contradict themselves are told so.
 */
#include <string.h>

#include "lib/kur.h"
#include "pki/cert/oid.h"
#include "pki/cmp/cmp_body.h"
#include "unit/pki/cmp/cmp_world.h"

#define BYTES(text) span_of(text, sizeof(text) - 1)

static struct world w; /* one for each test */

static int begin(void **state) {
    world_open(&w, WORLD_EC);
    return *state != NULL;
}

static int end(void **state) {
    world_free(&w);
    return *state != NULL;
}

static struct kur of_owner(void) {
    static uint32_t number;
    return (struct kur){.old_cert = buf_span(&w.owner.cert), .key = w.owner.key, .number = ++number};
}

/* PKIStatus of the answer to a kur: a kup's, or -1 for a refusal, whose code is in `code`. */
static int64_t asked(const struct kur *k, char code[CMP_CODE]) {
    AUTO(buf) message = {0};
    AUTO(buf) answer = {0};
    struct cmp_msg m;
    struct der d, in;
    struct der_item item;
    int64_t status;
    MUST_OK(kur_write(k, &message));
    MUST_OK(world_handle(&w, buf_span(&message), &answer, code));
    world_view(&answer, &m);
    if (m.type != CMP_KUP)
        return -1;
    d = der_open(m.content);
    for (int i = 0; i < 3; i++) { /* CertRepMessage, response, CertResponse */
        MUST_OK(der_enter(&d, DER_SEQUENCE, &in));
        d = in;
    }
    MUST_OK(der_take(&d, DER_INTEGER, &item));
    MUST_OK(der_enter(&d, DER_SEQUENCE, &in));
    MUST_OK(der_small(&in, &status));
    return status;
}

static void must_be(const struct kur *k, int64_t expected) {
    char code[CMP_CODE];
    int64_t status = asked(k, code);
    if (status != expected)
        fail_msg("status %d instead of %d: %s", (int)status, (int)expected, code);
}

/* RFC 4210 5.1.1: any GeneralName; X.690 11.7: a fraction of a second. */
static void headers(void **state) {
    const struct {
        struct span recipient, time;
        bool good;
    } cases[] = {
        {BYTES("\x81\x05\x61\x40\x62\x2e\x63"), {0}, true}, /* rfc822Name */
        {BYTES("\x82\x01\x61"), {0}, true},                 /* dNSName */
        {BYTES("\x86\x03\x78\x3a\x79"), {0}, true},         /* URI */
        {BYTES("\x04\x01\x61"), {0}, false},                /* an OCTET STRING */
        {{0},
         BYTES("\xa0\x11\x18\x0f"
               "20200315020000Z"),
         true},
        {{0},
         BYTES("\xa0\x13\x18\x11"
               "20200315020000.5Z"),
         true},
        {{0},
         BYTES("\xa0\x14\x18\x12"
               "20200315020000.50Z"),
         false}, /* DER has no zero there */
        {{0},
         BYTES("\xa0\x12\x18\x10"
               "20200315020000.Z"),
         false},
        {{0},
         BYTES("\xa0\x11\x18\x0f"
               "20209999999999Z"),
         false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct kur k = of_owner();
        char code[CMP_CODE];
        k.recipient = cases[i].recipient;
        k.time = cases[i].time;
        int64_t status = asked(&k, code);
        if (status != (cases[i].good ? CMP_ACCEPTED : -1))
            fail_msg("case %zu: status %d: %s", i, (int)status, code);
    }
}

/* What is nothing to us is passed over, whatever its value: RFC 4210 5.1.1.2, RFC 4211 section 7. */
static void what_is_not_ours(void **state) {
    const struct span infos[] = {
        BYTES("\x30\x08\x06\x03\x2a\x03\x04\x1a\x01\x61"), /* VisibleString */
        BYTES("\x30\x08\x06\x03\x2a\x03\x04\x14\x01\x61"), /* T61String */
        BYTES("\x30\x08\x06\x03\x2a\x03\x04\x0d\x01\x05"), /* RELATIVE-OID */
    };
    (void)state;
    for (size_t i = 0; i < sizeof infos / sizeof *infos; i++) {
        struct kur k = of_owner();
        k.info = infos[i];
        must_be(&k, CMP_ACCEPTED);
    }
    struct kur k = of_owner();
    k.reg_info = BYTES("\x30\x0c\x30\x0a\x06\x05\x2b\x06\x01\x05\x05\x0c\x01\x61");
    must_be(&k, CMP_ACCEPTED);
    k = of_owner();
    k.reg_info = BYTES("\x30\x02\x30\x00"); /* an attribute without a type */
    must_be(&k, -1);
}

/* RFC 4210 5.2.3: accepted is what was asked for, exactly; what all certificates have is no modification. */
static void the_frame_of_a_certificate(void **state) {
    struct cert made, stranger;
    struct der d, alg;
    (void)state;
    MUST_OK(cert_parse(buf_span(&w.issued), &made));
    MUST_OK(cert_parse(buf_span(&w.stranger.cert), &stranger));
    d = der_open(made.sig_alg);
    MUST_OK(der_enter(&d, DER_SEQUENCE, &alg));
    const struct {
        uint8_t tag;
        struct span value;
        int64_t status;
    } cases[] = {
        {DER_CONTEXT(0), BYTES("\x02"), CMP_ACCEPTED},
        {DER_CONTEXT(0), BYTES("\x01"), CMP_GRANTED_WITH_MODS},
        {DER_CONTEXT(1), BYTES("\x05"), CMP_GRANTED_WITH_MODS},
        {DER_CONTEXT_CONSTRUCTED(2), alg.rest, CMP_ACCEPTED},
        {DER_CONTEXT_CONSTRUCTED(2), BYTES("\x06\x03\x2a\x03\x04"), CMP_GRANTED_WITH_MODS},
        {DER_CONTEXT_CONSTRUCTED(3), made.issuer, CMP_ACCEPTED},
        {DER_CONTEXT_CONSTRUCTED(3), stranger.subject, CMP_GRANTED_WITH_MODS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(derw) f = {0};
        struct kur k = of_owner();
        derw_put(&f, cases[i].tag, cases[i].value);
        MUST_OK(derw_end(&f));
        k.template = buf_span(&f.out);
        must_be(&k, cases[i].status);
    }
}

/* RFC 4210 section 7: of a version that we do not have yet, the error has the highest that we do. */
static void a_version_of_tomorrow(void **state) {
    (void)state;
    for (int version = 1; version <= 5; version += 3) {
        AUTO(buf) message = {0};
        AUTO(buf) answer = {0};
        char code[CMP_CODE];
        struct cmp_msg m;
        struct kur k = of_owner();
        k.version = version;
        MUST_OK(kur_write(&k, &message));
        MUST_OK(world_handle(&w, buf_span(&message), &answer, code));
        assert_string_equal(code, "bad-version");
        world_view(&answer, &m);
        assert_int_equal(m.version, version == 1 ? CMP_PVNO : CMP_PVNO_2021);
    }
}

/* RFC 9483 4.1: a status that says two things is none. */
static void confirmations_that_contradict_themselves(void **state) {
    const struct span status[] = {
        BYTES("\x30\x07\x02\x01\x00\x03\x02\x05\x20"), /* accepted, badRequest */
        BYTES("\x30\x03\x02\x01\x01"),                 /* grantedWithMods */
        BYTES("\x30\x03\x02\x01\x03"),                 /* waiting */
        BYTES("\x30\x03\x02\x01\x00"),                 /* accepted */
    };
    AUTO(buf) message = {0};
    AUTO(buf) kup = {0};
    char code[CMP_CODE];
    struct kur k = of_owner();
    (void)state;
    MUST_OK(kur_write(&k, &message));
    MUST_OK(world_handle(&w, buf_span(&message), &kup, code));
    for (size_t i = 0; i < sizeof status / sizeof *status; i++) {
        AUTO(buf) conf = {0};
        AUTO(buf) answer = {0};
        k.status = status[i];
        MUST_OK(kur_confirm(&k, buf_span(&kup), NULL, &conf));
        MUST_OK(world_handle(&w, buf_span(&conf), &answer, code));
        assert_string_equal(code, i < 3 ? "bad-confirmation" : "");
        assert_int_equal(world_confirmed(&w), i == 3);
    }
}

/* A question; its genp's one InfoTypeAndValue, or a refusal's code. */
static void told(const struct kur *k, struct span question, struct buf *answer, struct span *type, struct span *value,
                 char code[CMP_CODE]) {
    AUTO(buf) message = {0};
    struct cmp_msg m;
    *type = *value = (struct span){0};
    MUST_OK(kur_ask(k, question, &message));
    MUST_OK(world_handle(&w, buf_span(&message), answer, code));
    world_view(answer, &m);
    assert_true(m.transaction.len > 0);
    if (m.type != CMP_GENP)
        return;
    struct der d = der_open(m.content), all;
    MUST_OK(der_enter(&d, DER_SEQUENCE, &all));
    MUST_OK(cmp_info_take(&all, type, value));
}

static void put_root(struct derw *q, struct span certificate) {
    derw_open(q, DER_SEQUENCE);
    derw_put(q, DER_OID, BYTES("\x2b\x06\x01\x05\x05\x07\x04\x14"));
    derw_raw(q, certificate);
    derw_close(q);
    MUST_OK(derw_end(q));
}

/* RFC 4210, RFC 9480 2.15: a genm without questions gets what there is; no update is told of another root. */
static void questions(void **state) {
    AUTO(buf) answer = {0};
    char code[CMP_CODE];
    struct span type, value;
    struct kur k = of_owner();
    const struct span roots[] = {{0}, buf_span(&w.old_ca.cert), buf_span(&w.new_ca.cert), buf_span(&w.stranger.cert)};
    (void)state;
    told(&k, (struct span){0}, &answer, &type, &value, code);
    assert_int_equal(cmp_it(type), IT_CA_CERTS);
    k.no_transaction = true; /* the server may choose it */
    told(&k, (struct span){0}, &answer, &type, &value, code);
    assert_int_equal(cmp_it(type), IT_CA_CERTS);
    for (int i = 0; i < 4; i++) {
        AUTO(derw) q = {0};
        put_root(&q, roots[i]);
        told(&k, buf_span(&q.out), &answer, &type, &value, code);
        assert_int_equal(cmp_it(type), IT_ROOT_CA_UPDATE);
        assert_int_equal(value.len > 0, i < 2);
    }
}

/* The receipt once more, for the key that it is about (doc/protocol.md). */
static void the_receipt_again(void **state) {
    AUTO(buf) answer = {0};
    AUTO(derw) q = {0};
    char code[CMP_CODE];
    struct span type, value;
    struct kur k = of_owner();
    (void)state;
    derw_open(&q, DER_SEQUENCE);
    derw_put(&q, DER_OID, OID_RECEIPT);
    derw_close(&q);
    MUST_OK(derw_end(&q));
    told(&k, buf_span(&q.out), &answer, &type, &value, code);
    assert_string_equal(code, "unsupported"); /* nothing is confirmed */
    MUST_OK(buf_set(&w.receipt, BYTES("\x30\x00")));
    told(&k, buf_span(&q.out), &answer, &type, &value, code);
    assert_true(span_eq(type, OID_RECEIPT) && span_eq(value, buf_span(&w.receipt)));
    k.old_cert = buf_span(&w.stranger.cert); /* another one's certificate, our key */
    told(&k, buf_span(&q.out), &answer, &type, &value, code);
    assert_string_equal(code, "bad-protection");
    k = (struct kur){.old_cert = buf_span(&w.stranger.cert), .key = w.stranger.key};
    told(&k, buf_span(&q.out), &answer, &type, &value, code);
    assert_string_equal(code, "unsupported");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(headers, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_ours, begin, end),
        cmocka_unit_test_setup_teardown(the_frame_of_a_certificate, begin, end),
        cmocka_unit_test_setup_teardown(a_version_of_tomorrow, begin, end),
        cmocka_unit_test_setup_teardown(confirmations_that_contradict_themselves, begin, end),
        cmocka_unit_test_setup_teardown(questions, begin, end),
        cmocka_unit_test_setup_teardown(the_receipt_again, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
