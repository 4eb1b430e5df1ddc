/* The subscriber's side of CMP (declared in pki/cmp/cmp_cli.h): OpenSSL drives the transaction, the two hooks do the
   network and the token. */
#include "pki/cmp/cmp_cli.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "pki/cert/oid.h"
#include "pki/cmp/cmp_in.h"
#include "pki/cmp/cmp_ossl.h"
#include "pki/cmp/cmp_proof.h"
#include "pki/cmp/cmp_srv.h"
#include "pki/cms.h"

#define AUTH_LEVEL 2 /* answers are under the new CA: at least RSA-2048 or P-224, and SHA-256 */

struct session {
    const struct cmp_cli *c;
    struct ca *new_ca;
    struct cert old_cert;
    struct cmp_result *result;
    int sent;        /* messages that were answered */
    bool installed;  /* the new certificate is on the token */
    bool confirming; /* certConf went out and was answered */
    struct buf last; /* that answer */
    enum rc rc;      /* first failure of ours, and its text */
    char text[512];
};
static void session_free(struct session *s) {
    ca_free(s->new_ca);
    buf_free(&s->last);
}

OSSL_OWN(X509_STORE, X509_STORE_free)

void cmp_result_free(struct cmp_result *r) {
    buf_free(&r->certificate);
    cmp_keep_free(&r->keep);
    *r = (struct cmp_result){0};
}

/* The first failure is the one that counts; what follows it is only its consequence. */
static enum rc failed(struct session *s, enum rc rc) {
    if (rc != RC_OK && s->rc == RC_OK) {
        s->rc = rc;
        snprintf(s->text, sizeof s->text, "%s", err_text());
    }
    return rc;
}

/* OpenSSL takes whatever chains to the new CA, and so does a subscriber's certificate: who speaks for the server has
   the extended key usage id-kp-cmcRA (RFC 9480 2.2). */
static enum rc from_the_server(const struct session *s, struct span answer) {
    struct cmp_msg m;
    struct cert signer;
    if (cmp_msg_parse(answer, &m) != RC_OK || m.signer.len == 0 || cert_parse(m.signer, &signer) != RC_OK ||
        ca_verify(s->new_ca, &signer, false) != RC_OK || !cms_may_sign(&signer) ||
        cmp_protected_by(&m, &signer, NULL) != RC_OK)
        FAIL(RC_CRYPTO, "the answer is not from the CA");
    return RC_OK;
}

static enum rc exchange(struct session *s, const OSSL_CMP_MSG *out, OSSL_CMP_MSG **in) {
    AUTO(buf) message = {0};
    AUTO(buf) answer = {0};
    if (OSSL_CMP_MSG_get_bodytype(out) == CMP_POLLREQ)
        FAIL(RC_BUSY, "the server says: later");
    TRY(cmp_encode(out, &message));
    TRY(s->c->send(s->c->arg, buf_span(&message), &answer));
    if (answer.len > CMP_LIMIT)
        FAIL(RC_NETWORK, "the server's answer has %zu bytes; at most %d", answer.len, CMP_LIMIT);
    OSSL_AUTO(OSSL_CMP_MSG) msg = NULL;
    if (cmp_decode(buf_span(&answer), &msg) != RC_OK)
        return err_in(RC_NETWORK, "the server's answer");
    TRY(from_the_server(s, buf_span(&answer)));
    *in = MOVE(msg);
    s->sent++;
    s->confirming = OSSL_CMP_MSG_get_bodytype(out) == CMP_CERTCONF;
    return buf_set(&s->last, buf_span(&answer));
}

/* OpenSSL's transfer callback. */
static OSSL_CMP_MSG *on_transfer(OSSL_CMP_CTX *ctx, const OSSL_CMP_MSG *out) {
    struct session *s = OSSL_CMP_CTX_get_transfer_cb_arg(ctx);
    OSSL_CMP_MSG *in = NULL;
    return failed(s, exchange(s, out, &in)) == RC_OK ? in : NULL;
}

/* Is it the certificate the campaign promises: same subject, same key (R5.9), under the new CA, not yet over? */
static enum rc check(const struct session *s, struct span der) {
    struct cert c;
    TRY(cert_parse(der, &c));
    if (!span_eq(c.subject, s->old_cert.subject))
        FAIL(RC_CRYPTO, "the new certificate has another subject");
    if (!cert_same_key(&c, &s->old_cert))
        FAIL(RC_CRYPTO, "the new certificate has another key");
    if (c.facts.not_after <= s->c->now)
        FAIL(RC_CRYPTO, "the new certificate is over already");
    return ca_verify(s->new_ca, &c, false);
}

static enum rc take(struct session *s, const X509 *cert) {
    AUTO(buf) der = {0};
    TRY(cmp_x509_der(cert, &der));
    if (check(s, buf_span(&der)) != RC_OK)
        return err_in(RC_CRYPTO, "refused what the server issued");
    TRY(buf_set(&s->result->certificate, buf_span(&der)));
    TRY(s->c->install(s->c->arg, buf_span(&der)));
    s->installed = true;
    return RC_OK;
}

