/* The strict view of a CMP message: what it reads, and each limit exceeded. */
#include "unit/pki/cmp/cmp_world.h"

#include <string.h>

#include "pki/cmp/cmp_body.h"

/* What the message under test is made of; zero is the plain case. */
struct shape {
    int version, type, certs;
    size_t transaction; /* bytes */
    bool no_protection, tail;
    struct span alg;  /* protectionAlg; empty: RSA with SHA-256 */
    struct span info; /* generalInfo, what stands inside [8] */
};

static void octets(struct derw *w, int n, size_t len) {
    uint8_t bytes[CMP_ID_MAX + 1];
    memset(bytes, 0xab, sizeof bytes);
    derw_open(w, DER_CONTEXT_CONSTRUCTED(n));
    derw_put(w, DER_OCTET_STRING, span_of(bytes, len));
    derw_close(w);
}

static void name(struct derw *w) {
    derw_open(w, CMP_DIRECTORY_NAME);
    derw_open(w, DER_SEQUENCE);
    derw_close(w);
    derw_close(w);
}

static const uint8_t sha256_rsa[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                     0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00};

static void header(struct derw *w, const struct shape *s) {
    derw_open(w, DER_SEQUENCE);
    derw_small(w, s->version);
    name(w);
    name(w);
    derw_open(w, DER_CONTEXT_CONSTRUCTED(1));
    derw_raw(w, s->alg.len > 0 ? s->alg : span_of(sha256_rsa, sizeof sha256_rsa));
    derw_close(w);
    octets(w, 2, 20);
    octets(w, 4, s->transaction);
    octets(w, 5, 16);
    octets(w, 6, 8);
    if (s->info.len > 0)
        derw_put(w, DER_CONTEXT_CONSTRUCTED(8), s->info);
    derw_close(w);
}

/* `body` is what stands inside the body's tag. */
static void message(struct derw *w, const struct shape *s, struct span body) {
    derw_open(w, DER_SEQUENCE);
    header(w, s);
    derw_open(w, (uint8_t)DER_CONTEXT_CONSTRUCTED(s->type));
    derw_raw(w, body);
    derw_close(w);
    if (!s->no_protection) {
        derw_open(w, DER_CONTEXT_CONSTRUCTED(0));
        derw_bits(w, span_of("sig", 3), 0);
        derw_close(w);
    }
    if (s->certs > 0) {
        derw_open(w, DER_CONTEXT_CONSTRUCTED(1));
        derw_open(w, DER_SEQUENCE);
        for (int i = 0; i < s->certs; i++) {
            derw_open(w, DER_SEQUENCE);
            derw_small(w, i);
            derw_close(w);
        }
        derw_close(w);
        derw_close(w);
    }
    derw_close(w);
    if (s->tail)
        derw_small(w, 0);
    MUST_OK(derw_end(w));
}

static enum rc parse(const struct shape *s, struct cmp_msg *m) {
    AUTO(derw) w = {0};
    message(&w, s, (struct span){0});
    return cmp_msg_parse(buf_span(&w.out), m);
}

static void reads_a_header(void **state) {
    struct cmp_msg m;
    AUTO(derw) w = {0};
    const struct shape s = {2, CMP_CERTCONF, 2, 16, false, false, {0}};
    (void)state;
    message(&w, &s, span_str("body"));
    MUST_OK(cmp_msg_parse(buf_span(&w.out), &m));
    assert_int_equal(m.version, 2);
    assert_int_equal(m.type, CMP_CERTCONF);
    assert_int_equal(m.transaction.len, 16);
    assert_int_equal(m.sender_nonce.len, 16);
    assert_int_equal(m.recip_nonce.len, 8);
    assert_true(m.protection == CMP_SIGNED);
    assert_true(span_eq(m.content, span_str("body")));
    assert_int_equal(m.signer.len, 5);
    assert_int_equal(m.signer.ptr[4], 0); /* the first of the two */
}

static void limits(void **state) {
    struct cmp_msg m;
    (void)state;
    MUST_OK(parse(&(struct shape){2, CMP_KUR, 1, CMP_ID_MAX, false, false, {0}}, &m));
    assert_null(m.odd);
    MUST_OK(parse(&(struct shape){2, CMP_KUR, 1, CMP_ID_MAX + 1, false, false, {0}}, &m));
    assert_true(m.odd != NULL && m.transaction.len == 0); /* so that the answer can say so */
    MUST_OK(parse(&(struct shape){2, CMP_KUR, 1, 0, false, false, {0}}, &m));
    assert_true(m.odd != NULL && m.transaction.len == 0);
    MUST_OK(parse(&(struct shape){2, CMP_KUR, CMP_EXTRA_CERTS, 16, false, false, {0}}, &m));
    assert_null(m.odd);
    MUST_OK(parse(&(struct shape){2, CMP_KUR, CMP_EXTRA_CERTS + 1, 16, false, false, {0}}, &m));
    assert_non_null(m.odd);
    MUST_FAIL(RC_INPUT, parse(&(struct shape){2, 27, 1, 16, false, false, {0}}, &m));
    MUST_FAIL(RC_INPUT, parse(&(struct shape){2, CMP_KUR, 1, 16, false, true, {0}}, &m));
    MUST_OK(parse(&(struct shape){2, CMP_KUR, 0, 16, true, false, {0}}, &m));
    assert_false(m.protection == CMP_SIGNED);
    assert_int_equal(m.signer.len, 0);
}

