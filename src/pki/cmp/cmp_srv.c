/* The server side of CMP (declared in pki/cmp/cmp_srv.h): each message is read strictly, held against its key, judged
   by the hooks, and answered. */
#include "pki/cmp/cmp_srv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/day.h"
#include "pki/ca/ca.h"
#include "pki/cert/oid.h"
#include "pki/cmp/cmp_genm.h"
#include "pki/cmp/cmp_proof.h"
#include "pki/cmp/cmp_write.h"
#include "pki/key/pubkey.h"

#define TEXT_CAP  800 /* holds "code: text" of a cmp_answer */
#define GOOD_ALGS "RSA or ECDSA with SHA-256, SHA-384 or SHA-512"

struct cmp_srv {
    struct key *key;
    struct buf cert_der, new_ca_der;
    struct cert cert; /* view of cert_der */
    struct ca *old_ca, *new_ca;
    bool implicit_confirm;
};

/* One message on its way through. Nothing of it outlives cmp_srv_handle. */
struct job {
    const struct cmp_srv *srv;
    const struct cmp_hooks *hooks;
    struct cmp_msg msg;
    struct cmp_reply reply;
    struct cmp_request request; /* of a kur */
    struct cmp_answer answer;   /* the verdict */
    struct cert signer;         /* whose protection holds; its `der` is empty until one does */
    struct pubkey key;          /* of who protects it */
    char refusal[CMP_CODE];
};

void cmp_answer_free(struct cmp_answer *a) {
    buf_free(&a->certificate);
    buf_free(&a->response);
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
    ca_free(s->old_ca);
    ca_free(s->new_ca);
    buf_free(&s->cert_der);
    buf_free(&s->new_ca_der);
    free(s);
}

/* Clients trust the new CA only: a CMP certificate that is not under it makes every answer worthless. */
static enum rc config_check(const struct cmp_srv *s) {
    if (span_eq(ca_cert(s->new_ca)->spki, ca_cert(s->old_ca)->spki))
        FAIL(RC_INPUT, "old and new CA have the same key; give the two certificates of the rollover");
    if (ca_verify(s->new_ca, &s->cert, false) != RC_OK)
        return err_in(RC_CRYPTO, "the CMP certificate is not under the new CA");
    if (!key_matches(s->key, &s->cert))
        FAIL(RC_CRYPTO, "the CMP key does not belong to the CMP certificate");
    return RC_OK;
}

enum rc cmp_srv_open(const struct cmp_srv_config *cfg, struct cmp_srv **out) {
    AUTO_PTR(cmp_srv) s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    s->key = cfg->key;
    s->implicit_confirm = cfg->implicit_confirm;
    TRY(buf_set(&s->cert_der, cfg->cert));
    TRY(buf_set(&s->new_ca_der, cfg->new_ca));
    TRY(cert_parse(buf_span(&s->cert_der), &s->cert));
    TRY(ca_open(cfg->new_ca, &s->new_ca));
    TRY(ca_open(cfg->old_ca, &s->old_ca));
    TRY(config_check(s));
    *out = MOVE(s);
    return RC_OK;
}

static bool ours(const struct cmp_srv *s, const struct cert *c) {
    return ca_verify(s->old_ca, c, true) == RC_OK || ca_verify(s->new_ca, c, false) == RC_OK;
}

/* Certificates are public and anybody may make one: what names a serial number counts only with its key's signature. */
static struct span proven_serial(const struct job *j) {
    return j->signer.der.len > 0 && ours(j->srv, &j->signer) ? j->signer.serial : (struct span){0};
}

/* From here on the message is the holder's of that certificate's key. */
static enum rc protected_by(struct job *j, const struct cert *signer) {
    TRY(cmp_protected_by(&j->msg, signer, &j->key));
    j->signer = *signer;
    return RC_OK;
}

/* Recorded first, then said: a refusal that cannot be recorded is not given. */
static enum rc refuse(struct job *j, enum cmp_fail fail, const char *code, const char *why, struct buf *response) {
    char text[TEXT_CAP];
    snprintf(text, sizeof text, "%s: %s", code, why);
    TRY(j->hooks->refused(j->hooks->arg, j->msg.transaction, proven_serial(j), code, text));
    snprintf(j->refusal, sizeof j->refusal, "%s", code);
    return cmp_write_error(&j->reply, fail, text, response);
}

