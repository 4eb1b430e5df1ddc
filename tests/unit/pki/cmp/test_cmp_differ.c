/* Our CMP against OpenSSL's: whatever is changed in a kur or certConf, and signed again, we never accept what OpenSSL's
   server refuses. CMP_MUTATIONS says how many messages are tried. */
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "base/fs.h"
#include "lib/der_mutate.h"
#include "lib/kur.h"
#include "pki/cert/oid.h"
#include "pki/cmp/cmp_body.h"
#include "pki/cmp/cmp_consent.h"
#include "pki/cmp/cmp_ossl.h"
#include "unit/pki/cmp/cmp_world.h"

#define MUTATIONS 100000

static struct world w;
static struct cmp_saved kept; /* the transaction that a certConf is about */
static bool granted, confirmed;
static char reason[640]; /* why OpenSSL said no last */
static X509 *issued, *owner;

static enum rc on_reissue(void *arg, const struct cmp_kur *kur, struct cmp_answer *a) {
    (void)arg;
    granted = a->granted = true;
    TRY(buf_set(&a->certificate, buf_span(&w.issued)));
    return kur->compose(kur->compose_arg, buf_span(&w.issued), &a->response);
}

static enum rc on_load(void *arg, struct span transaction, struct cmp_saved *out) {
    struct cmp_msg m;
    (void)arg;
    MUST_OK(cmp_msg_parse(buf_span(&kept.request), &m));
    if (!span_eq(transaction, m.transaction))
        FAIL(RC_NOT_FOUND, "another transaction");
    TRY(buf_set(&out->request, buf_span(&kept.request)));
    TRY(buf_set(&out->response, buf_span(&kept.response)));
    return buf_set(&out->certificate, buf_span(&w.issued));
}

static enum rc on_confirm(void *arg, struct span transaction, struct span certificate, bool accepted, const char *text,
                          struct cmp_keep *keep) {
    (void)arg, (void)transaction, (void)certificate, (void)accepted, (void)text, (void)keep;
    confirmed = true;
    return RC_OK;
}

static enum rc on_refused(void *arg, struct span transaction, struct span serial, const char *code, const char *text) {
    (void)arg, (void)transaction, (void)serial, (void)code, (void)text;
    return RC_OK;
}

/* Ours: is it granted, or taken as the word on a certificate? */
static bool we_accept(const struct buf *message, struct buf *answer) {
    const struct cmp_hooks hooks = {on_reissue, on_load, on_confirm, NULL, on_refused, NULL};
    granted = confirmed = false;
    buf_clear(answer);
    enum rc rc = cmp_srv_handle(w.srv, buf_span(message), WORLD_NOW, &hooks, answer, NULL);
    assert_true(rc == RC_OK || rc == RC_INPUT || rc == RC_LIMIT);
    return rc == RC_OK && (granted || confirmed);
}

static OSSL_CMP_PKISI *oracle_request(OSSL_CMP_SRV_CTX *ctx, const OSSL_CMP_MSG *msg, int id, const OSSL_CRMF_MSG *crm,
                                      const X509_REQ *p10, X509 **cert, STACK_OF(X509) * *chain,
                                      STACK_OF(X509) * *ca_pubs) {
    (void)ctx, (void)msg, (void)id, (void)crm, (void)p10, (void)chain, (void)ca_pubs;
    if (X509_up_ref(issued))
        *cert = issued;
    return OSSL_CMP_STATUSINFO_new(OSSL_CMP_PKISTATUS_accepted, 0, NULL);
}

static void oracle_error(OSSL_CMP_SRV_CTX *ctx, const OSSL_CMP_MSG *msg, const OSSL_CMP_PKISI *status,
                         const ASN1_INTEGER *code, const OSSL_CMP_PKIFREETEXT *details) {
    (void)ctx, (void)msg, (void)status, (void)code, (void)details;
}

static int oracle_conf(OSSL_CMP_SRV_CTX *ctx, const OSSL_CMP_MSG *msg, int id, const ASN1_OCTET_STRING *hash,
                       const OSSL_CMP_PKISI *status) {
    OSSL_AUTO(ASN1_OCTET_STRING) right = X509_digest_sig(issued, NULL, NULL);
    (void)ctx, (void)msg, (void)id, (void)status;
    return right != NULL && ASN1_OCTET_STRING_cmp(right, hash) == 0;
}

