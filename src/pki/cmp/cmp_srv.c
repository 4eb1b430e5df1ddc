/* The server side of CMP: what is asked is read by our own strict view, protection and proof of possession are
   OpenSSL's to verify, the verdict is the hooks' (declared in pki/cmp/cmp_srv.h). */
#include "pki/cmp/cmp_srv.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "pki/ca/ca.h"
#include "pki/cert/oid.h"
#include "pki/cmp/cmp_ossl.h"

#define TEXT_CAP    800 /* holds "code: text" of a cmp_answer */
#define FAIL_BIT(n) (1 << (n))
#define GOOD_ALGS   "RSA or ECDSA with SHA-256, SHA-384 or SHA-512"

struct cmp_srv {
    struct key *key;
    struct buf cert_der, new_ca_der;
    struct cert cert; /* view of cert_der */
    X509 *x509, *new_ca;
};

/* One message on its way through. Nothing of it outlives cmp_srv_handle. */
struct job {
    const struct cmp_srv *srv;
    const struct cmp_hooks *hooks;
    struct cmp_msg msg;
    struct cmp_request request; /* of a kur */
    struct cmp_answer answer;   /* the verdict; set beforehand when a stored request is played again */
    bool judged;                /* the verdict is there */
    bool called;                /* OpenSSL found nothing to object to and asked us */
    X509 *issued;               /* answer.certificate, decoded */
    struct cmp_status status;   /* of a certConf or error */
    enum rc rc;                 /* our own failure inside a callback */
    char refusal[CMP_CODE];
};

void cmp_answer_free(struct cmp_answer *a) {
    buf_free(&a->certificate);
    *a = (struct cmp_answer){0};
}

void cmp_saved_free(struct cmp_saved *s) {
    buf_free(&s->request);
    buf_free(&s->response);
    buf_free(&s->certificate);
}

void cmp_srv_free(struct cmp_srv *s) {
    if (s == NULL)
        return;
    X509_free(s->x509);
    X509_free(s->new_ca);
    buf_free(&s->cert_der);
    buf_free(&s->new_ca_der);
    free(s);
}

/* Clients trust the new CA only: a CMP certificate that is not under it makes every answer worthless. */
static enum rc config_check(const struct cmp_srv_config *cfg, const struct cert *cert) {
    AUTO_PTR(ca) new_ca = NULL;
    AUTO_PTR(ca) old_ca = NULL;
    TRY(ca_open(cfg->new_ca, &new_ca));
    TRY(ca_open(cfg->old_ca, &old_ca));
    if (span_eq(ca_cert(new_ca)->spki, ca_cert(old_ca)->spki))
        FAIL(RC_INPUT, "old and new CA have the same key; give the two certificates of the rollover");
    if (ca_verify(new_ca, cert, false) != RC_OK)
        return err_in(RC_CRYPTO, "the CMP certificate is not under the new CA");
    if (!key_matches(cfg->key, cert))
        FAIL(RC_CRYPTO, "the CMP key does not belong to the CMP certificate");
    return RC_OK;
}

enum rc cmp_srv_open(const struct cmp_srv_config *cfg, struct cmp_srv **out) {
    AUTO_PTR(cmp_srv) s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    s->key = cfg->key;
    TRY(buf_set(&s->cert_der, cfg->cert));
    TRY(buf_set(&s->new_ca_der, cfg->new_ca));
    TRY(cert_parse(buf_span(&s->cert_der), &s->cert));
    TRY(config_check(cfg, &s->cert));
    TRY(x509_from_der(cfg->cert, &s->x509));
    TRY(x509_from_der(cfg->new_ca, &s->new_ca));
    *out = MOVE(s);
    return RC_OK;
}

/* The hook's question, and its answer. */
static enum rc judge(struct job *j) {
    AUTO(derw) spki = {0};
    if (j->request.spki.len > 0) {
        derw_open(&spki, DER_SEQUENCE); /* [6] IMPLICIT stood in its place */
        derw_raw(&spki, j->request.spki);
        derw_close(&spki);
        TRY(derw_end(&spki));
    }
    struct cmp_kur kur = {.transaction = j->msg.transaction,
                          .request = j->msg.der,
                          .core = j->msg.core,
                          .signer = j->msg.signer,
                          .old_serial = j->request.old_serial,
                          .old_issuer = j->request.old_issuer,
                          .new_spki = buf_span(&spki.out)};
    TRY(j->hooks->reissue(j->hooks->arg, &kur, &j->answer));
    j->judged = true;
    return RC_OK;
}