static enum rc refuse_format(struct job *j, struct buf *response) {
    return refuse(j, CMP_BAD_DATA_FORMAT, "bad-message", err_text(), response);
}

static enum rc refuse_protection(struct job *j, struct buf *response) {
    char why[TEXT_CAP];
    snprintf(why, sizeof why, "the message does not hold under the certificate in extraCerts: %s", err_text());
    return refuse(j, CMP_BAD_MESSAGE_CHECK, "bad-protection", why, response);
}

/* A transaction that was answered before. */
static enum rc find(struct job *j, struct cmp_saved *saved) {
    TRY(j->hooks->load(j->hooks->arg, j->msg.transaction, saved));
    if (saved->response.len == 0)
        FAIL(RC_NOT_FOUND, "the transaction has no answer yet");
    return RC_OK;
}

/* May the client leave certConf out? Only where it asked, and the campaign lets it (RFC 4210 5.1.1.1). */
static bool implicit(const struct job *j) {
    struct span value;
    return j->srv->implicit_confirm && cmp_msg_info(&j->msg, OID_IMPLICIT_CONFIRM, &value) == RC_OK;
}

/* The core's question for the answer that it keeps. */
static enum rc compose(void *arg, struct span certificate, struct buf *response) {
    const struct job *j = arg;
    struct cert granted;
    TRY(cert_parse(certificate, &granted));
    const struct cmp_grant g = {.certificate = certificate,
                                .modified = cmp_request_modified(&j->request, &granted),
                                .implicit_confirm = implicit(j)};
    return cmp_write_kup(&j->reply, &g, response);
}

/* Confirmed with the grant, where the answer that is kept says so: recorded before it leaves. */
static enum rc grant(struct job *j, struct buf *response) {
    AUTO(cmp_keep) keep = {0}; /* recorded; it is asked for by a genm */
    struct cmp_msg kup;
    struct span value;
    TRY(cmp_msg_parse(buf_span(&j->answer.response), &kup));
    if (cmp_msg_info(&kup, OID_IMPLICIT_CONFIRM, &value) == RC_OK)
        TRY(j->hooks->confirm(j->hooks->arg, j->msg.transaction, buf_span(&j->answer.certificate), true, "", &keep));
    return buf_set(response, buf_span(&j->answer.response));
}

static enum rc reject(struct job *j, struct buf *response) {
    char text[TEXT_CAP];
    snprintf(text, sizeof text, "%s: %s", j->answer.code, j->answer.text);
    snprintf(j->refusal, sizeof j->refusal, "%s", j->answer.code);
    return cmp_write_rejection(&j->reply, j->answer.try_later ? CMP_SYSTEM_UNAVAIL : CMP_NOT_AUTHORIZED, text,
                               response);
}

/* Protection and possession hold: the hook's question, and its answer. */
static enum rc judge(struct job *j, const struct cmp_consent *consent, struct span spki, struct buf *response) {
    struct cmp_kur kur = {.transaction = j->msg.transaction,
                          .request = j->msg.der,
                          .core = j->msg.core,
                          .signer = j->msg.signer,
                          .old_serial = j->request.old_serial,
                          .old_issuer = j->request.old_issuer,
                          .new_spki = j->request.spki.len > 0 ? spki : (struct span){0},
                          .consent = consent,
                          .compose = compose,
                          .compose_arg = j};
    enum rc rc = j->hooks->reissue(j->hooks->arg, &kur, &j->answer);
    if (rc == RC_EXISTS)
        return refuse(j, CMP_TRANSACTION_IN_USE, "transaction-in-use",
                      "this transactionID belongs to another request; start a new transaction", response);
    TRY(rc);
    return j->answer.granted ? grant(j, response) : reject(j, response);
}