static OSSL_CMP_SRV_CTX *oracle_open(void) {
    OSSL_CMP_SRV_CTX *srv = OSSL_CMP_SRV_CTX_new(NULL, NULL);
    OSSL_AUTO(X509) cert = NULL;
    assert_non_null(srv);
    OSSL_CMP_CTX *ctx = OSSL_CMP_SRV_CTX_get0_cmp_ctx(srv);
    MUST_OK(x509_from_der(buf_span(&w.cmp.cert), &cert));
    assert_true(OSSL_CMP_SRV_CTX_init(srv, NULL, oracle_request, NULL, NULL, oracle_error, oracle_conf, NULL) &&
                OSSL_CMP_CTX_set_log_cb(ctx, cmp_log_nothing) && OSSL_CMP_CTX_set1_cert(ctx, cert) &&
                OSSL_CMP_CTX_set1_pkey(ctx, key_evp(w.cmp.key)) && OSSL_CMP_CTX_set1_srvCert(ctx, owner));
    return srv;
}

/* The errorDetails of OpenSSL's error. */
static void details_of(const struct buf *answer) {
    struct cmp_msg m;
    struct der body, texts;
    struct der_item item;
    MUST_OK(cmp_msg_parse(buf_span(answer), &m));
    struct der d = der_open(m.content);
    MUST_OK(der_enter(&d, DER_SEQUENCE, &body));
    while (!der_empty(&body))
        MUST_OK(der_any(&body, &item));
    texts = der_open(item.value);
    if (der_take(&texts, DER_UTF8_STRING, &item) == RC_OK)
        (void)snprintf(reason, sizeof reason, "%.*s", (int)item.value.len, (const char *)item.value.ptr);
}

/* The message without its extraCerts, which nobody signs. -1: OpenSSL gives no answer, or does not read it as DER. */
static int oracle_process(OSSL_CMP_SRV_CTX *srv, const struct buf *message) {
    struct cmp_msg m;
    AUTO(derw) core = {0};
    OSSL_AUTO(OSSL_CMP_MSG) in = NULL;
    MUST_OK(cmp_msg_parse(buf_span(message), &m));
    derw_open(&core, DER_SEQUENCE);
    derw_raw(&core, m.core);
    derw_close(&core);
    MUST_OK(derw_end(&core));
    if (cmp_decode(buf_span(&core.out), &in) != RC_OK)
        return -1;
    OSSL_AUTO(OSSL_CMP_MSG) answer = OSSL_CMP_SRV_process_request(srv, in);
    AUTO(buf) der = {0};
    if (answer == NULL || cmp_encode(answer, &der) != RC_OK)
        return -1;
    int type = OSSL_CMP_MSG_get_bodytype(answer);
    if (type == CMP_ERROR)
        details_of(&der);
    if (type == CMP_KUP && memmem(der.data, der.len, w.issued.data, w.issued.len) == NULL)
        return -1; /* rejected */
    return type;
}

/* Back to the transaction that was kept: OpenSSL knows it only by having served the request itself. */
static void oracle_recall(OSSL_CMP_SRV_CTX *srv) {
    struct cmp_msg kup;
    OSSL_AUTO(ASN1_OCTET_STRING) nonce = ASN1_OCTET_STRING_new();
    assert_int_equal(oracle_process(srv, &kept.request), CMP_KUP);
    MUST_OK(cmp_msg_parse(buf_span(&kept.response), &kup));
    assert_true(ASN1_OCTET_STRING_set(nonce, kup.sender_nonce.ptr, (int)kup.sender_nonce.len) &&
                OSSL_CMP_CTX_set1_senderNonce(OSSL_CMP_SRV_CTX_get0_cmp_ctx(srv), nonce));
}

static bool openssl_accepts(const struct buf *message, int type) {
    OSSL_AUTO(OSSL_CMP_SRV_CTX) srv = oracle_open();
    if (type != CMP_KUR)
        oracle_recall(srv);
    reason[0] = 0;
    int said = oracle_process(srv, message);
    ERR_clear_error();
    return said == (type == CMP_KUR ? CMP_KUP : CMP_PKICONF);
}