/* OpenSSL's process_cert_request: protection and proof of possession hold. */
static OSSL_CMP_PKISI *on_request(OSSL_CMP_SRV_CTX *ctx, const OSSL_CMP_MSG *msg, int id, const OSSL_CRMF_MSG *crm,
                                  const X509_REQ *p10, X509 **cert, STACK_OF(X509) * *chain,
                                  STACK_OF(X509) * *ca_pubs) {
    struct job *j = OSSL_CMP_SRV_CTX_get0_custom_ctx(ctx);
    (void)msg, (void)id, (void)crm, (void)p10, (void)chain, (void)ca_pubs;
    j->called = true;
    if (!j->judged)
        j->rc = judge(j);
    if (j->rc == RC_OK && j->answer.granted)
        j->rc = x509_from_der(buf_span(&j->answer.certificate), &j->issued);
    if (j->rc != RC_OK)
        return NULL;
    if (j->issued != NULL && X509_up_ref(j->issued))
        *cert = j->issued; /* OpenSSL frees its reference; the new CA comes in extraCerts */
    if (j->answer.granted)
        return OSSL_CMP_STATUSINFO_new(OSSL_CMP_PKISTATUS_accepted, 0, NULL);
    char text[TEXT_CAP];
    snprintf(text, sizeof text, "%s: %s", j->answer.code, j->answer.text);
    return OSSL_CMP_STATUSINFO_new(OSSL_CMP_PKISTATUS_rejection,
                                   FAIL_BIT(j->answer.try_later ? CMP_SYSTEM_UNAVAIL : CMP_NOT_AUTHORIZED), text);
}

/* The subscriber's last word on its certificate. */
static enum rc last_word(const struct job *j, struct span certificate, struct buf *receipt) {
    char text[TEXT_CAP];
    snprintf(text, sizeof text, "%.*s", (int)j->status.text.len, (const char *)j->status.text.ptr);
    return j->hooks->confirm(j->hooks->arg, j->msg.transaction, certificate, j->status.accepted, text, receipt);
}

/* Recorded before pkiConf acknowledges it: OpenSSL writes that when this has returned, with the receipt in it. */
static enum rc accepted(const struct job *j, OSSL_CMP_SRV_CTX *ctx) {
    AUTO(buf) receipt = {0};
    TRY(last_word(j, buf_span(&j->answer.certificate), &receipt));
    if (receipt.len == 0)
        return RC_OK;
    return cmp_info_put(OSSL_CMP_SRV_CTX_get0_cmp_ctx(ctx), OID_RECEIPT, buf_span(&receipt));
}

/* OpenSSL's process_certConf: is the confirmed certificate the one we issued (RFC 4210 5.3.18)? It is asked last, when
   nothing else can be held against the message. */
static int on_cert_conf(OSSL_CMP_SRV_CTX *ctx, const OSSL_CMP_MSG *msg, int id, const ASN1_OCTET_STRING *hash,
                        const OSSL_CMP_PKISI *status) {
    struct job *j = OSSL_CMP_SRV_CTX_get0_custom_ctx(ctx);
    (void)msg, (void)id, (void)status; /* our own view has read it */
    OSSL_AUTO(ASN1_OCTET_STRING) right = X509_digest_sig(j->issued, NULL, NULL);
    bool same = right != NULL && ASN1_OCTET_STRING_cmp(right, hash) == 0;
    if (!same)
        ERR_raise(ERR_LIB_CMP, CMP_R_CERTHASH_UNMATCHED);
    if (same && j->status.accepted)
        j->rc = accepted(j, ctx);
    return same && j->rc == RC_OK;
}

static void on_error(OSSL_CMP_SRV_CTX *ctx, const OSSL_CMP_MSG *msg, const OSSL_CMP_PKISI *status,
                     const ASN1_INTEGER *code, const OSSL_CMP_PKIFREETEXT *details) {
    (void)ctx, (void)msg, (void)status, (void)code, (void)details; /* our own view has read it */
}

/* A context for one transaction, `signer` pinned: protection must hold under that certificate's key and no other.
   OpenSSL then judges neither its path nor its time; the hook does, by the server's clock. */