/* OpenSSL's certConf callback: what it returns is the failInfo of certConf, 0 accepts. */
static int on_certificate(OSSL_CMP_CTX *ctx, X509 *cert, int fail_info, const char **text) {
    struct session *s = OSSL_CMP_CTX_get_certConf_cb_arg(ctx);
    (void)fail_info; /* our check is the stricter one */
    if (failed(s, take(s, cert)) == RC_OK)
        return 0;
    *text = s->text;
    return 1 << CMP_SYSTEM_UNAVAIL;
}

/* Answers must chain to the new CA at the server's time; the machine's clock is not asked. */
static X509_STORE *trusted(const struct cmp_cli *c) {
    OSSL_AUTO(X509) ca = NULL;
    OSSL_AUTO(X509_STORE) store = X509_STORE_new();
    if (store == NULL || x509_from_der(c->new_ca, &ca) != RC_OK || !X509_STORE_add_cert(store, ca))
        return NULL;
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_time(param, (time_t)c->now);
    X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
    return X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) ? MOVE(store) : NULL;
}

static enum rc put_consent(const struct cmp_cli *c, OSSL_CMP_CTX *ctx) {
    AUTO(buf) value = {0};
    if (c->consent == NULL || !c->consent->given)
        return RC_OK;
    TRY(cmp_consent_write(c->consent, &value));
    return cmp_info_put(ctx, OID_CONSENT, buf_span(&value));
}

static enum rc context(struct session *s, OSSL_CMP_CTX **out) {
    const struct cmp_cli *c = s->c;
    OSSL_AUTO(X509) old = NULL;
    OSSL_AUTO(OSSL_CMP_CTX) ctx = OSSL_CMP_CTX_new(NULL, NULL);
    OSSL_AUTO(X509_STORE) store = trusted(c);
    TRY(x509_from_der(c->old_cert, &old));
    if (ctx == NULL || store == NULL || !OSSL_CMP_CTX_set0_trustedStore(ctx, store))
        FAIL(RC_LIMIT, "OpenSSL cannot set up a CMP transaction");
    store = NULL; /* ctx owns it now */
    if (!OSSL_CMP_CTX_set_log_cb(ctx, cmp_log_nothing) || !OSSL_CMP_CTX_set_log_verbosity(ctx, OSSL_CMP_LOG_ERR) ||
        !OSSL_CMP_CTX_set1_cert(ctx, old) || !OSSL_CMP_CTX_set1_pkey(ctx, key_evp(c->key)) ||
        !OSSL_CMP_CTX_set_transfer_cb(ctx, on_transfer) || !OSSL_CMP_CTX_set_transfer_cb_arg(ctx, s) ||
        !OSSL_CMP_CTX_set_certConf_cb(ctx, on_certificate) || !OSSL_CMP_CTX_set_certConf_cb_arg(ctx, s))
        FAIL(RC_LIMIT, "OpenSSL cannot set up a CMP transaction");
    TRY(put_consent(c, ctx));
    *out = MOVE(ctx);
    return RC_OK;
}

/* Copies what fits, cut between characters; control characters cannot reach a terminal. */
static void text_copy(char *dst, size_t cap, const uint8_t *src, size_t len) {
    size_t n = len < cap ? len : cap - 1;
    while (n < len && n > 0 && (src[n] & 0xc0) == 0x80)
        n--;
    memcpy(dst, src, n);
    dst[n] = 0;
    utf8_tame(dst);
}

/* The server said no, in a message that is really its own. */
static enum rc refused(OSSL_CMP_CTX *ctx, struct cmp_result *result) {
    OSSL_CMP_PKIFREETEXT *texts = OSSL_CMP_CTX_get0_statusString(ctx);
    if (sk_ASN1_UTF8STRING_num(texts) > 0) {
        const ASN1_UTF8STRING *t = sk_ASN1_UTF8STRING_value(texts, 0);
        text_copy(result->refusal, sizeof result->refusal, ASN1_STRING_get0_data(t), (size_t)ASN1_STRING_length(t));
    }
    bool later = (OSSL_CMP_CTX_get_failInfoCode(ctx) & OSSL_CMP_CTX_FAILINFO_systemUnavail) != 0;
    FAIL(later ? RC_BUSY : RC_REFUSED, "%s", result->refusal);
}

/* Why OpenSSL gave up, when no hook of ours failed. */
static enum rc gave_up(const struct session *s, OSSL_CMP_CTX *ctx) {
    TRY(key_token_rc(s->c->key));
    if (s->sent == 0)
        return ossl_fail(RC_CRYPTO, "the request cannot be signed");
    if (OSSL_CMP_CTX_get_status(ctx) == OSSL_CMP_PKISTATUS_rejection)
        return refused(ctx, s->result);
    return ossl_fail(RC_CRYPTO, "the answer is not from the CA");
}