/* What we take on purpose and OpenSSL 3.0 does not: RFC 9480's version, a template that names no key (the message's own
   protection proves it) or no subject (the old certificate has it), and a certConf that is empty (RFC 4210 5.3.18: it
   rejects). */
static bool more_than_openssl(const struct buf *message) {
    struct cmp_msg m;
    struct cmp_request r;
    struct cmp_status s;
    MUST_OK(cmp_msg_parse(buf_span(message), &m));
    if (m.version == CMP_PVNO_2021)
        return true;
    if (m.type == CMP_KUR)
        return cmp_request_parse(m.content, &r) == RC_OK && (r.spki.len == 0 || r.subject.len == 0);
    return m.type == CMP_CERTCONF && cmp_status_parse(&m, &s) == RC_OK && s.cert_hash.ptr == NULL;
}

static void keep_as(const char *name, const struct buf *message) {
    char path[PATH_CAP];
    const char *tmp = getenv("TMPDIR");
    MUST_OK(fs_join(path, tmp == NULL ? "/tmp" : tmp, name));
    MUST_OK(fs_write(path, buf_span(message), 0600));
}

static int tried, accepted, on_purpose;

static void try_one(const struct buf *message, int type) {
    AUTO(buf) answer = {0};
    tried++;
    if (!we_accept(message, &answer))
        return;
    accepted++;
    if (openssl_accepts(message, type))
        return;
    on_purpose++;
    if (!more_than_openssl(message)) {
        keep_as("cmp-accepted.der", message);
        fail_msg("number %d, kept as cmp-accepted.der in TMPDIR, is accepted; OpenSSL: %s", tried, reason);
    }
}

/* The body of a kur around a CertRequest that changed, proven anew. */
static void prove_again(struct span request, struct derw *body) {
    AUTO(buf) signature = {0};
    MUST_OK(key_sign(w.owner.key, request, &signature));
    derw_open(body, DER_CONTEXT_CONSTRUCTED(CMP_KUR));
    derw_open(body, DER_SEQUENCE);
    derw_open(body, DER_SEQUENCE);
    derw_raw(body, request);
    derw_open(body, DER_CONTEXT_CONSTRUCTED(1));
    derw_raw(body, key_sig_alg(w.owner.key));
    derw_bits(body, buf_span(&signature), 0);
    derw_close(body);
    derw_close(body);
    derw_close(body);
    derw_close(body);
    MUST_OK(derw_end(body));
}

/* Header, request or all of the body, one to three times. */
static void mutate(struct mutator *m, const struct buf *base, struct buf *message) {
    const struct kur k = {.old_cert = buf_span(&w.owner.cert), .key = w.owner.key};
    AUTO(buf) changed = {0};
    AUTO(buf) part = {0};
    AUTO(derw) body = {0};
    struct cmp_msg b;
    struct cmp_request r = {0};
    MUST_OK(cmp_msg_parse(buf_span(base), &b));
    if (b.type == CMP_KUR)
        MUST_OK(cmp_request_parse(b.content, &r));
    uint32_t where = mutator_below(m, b.type == CMP_KUR ? 3 : 2);
    MUST_OK(buf_set(&changed, where == 0 ? b.header : where == 1 ? b.body : r.cert_request));
    for (uint32_t n = mutator_below(m, 3) + 1; n > 0 && changed.len > 0; n--) {
        AUTO(buf) next = {0};
        der_mutate(m, buf_span(&changed), &next);
        MUST_OK(buf_set(&changed, buf_span(&next)));
    }
    if (where == 2)
        prove_again(buf_span(&changed), &body);
    MUST_OK(buf_add_span(&part, where == 0 ? buf_span(&changed) : b.header));
    MUST_OK(buf_add_span(&part, where == 0 ? b.body : where == 1 ? buf_span(&changed) : buf_span(&body.out)));
    MUST_OK(kur_protect(&k, buf_span(&part), message));
}

static void in_info(struct derw *w_, struct span type, struct span value) {
    derw_open(w_, DER_SEQUENCE);
    derw_put(w_, DER_OID, type);
    derw_raw(w_, value);
    derw_close(w_);
}