static enum rc context(struct job *j, struct span signer, OSSL_CMP_SRV_CTX **out) {
    const struct cmp_srv *s = j->srv;
    OSSL_AUTO(X509) pinned = NULL;
    OSSL_AUTO(OSSL_CMP_SRV_CTX) srv = OSSL_CMP_SRV_CTX_new(NULL, NULL);
    STACK_OF(X509) *ca = cmp_stack_of(s->new_ca);
    OSSL_CMP_CTX *ctx = srv == NULL ? NULL : OSSL_CMP_SRV_CTX_get0_cmp_ctx(srv);
    enum rc rc = x509_from_der(signer, &pinned);
    bool ok = rc == RC_OK && ctx != NULL && ca != NULL &&
              OSSL_CMP_SRV_CTX_init(srv, j, on_request, NULL, NULL, on_error, on_cert_conf, NULL) &&
              OSSL_CMP_CTX_set_log_cb(ctx, cmp_log_nothing) && OSSL_CMP_CTX_set_log_verbosity(ctx, OSSL_CMP_LOG_ERR) &&
              OSSL_CMP_CTX_set1_cert(ctx, s->x509) && OSSL_CMP_CTX_set1_pkey(ctx, key_evp(s->key)) &&
              OSSL_CMP_CTX_set1_extraCertsOut(ctx, ca) && OSSL_CMP_CTX_build_cert_chain(ctx, NULL, ca) &&
              OSSL_CMP_CTX_set1_srvCert(ctx, pinned);
    sk_X509_pop_free(ca, X509_free);
    ERR_clear_error(); /* what comes next is the message's fault only */
    TRY(rc);
    if (!ok)
        FAIL(RC_LIMIT, "OpenSSL cannot set up a CMP transaction");
    *out = MOVE(srv);
    return RC_OK;
}

/* One message through OpenSSL, without its extraCerts: nobody has signed them, the one that counts is pinned, and
   OpenSSL 3.0 takes 0.1 ms to decode each. RC_INPUT: it cannot be decoded. */
static enum rc process(OSSL_CMP_SRV_CTX *ctx, const struct cmp_msg *message, struct buf *out) {
    OSSL_AUTO(OSSL_CMP_MSG) in = NULL;
    AUTO(derw) w = {0};
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, message->core);
    derw_close(&w);
    TRY(derw_end(&w));
    TRY(cmp_decode(buf_span(&w.out), &in));
    OSSL_AUTO(OSSL_CMP_MSG) answer = OSSL_CMP_SRV_process_request(ctx, in);
    if (answer == NULL)
        FAIL(RC_CRYPTO, "OpenSSL gave no answer; is the CMP key usable?");
    return cmp_encode(answer, out);
}

/* Serial number that a refused message speaks of: oldCertID's, else that of the certificate beside it. */
static struct span claimed_serial(const struct job *j) {
    struct cert c;
    if (j->request.old_serial.len > 0 || j->msg.signer.len == 0 || cert_parse(j->msg.signer, &c) != RC_OK)
        return j->request.old_serial;
    return c.serial;
}

/* Recorded first, then said: a refusal that cannot be recorded is not given. */
static enum rc refuse(struct job *j, enum cmp_fail fail, const char *code, const char *why, struct buf *response) {
    char text[TEXT_CAP];
    snprintf(text, sizeof text, "%s: %s", code, why);
    struct cmp_refusal r = {&j->msg, j->srv->key, &j->srv->cert, buf_span(&j->srv->new_ca_der), fail, text};
    TRY(j->hooks->refused(j->hooks->arg, j->msg.transaction, claimed_serial(j), code, text));
    snprintf(j->refusal, sizeof j->refusal, "%s", code);
    return cmp_msg_refuse(&r, response);
}

/* `answer` is an error of OpenSSL's making: says the same in our form. */
static enum rc refuse_for(struct job *j, enum cmp_fail fail, const char *code, const char *what,
                          const struct buf *answer, struct buf *response) {
    struct cmp_msg m;
    struct cmp_status s = {0};
    char why[TEXT_CAP];
    TRY(cmp_msg_parse(buf_span(answer), &m));
    if (m.type == CMP_ERROR)
        TRY(cmp_msg_status(&m, &s));
    snprintf(why, sizeof why, "%s (%.*s)", what, (int)s.text.len, (const char *)s.text.ptr);
    return refuse(j, fail, code, s.text.len == 0 ? what : why, response);
}

/* A transaction that was answered before. */
static enum rc find(struct job *j, struct cmp_saved *saved) {
    TRY(j->hooks->load(j->hooks->arg, j->msg.transaction, saved));
    if (saved->response.len == 0)
        FAIL(RC_NOT_FOUND, "the transaction has no answer yet");
    return RC_OK;
}