/* Who signed it, and may that ask for this key? */
static enum rc prove(struct job *j, const struct cmp_consent *consent, struct buf *response) {
    struct cert signer;
    AUTO(buf) spki = {0};
    if (j->msg.signer.len == 0)
        return refuse(j, CMP_BAD_MESSAGE_CHECK, "no-certificate", "send the old certificate in extraCerts", response);
    if (cert_parse(j->msg.signer, &signer) != RC_OK || cmp_request_key(&j->request, &signer, &spki) != RC_OK)
        return refuse_format(j, response);
    if (protected_by(j, &signer) != RC_OK)
        return refuse_protection(j, response);
    if (cmp_possession(&j->request, &signer, &j->key, buf_span(&spki)) != RC_OK)
        return refuse(j, CMP_BAD_POP, "bad-pop", "the request is not signed by the key it names", response);
    return judge(j, consent, buf_span(&spki), response);
}

static enum rc kur(struct job *j, struct buf *response) {
    struct cmp_consent consent;
    if (cmp_request_parse(j->msg.content, &j->request) != RC_OK || cmp_consent_get(&j->msg, &consent) != RC_OK)
        return refuse_format(j, response);
    if (j->msg.core.len > CMP_KUR_LIMIT)
        return refuse(j, CMP_BAD_DATA_FORMAT, "bad-message", "the request is larger than 16 KiB", response);
    if (j->request.old_serial.len == 0)
        return refuse(j, CMP_BAD_DATA_FORMAT, "bad-message", "name the old certificate in oldCertID (RFC 9483 4.1.3)",
                      response);
    if (j->request.popo == CMP_POPO_SIGNATURE && !j->request.pop_alg.good)
        return refuse(j, CMP_BAD_POP, "bad-pop", "sign the proof of possession by " GOOD_ALGS, response);
    return prove(j, &consent, response);
}

/* Is it about the certificate that we issued (RFC 4210 5.3.18)? */
static bool about(const struct cmp_status *s, struct span certificate) {
    struct digest d;
    digest_of(s->hash, certificate, &d);
    return span_eq(s->cert_hash, span_of(d.bytes, d.len));
}

/* What may be held against a confirmation in its transaction; NULL: nothing. */
static const char *objection(struct job *j, const struct cmp_saved *saved, const struct cmp_status *status,
                             enum cmp_fail *fail) {
    struct cmp_msg request, kup;
    struct cert signer;
    *fail = CMP_BAD_MESSAGE_CHECK;
    if (cmp_msg_parse(buf_span(&saved->request), &request) != RC_OK ||
        cmp_msg_parse(buf_span(&saved->response), &kup) != RC_OK || cert_parse(request.signer, &signer) != RC_OK ||
        protected_by(j, &signer) != RC_OK)
        return "it is not signed by the key that signed the request";
    *fail = CMP_BAD_RECIPIENT_NONCE;
    if (!span_eq(j->msg.recip_nonce, kup.sender_nonce))
        return "it does not answer what was sent to you last";
    *fail = CMP_BAD_CERT_ID;
    if (j->msg.type == CMP_CERTCONF && status->cert_hash.ptr != NULL && !about(status, buf_span(&saved->certificate)))
        return "it speaks of another certificate";
    return NULL;
}

/* A certConf, or an error. What it says is recorded before pkiConf acknowledges it. */
static enum rc confirmation(struct job *j, struct buf *response) {
    AUTO(cmp_saved) saved = {0};
    AUTO(cmp_keep) keep = {0};
    struct cmp_status status;
    enum cmp_fail fail;
    char text[TEXT_CAP];
    enum rc rc = find(j, &saved);
    if (rc == RC_NOT_FOUND)
        return refuse(j, CMP_BAD_REQUEST, "unknown-transaction", "no certificate was issued in this transaction",
                      response);
    TRY(rc);
    if (cmp_status_parse(&j->msg, &status) != RC_OK)
        return refuse_format(j, response);
    if (status.contradicts)
        return refuse(j, CMP_BAD_REQUEST, "bad-confirmation",
                      "say accepted (0) without failInfo, or rejection (2), of the certificate", response);
    const char *why = objection(j, &saved, &status, &fail);
    if (why != NULL)
        return refuse(j, fail, "bad-confirmation", why, response);
    snprintf(text, sizeof text, "%.*s", (int)status.text.len, (const char *)status.text.ptr);
    TRY(j->hooks->confirm(j->hooks->arg, j->msg.transaction, buf_span(&saved.certificate), status.accepted, text,
                          &keep));
    return cmp_write_pkiconf(&j->reply, &keep, response);
}