/* A kur with something of everything in it. */
static void rich_kur(struct buf *message) {
    const struct cmp_consent agreed = {
        .given = true, .text_id = "data-confirmed-1", .lang = "vi", .at = WORLD_NOW, .ticket = "T"};
    AUTO(buf) consent = {0};
    AUTO(derw) info = {0};
    AUTO(derw) fields = {0};
    AUTO(derw) exts = {0};
    struct cert c;
    MUST_OK(cert_parse(buf_span(&w.owner.cert), &c));
    MUST_OK(cmp_consent_write(&agreed, &consent));
    in_info(&info, OID_CONSENT, buf_span(&consent));
    in_info(&info, OID_IMPLICIT_CONFIRM, span_of("\x05\x00", 2));
    in_info(&info, span_of("\x2a\x03", 2), span_of("\x0a\x01\x07", 3));
    MUST_OK(derw_end(&info));
    derw_open(&fields, DER_CONTEXT_CONSTRUCTED(3));
    derw_raw(&fields, c.issuer);
    derw_close(&fields);
    derw_open(&fields, DER_CONTEXT_CONSTRUCTED(4));
    derw_open(&fields, DER_CONTEXT_CONSTRUCTED(0));
    derw_time(&fields, WORLD_NOW);
    derw_close(&fields);
    derw_open(&fields, DER_CONTEXT_CONSTRUCTED(1));
    derw_time(&fields, WORLD_NOW + WORLD_YEAR);
    derw_close(&fields);
    derw_close(&fields);
    derw_open(&fields, DER_CONTEXT_CONSTRUCTED(5));
    derw_raw(&fields, c.subject);
    derw_close(&fields);
    MUST_OK(derw_end(&fields));
    derw_open(&exts, DER_CONTEXT_CONSTRUCTED(9));
    for (size_t i = 0; i < c.ext_count && i < 3; i++)
        derw_raw(&exts, c.ext[i].whole);
    derw_close(&exts);
    MUST_OK(derw_end(&exts));
    const struct kur k = {.old_cert = buf_span(&w.owner.cert),
                          .key = w.owner.key,
                          .info = buf_span(&info.out),
                          .template = buf_span(&fields.out),
                          .extensions = buf_span(&exts.out)};
    MUST_OK(kur_write(&k, message));
}

static void never_more_than_openssl(void **state) {
    struct mutator m = {UINT64_C(0x9e3779b97f4a7c15)};
    AUTO(buf) conf = {0};
    AUTO(buf) rejecting = {0};
    AUTO(buf) plain = {0};
    AUTO(buf) rich = {0};
    const char *many = getenv("CMP_MUTATIONS");
    long wanted = many == NULL ? MUTATIONS : strtol(many, NULL, 10);
    (void)state;
    world_open(&w, WORLD_EC);
    MUST_OK(x509_from_der(buf_span(&w.issued), &issued));
    MUST_OK(x509_from_der(buf_span(&w.owner.cert), &owner));
    world_kur(&w, &(struct world_kur){0}, &plain);
    rich_kur(&rich);
    assert_true(we_accept(&plain, &kept.response) &&
                we_accept(&rich, &kept.response)); /* the rich one's answer stays */
    MUST_OK(buf_set(&kept.request, buf_span(&rich)));
    const struct kur k = {.old_cert = buf_span(&w.owner.cert), .key = w.owner.key};
    MUST_OK(kur_confirm(&k, buf_span(&kept.response), NULL, &conf));
    MUST_OK(kur_confirm(&k, buf_span(&kept.response), "không ghi được", &rejecting));
    const struct buf *bases[] = {&plain, &rich, &rich, &conf, &rejecting};
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        try_one(bases[i], i < 3 ? CMP_KUR : CMP_CERTCONF);
    assert_int_equal(accepted, 5); /* unchanged, both take them */
    for (long n = 0; n < wanted; n++) {
        AUTO(buf) message = {0};
        size_t i = mutator_below(&m, 5);
        mutate(&m, bases[i], &message);
        try_one(&message, i < 3 ? CMP_KUR : CMP_CERTCONF);
    }
    print_message("%d messages tried, %d accepted, of these %d on purpose and all others by OpenSSL too\n", tried,
                  accepted, on_purpose);
    assert_true(accepted - on_purpose > wanted / 100); /* else it tried nothing worth the name */
    X509_free(issued);
    X509_free(owner);
    buf_free(&kept.request);
    buf_free(&kept.response);
    world_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(never_more_than_openssl)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