/* The very same kur gets the very same bytes; another message under that transactionID gets nothing. */
static enum rc answer_again(struct job *j, const struct cmp_saved *saved, struct buf *response) {
    if (span_eq(buf_span(&saved->request), j->msg.der))
        return buf_set(response, buf_span(&saved->response));
    return refuse(j, CMP_TRANSACTION_IN_USE, "transaction-in-use",
                  "this transactionID belongs to another request; start a new transaction", response);
}

/* The answer is kept before it leaves. Of two identical messages at once the first one kept answers both. */
static enum rc keep(struct job *j, const struct buf *answer, struct buf *response) {
    enum rc rc = j->hooks->save(j->hooks->arg, j->msg.transaction, j->msg.der, buf_span(answer),
                                buf_span(&j->answer.certificate));
    if (rc == RC_OK)
        return buf_set(response, buf_span(answer));
    if (rc != RC_EXISTS)
        return rc;
    AUTO(cmp_saved) saved = {0};
    TRY(find(j, &saved));
    return answer_again(j, &saved, response);
}

/* Through OpenSSL to the hook. RC_INPUT: certificate or message cannot be read. */
static enum rc kur_process(struct job *j, struct buf *answer) {
    struct cert signer;
    OSSL_AUTO(OSSL_CMP_SRV_CTX) ctx = NULL;
    TRY(cert_parse(j->msg.signer, &signer));
    TRY(context(j, j->msg.signer, &ctx));
    TRY(process(ctx, &j->msg, answer));
    return j->rc;
}

static enum rc kur(struct job *j, struct buf *response) {
    AUTO(cmp_saved) saved = {0};
    AUTO(buf) answer = {0};
    if (cmp_msg_request(&j->msg, &j->request) != RC_OK)
        return refuse(j, CMP_BAD_DATA_FORMAT, "bad-message", err_text(), response);
    if (j->request.weak_pop)
        return refuse(j, CMP_BAD_POP, "bad-pop", "sign the proof of possession by " GOOD_ALGS, response);
    enum rc rc = find(j, &saved);
    if (rc == RC_OK)
        return answer_again(j, &saved, response);
    if (rc != RC_NOT_FOUND)
        return rc;
    if (j->msg.signer.len == 0)
        return refuse(j, CMP_BAD_MESSAGE_CHECK, "no-certificate", "send the old certificate in extraCerts", response);
    rc = kur_process(j, &answer);
    if (rc == RC_INPUT && !j->called)
        return refuse(j, CMP_BAD_DATA_FORMAT, "bad-message", err_text(), response);
    TRY(rc);
    if (!j->called) {
        struct cmp_msg m;
        TRY(cmp_msg_parse(buf_span(&answer), &m));
        bool pop = m.type == CMP_KUP; /* OpenSSL refuses a bad proof of possession in a kup, all else in an error */
        return refuse_for(j, pop ? CMP_BAD_POP : CMP_BAD_MESSAGE_CHECK, pop ? "bad-pop" : "bad-protection",
                          pop ? "the request is not signed by the key it names"
                              : "the message does not hold under the certificate in extraCerts",
                          &answer, response);
    }
    if (j->answer.granted)
        return keep(j, &answer, response);
    snprintf(j->refusal, sizeof j->refusal, "%s", j->answer.code);
    return buf_set(response, buf_span(&answer));
}

/* OpenSSL keeps a transaction in memory only, and has no way to set its certReqId: we play the stored request again,
   drop the answer and put back the nonce of the answer that the client has. */
static enum rc play_again(struct job *j, OSSL_CMP_SRV_CTX *ctx, const struct cmp_msg *request,
                          struct cmp_saved *saved) {
    struct cmp_msg kup;
    AUTO(buf) dropped = {0};
    j->judged = true;
    j->answer.granted = true;
    j->answer.certificate = saved->certificate;
    saved->certificate = (struct buf){0};
    TRY(cmp_msg_parse(buf_span(&saved->response), &kup));
    TRY(process(ctx, request, &dropped));
    TRY(j->rc);
    OSSL_AUTO(ASN1_OCTET_STRING) nonce = ASN1_OCTET_STRING_new();
    bool ok = j->called && nonce != NULL &&
              ASN1_OCTET_STRING_set(nonce, kup.sender_nonce.ptr, (int)kup.sender_nonce.len) &&
              OSSL_CMP_CTX_set1_senderNonce(OSSL_CMP_SRV_CTX_get0_cmp_ctx(ctx), nonce);
    ERR_clear_error();
    if (!ok)
        FAIL(RC_BUG, "a stored CMP request is not accepted again");
    return RC_OK;
}