#define ALG(bytes)                                                                                                     \
    { (const uint8_t *)(bytes), sizeof(bytes) - 1 }
#define RSA_ALG "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01"

/* The six, and what is near them: weaker hashes, PSS, MACs, wrong parameters. */
static void six_algorithms(void **state) {
    static const struct {
        struct span alg;
        bool good;
    } rows[] = {
        {ALG("\x30\x0d" RSA_ALG "\x0b\x05\x00"), true},                               /* RSA with SHA-256 */
        {ALG("\x30\x0d" RSA_ALG "\x0c\x05\x00"), true},                               /* SHA-384 */
        {ALG("\x30\x0d" RSA_ALG "\x0d\x05\x00"), true},                               /* SHA-512 */
        {ALG("\x30\x0b" RSA_ALG "\x0b"), true},                                       /* NULL left out: RFC 4055 5 */
        {ALG("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"), true},              /* ECDSA with SHA-256 */
        {ALG("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"), true},              /* SHA-384 */
        {ALG("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04"), true},              /* SHA-512 */
        {ALG("\x30\x0d" RSA_ALG "\x04\x05\x00"), false},                              /* MD5 */
        {ALG("\x30\x0d" RSA_ALG "\x05\x05\x00"), false},                              /* SHA-1 */
        {ALG("\x30\x0d" RSA_ALG "\x0e\x05\x00"), false},                              /* SHA-224 */
        {ALG("\x30\x0d" RSA_ALG "\x0a\x30\x00"), false},                              /* PSS, whatever its hash */
        {ALG("\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04\x01"), false},                 /* ECDSA with SHA-1 */
        {ALG("\x30\x0c\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x05\x00"), false},     /* ECDSA has no parameters */
        {ALG("\x30\x0d" RSA_ALG "\x0b\x30\x00"), false},                              /* nor RSA those */
        {ALG("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf6\x7d\x07\x42\x0d\x30\x00"), false}, /* PasswordBasedMac */
        {ALG("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0e\x30\x00"), false}, /* PBMAC1 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cmp_msg m;
        MUST_OK(parse(&(struct shape){.version = 2, .type = CMP_KUR, .transaction = 16, .alg = rows[i].alg}, &m));
        if ((m.protection == CMP_SIGNED) != rows[i].good)
            fail_msg("row %zu is %s", i, m.protection == CMP_SIGNED ? "taken" : "refused");
    }
}

static const uint8_t old_cert_id[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x05, 0x01, 0x05};

/* How a kur's content may be wrong. */
struct asked {
    int id, requests, keys, old_ids;
};

static void control(struct derw *w) {
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, span_of(old_cert_id, sizeof old_cert_id));
    derw_open(w, DER_SEQUENCE);
    name(w);
    derw_small(w, 0x5ace);
    derw_close(w);
    derw_close(w);
}

static enum rc ask(const struct asked *a, struct cmp_request *r, struct derw *w) {
    derw_open(w, DER_SEQUENCE);
    for (int i = 0; i < a->requests; i++) {
        derw_open(w, DER_SEQUENCE); /* CertReqMsg */
        derw_open(w, DER_SEQUENCE); /* CertRequest */
        derw_small(w, a->id);
        derw_open(w, DER_SEQUENCE); /* CertTemplate */
        for (int k = 0; k < a->keys; k++)
            derw_put(w, DER_CONTEXT_CONSTRUCTED(6), span_str("key"));
        derw_close(w);
        if (a->old_ids > 0)
            derw_open(w, DER_SEQUENCE); /* Controls */
        for (int k = 0; k < a->old_ids; k++)
            control(w);
        if (a->old_ids > 0)
            derw_close(w);
        derw_close(w);
        derw_close(w);
    }
    derw_close(w);
    MUST_OK(derw_end(w));
    struct cmp_msg m = {.type = CMP_KUR, .content = buf_span(&w->out)};
    return cmp_request_parse(m.content, r);
}

static void reads_a_request(void **state) {
    AUTO(derw) w = {0};
    struct cmp_request r;
    (void)state;
    MUST_OK(ask(&(struct asked){0, 1, 1, 1}, &r, &w));
    assert_true(span_eq_str(r.spki, "key"));
    assert_true(span_eq(r.old_serial, span_of("\x5a\xce", 2)));
    assert_true(span_eq(r.old_issuer, span_of("\x30\x00", 2)));
    AUTO(derw) bare = {0};
    MUST_OK(ask(&(struct asked){0, 1, 0, 0}, &r, &bare));
    assert_int_equal(r.spki.len + r.old_serial.len + r.old_issuer.len, 0);
}

static void refuses_odd_requests(void **state) {
    static const struct asked odd[] = {{1, 1, 1, 1}, {0, 0, 1, 1}, {0, 2, 1, 1}, {0, 1, 2, 1}, {0, 1, 1, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        AUTO(derw) w = {0};
        struct cmp_request r;
        MUST_FAIL(RC_INPUT, ask(&odd[i], &r, &w));
    }
}

/* RFC 4210 5.3.18: no CertStatus at all rejects; one without statusInfo accepts. */
static void reads_confirmations(void **state) {
    static const struct {
        const char *what;
        const char *der;
        size_t len;
        enum rc rc;
        bool accepted;
        const char *text;
    } rows[] = {
        {"empty", "\x30\x00", 2, RC_OK, false, ""},
        {"no statusInfo", "\x30\x08\x30\x06\x04\x01\xaa\x02\x01\x00", 10, RC_OK, true, ""},
        {"accepted", "\x30\x0d\x30\x0b\x04\x01\xaa\x02\x01\x00\x30\x03\x02\x01\x00", 15, RC_OK, true, ""},
        {"rejected", "\x30\x13\x30\x11\x04\x01\xaa\x02\x01\x00\x30\x09\x02\x01\x02\x30\x04\x0c\x02no", 21, RC_OK, false,
         "no"},
        {"two", "\x30\x10\x30\x06\x04\x01\xaa\x02\x01\x00\x30\x06\x04\x01\xaa\x02\x01\x00", 18, RC_INPUT, false, ""},
        {"not UTF-8", "\x30\x12\x30\x10\x04\x01\xaa\x02\x01\x00\x30\x08\x02\x01\x02\x30\x03\x0c\x01\xff", 20, RC_INPUT,
         false, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cmp_msg m = {.type = CMP_CERTCONF, .content = span_of(rows[i].der, rows[i].len)};
        struct cmp_status s;
        enum rc rc = cmp_status_parse(&m, &s);
        if (rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].what, err_text());
        if (rc == RC_OK && (s.accepted != rows[i].accepted || !span_eq_str(s.text, rows[i].text)))
            fail_msg("%s: read as %s", rows[i].what, s.accepted ? "accepted" : "rejected");
    }
}

/* RFC 4210 5.1.1: what is looked for by its type, and everything else there told apart from it. */
static void reads_general_info(void **state) {
    (void)state;
    static const char two[] = "\x30\x12\x30\x04\x06\x02\x2a\x03\x30\x0a\x06\x02\x2a\x04\x30\x04\x02\x02\x01\x00";
    static const char *const bad[] = {"\x30\x03\x30\x01\x06", "\x31\x00", "\x30\x00\x05", "\x30\x02\x05"};
    AUTO(derw) w = {0};
    struct cmp_msg m;
    struct span value = {0}, wanted = span_of("\x2a\x04", 2);
    struct shape s = {.version = 2, .type = CMP_PKICONF, .transaction = 16, .info = span_of(two, sizeof two - 1)};
    message(&w, &s, span_of("\x05\x00", 2));
    MUST_OK(derw_end(&w));
    MUST_OK(cmp_msg_parse(buf_span(&w.out), &m));
    MUST_OK(cmp_msg_info(&m, wanted, &value));
    assert_true(span_eq(value, span_of("\x30\x04\x02\x02\x01\x00", 6)));
    MUST_FAIL(RC_INPUT, cmp_msg_info(&m, span_of("\x2a\x03", 2), &value)); /* there, but without a value */
    MUST_FAIL(RC_NOT_FOUND, cmp_msg_info(&m, span_of("\x2a\x05", 2), &value));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        AUTO(derw) odd = {0};
        s.info = span_of(bad[i], i == 0 ? 5 : i == 2 ? 3 : 2);
        message(&odd, &s, span_of("\x05\x00", 2));
        MUST_OK(derw_end(&odd));
        MUST_OK(cmp_msg_parse(buf_span(&odd.out), &m));
        MUST_FAIL(RC_INPUT, cmp_msg_info(&m, wanted, &value));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_header),      cmocka_unit_test(limits),
        cmocka_unit_test(reads_a_request),     cmocka_unit_test(refuses_odd_requests),
        cmocka_unit_test(reads_confirmations), cmocka_unit_test(six_algorithms),
        cmocka_unit_test(reads_general_info),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