static enum rc take_keep(const struct session *s, struct span receipt, struct span secret, struct cmp_keep *out) {
    struct cms cms;
    struct der d = der_open(secret);
    struct der_item octets = {0};
    TRY(cms_verify(receipt, s->new_ca, &cms));
    if (secret.len > 0)
        TRY(der_take(&d, DER_OCTET_STRING, &octets));
    TRY(buf_set(&out->secret, octets.value));
    return buf_set(&out->receipt, receipt);
}

/* OpenSSL 3.0 has no getter for generalInfo. A receipt that does not hold is none: the renewal is done all the same,
   and the server gives the receipt again. */
static void take_acknowledged(struct session *s) {
    struct cmp_msg m;
    struct span receipt, secret = {0};
    if (cmp_msg_parse(buf_span(&s->last), &m) != RC_OK || cmp_msg_info(&m, OID_RECEIPT, &receipt) != RC_OK)
        return;
    if (cmp_msg_info(&m, OID_SECRET, &secret) != RC_OK)
        secret = (struct span){0};
    if (take_keep(s, receipt, secret, &s->result->keep) != RC_OK)
        cmp_keep_free(&s->result->keep);
}

static enum rc run(struct session *s) {
    OSSL_AUTO(OSSL_CMP_CTX) ctx = NULL;
    TRY(cert_parse(s->c->old_cert, &s->old_cert));
    TRY(ca_open(s->c->new_ca, &s->new_ca));
    TRY(context(s, &ctx));
    ERR_clear_error();
    const X509 *cert = OSSL_CMP_exec_KUR_ses(ctx);
    if (s->rc != RC_OK)
        FAIL(s->rc, "%s", s->text);
    if (cert == NULL)
        return gave_up(s, ctx);
    if (!s->confirming)
        FAIL(RC_CRYPTO, "the server did not let us confirm the certificate");
    s->result->confirmed = true;
    take_acknowledged(s);
    return RC_OK;
}

enum rc cmp_cli_run(const struct cmp_cli *c, struct cmp_result *out) {
    struct cmp_result result = {0};
    AUTO(session) s = {.c = c, .result = &result};
    enum rc rc = run(&s);
    if (rc != RC_OK && s.sent == 0 && key_turned(c->key)) {
        ca_free(s.new_ca);
        s.new_ca = NULL;
        rc = run(&s);
    }
    cmp_result_free(out);
    *out = result;
    ERR_clear_error();
    return rc;
}

/* What a genp tells, one after the other. */
static enum rc take_told(const struct session *s, struct cmp_keep *out) {
    struct cmp_msg m;
    struct der d, all;
    struct span type, value, receipt = {0}, secret = {0};
    TRY(cmp_msg_parse(buf_span(&s->last), &m));
    d = der_open(m.content);
    TRY(der_enter(&d, DER_SEQUENCE, &all));
    while (!der_empty(&all)) {
        TRY(cmp_info_take(&all, &type, &value));
        if (span_eq(type, OID_RECEIPT))
            receipt = value;
        else if (span_eq(type, OID_SECRET))
            secret = value;
    }
    if (receipt.len == 0)
        FAIL(RC_NOT_FOUND, "the server told of no receipt");
    return take_keep(s, receipt, secret, out);
}

static enum rc ask(struct session *s, struct cmp_keep *out) {
    OSSL_AUTO(OSSL_CMP_CTX) ctx = NULL;
    TRY(ca_open(s->c->new_ca, &s->new_ca));
    TRY(context(s, &ctx));
    TRY(cmp_question_put(ctx, OID_RECEIPT));
    ERR_clear_error();
    STACK_OF(OSSL_CMP_ITAV) *told = OSSL_CMP_exec_GENM_ses(ctx);
    bool answered = told != NULL;
    sk_OSSL_CMP_ITAV_pop_free(told, OSSL_CMP_ITAV_free);
    if (s->rc != RC_OK)
        FAIL(s->rc, "%s", s->text);
    if (answered)
        return take_told(s, out);
    enum rc rc = gave_up(s, ctx);
    return rc == RC_REFUSED ? err_set(RC_NOT_FOUND, "%s", s->result->refusal) : rc;
}

enum rc cmp_cli_keep(const struct cmp_cli *c, struct cmp_keep *out) {
    AUTO(cmp_result) result = {0};
    struct cmp_cli plain = *c;
    plain.consent = NULL;
    AUTO(session) s = {.c = &plain, .result = &result};
    enum rc rc = ask(&s, out);
    if (rc != RC_OK && s.sent == 0 && key_turned(c->key)) {
        ca_free(s.new_ca);
        s.new_ca = NULL;
        rc = ask(&s, out);
    }
    ERR_clear_error();
    return rc;
}