static enum rc confirm_process(struct job *j, struct cmp_saved *saved, struct buf *answer) {
    struct cmp_msg request;
    OSSL_AUTO(OSSL_CMP_SRV_CTX) ctx = NULL;
    TRY(cmp_msg_parse(buf_span(&saved->request), &request));
    TRY(context(j, request.signer, &ctx));
    if (j->msg.type == CMP_CERTCONF)
        TRY(play_again(j, ctx, &request, saved));
    TRY(process(ctx, &j->msg, answer));
    return j->rc;
}

/* A certConf, or an error. What it says is recorded before pkiConf acknowledges it. */
static enum rc confirmation(struct job *j, struct buf *response) {
    AUTO(cmp_saved) saved = {0};
    AUTO(buf) answer = {0};
    AUTO(buf) certificate = {0};
    struct cmp_msg m;
    enum rc rc = find(j, &saved);
    if (rc == RC_NOT_FOUND)
        return refuse(j, CMP_BAD_REQUEST, "unknown-transaction", "no certificate was issued in this transaction",
                      response);
    TRY(rc);
    if (cmp_msg_status(&j->msg, &j->status) != RC_OK)
        return refuse(j, CMP_BAD_DATA_FORMAT, "bad-message", err_text(), response);
    TRY(buf_set(&certificate, buf_span(&saved.certificate)));
    rc = confirm_process(j, &saved, &answer);
    if (rc == RC_INPUT)
        return refuse(j, CMP_BAD_DATA_FORMAT, "bad-message", err_text(), response);
    TRY(rc);
    TRY(cmp_msg_parse(buf_span(&answer), &m));
    if (m.type != CMP_PKICONF)
        return refuse_for(j, CMP_BAD_MESSAGE_CHECK, "bad-confirmation",
                          "the confirmation does not hold in this transaction", &answer, response);
    if (!j->status.accepted)
        TRY(last_word(j, buf_span(&certificate), &(struct buf){0}));
    return buf_set(response, buf_span(&answer));
}

static enum rc dispatch(struct job *j, struct buf *response) {
    if (j->msg.version != CMP_PVNO)
        return refuse(j, CMP_UNSUPPORTED_VERSION, "bad-version", "this server speaks CMP version 2 (pvno 2)", response);
    if (j->msg.transaction.len == 0)
        return refuse(j, CMP_BAD_REQUEST, "bad-message", "the header has no transactionID", response);
    if (j->msg.type != CMP_KUR && j->msg.type != CMP_CERTCONF && j->msg.type != CMP_ERROR)
        return refuse(j, CMP_BAD_REQUEST, "unsupported", "only kur and certConf are served here", response);
    if (!j->msg.signed_by_key)
        return refuse(j, CMP_BAD_MESSAGE_CHECK, "bad-protection",
                      "sign the message with the old certificate's key, by " GOOD_ALGS, response);
    return j->msg.type == CMP_KUR ? kur(j, response) : confirmation(j, response);
}

enum rc cmp_srv_handle(const struct cmp_srv *s, struct span message, int64_t now, const struct cmp_hooks *hooks,
                       struct buf *response, char refusal[CMP_CODE]) {
    struct job j = {.srv = s, .hooks = hooks};
    if (refusal != NULL)
        refusal[0] = 0;
    if (message.len > CMP_LIMIT)
        FAIL(RC_LIMIT, "CMP message of %zu bytes; at most %d", message.len, CMP_LIMIT);
    TRY(cmp_msg_parse(message, &j.msg));
    if (now < s->cert.facts.not_before || now > s->cert.facts.not_after) {
        char text[INSTANT_TEXT];
        instant_format(now, text);
        FAIL(RC_CRYPTO, "the CMP certificate is not valid at %s; make a new one", text);
    }
    ERR_clear_error();
    enum rc rc = dispatch(&j, response);
    if (rc == RC_OK && refusal != NULL)
        snprintf(refusal, CMP_CODE, "%s", j.refusal);
    X509_free(j.issued);
    cmp_answer_free(&j.answer);
    ERR_clear_error();
    return rc;
}