/* The receipt and its secret, once more, for whoever has the key: on another computer, or from a lost file. */
static enum rc keep_infos(struct job *j, struct buf *infos) {
    AUTO(cmp_keep) keep = {0};
    TRY(j->hooks->keep(j->hooks->arg, j->msg.signer, &keep));
    return cmp_keep_infos(&keep, infos);
}

/* What else a genm is told is no secret; but who may have us sign is one of ours, of either CA. */
static enum rc general(struct job *j, struct buf *response) {
    struct cert signer;
    AUTO(buf) infos = {0};
    if (j->msg.signer.len == 0 || cert_parse(j->msg.signer, &signer) != RC_OK || !ours(j->srv, &signer))
        return refuse(j, CMP_SIGNER_NOT_TRUSTED, "signer-unknown",
                      "send a certificate of the old or the new CA in extraCerts, and sign with its key", response);
    if (protected_by(j, &signer) != RC_OK)
        return refuse_protection(j, response);
    enum rc rc = cmp_genm_keep(j->msg.content) ? keep_infos(j, &infos)
                                               : cmp_genm_answer(j->msg.content, ca_cert(j->srv->old_ca)->der,
                                                                 buf_span(&j->srv->new_ca_der), &infos);
    if (rc == RC_NOT_FOUND)
        return refuse(j, CMP_BAD_REQUEST, "unsupported", err_text(), response);
    if (rc == RC_INPUT)
        return refuse_format(j, response);
    TRY(rc);
    return cmp_write_genp(&j->reply, buf_span(&infos), response);
}

/* What kind of protection there must be (RFC 9483 3.5). */
static enum rc unsigned_one(struct job *j, struct buf *response) {
    enum cmp_fail fail = j->msg.protection == CMP_MACED           ? CMP_WRONG_INTEGRITY
                         : j->msg.protection == CMP_SIGNED_WEAKLY ? CMP_BAD_ALG
                                                                  : CMP_BAD_MESSAGE_CHECK;
    return refuse(j, fail, "bad-protection", "sign the message with the old certificate's key, by " GOOD_ALGS,
                  response);
}

static bool served(int type) {
    return type == CMP_KUR || type == CMP_CERTCONF || type == CMP_ERROR || type == CMP_GENM;
}

static enum rc dispatch(struct job *j, struct buf *response) {
    const struct cmp_msg *m = &j->msg;
    if (m->version != CMP_PVNO && m->version != CMP_PVNO_2021)
        return refuse(j, CMP_UNSUPPORTED_VERSION, "bad-version",
                      "this server speaks CMP versions 2 and 3 (pvno 2 of RFC 4210, pvno 3 of RFC 9480)", response);
    if (m->odd != NULL)
        return refuse(j, CMP_BAD_DATA_FORMAT, "bad-message", m->odd, response);
    if (m->transaction.len == 0 && m->type != CMP_GENM)
        return refuse(j, CMP_BAD_DATA_FORMAT, "bad-message", "the header has no transactionID", response);
    if (!served(m->type))
        return refuse(j, CMP_BAD_REQUEST, "unsupported", "only kur, certConf and genm are served here", response);
    if (cmp_msg_check(m) != RC_OK)
        return refuse_format(j, response);
    if (m->sender_nonce.len < CMP_NONCE_MIN)
        return refuse(j, CMP_BAD_SENDER_NONCE, "bad-message", "the senderNonce has 16 bytes at least (RFC 9483 3.1)",
                      response);
    if (m->protection != CMP_SIGNED)
        return unsigned_one(j, response);
    if (m->type == CMP_GENM)
        return general(j, response);
    return m->type == CMP_KUR ? kur(j, response) : confirmation(j, response);
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
    j.reply = (struct cmp_reply){&j.msg, s->key, &s->cert, buf_span(&s->new_ca_der), now};
    enum rc rc = dispatch(&j, response);
    if (rc == RC_OK && refusal != NULL)
        snprintf(refusal, CMP_CODE, "%s", j.refusal);
    cmp_answer_free(&j.answer);
    pubkey_free(&j.key);
    return rc;
}
