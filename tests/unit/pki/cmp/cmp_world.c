/* The world of the CMP tests (declared in cmp_world.h). */
#include "unit/pki/cmp/cmp_world.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/hex.h"
#include "lib/tmp.h"
#include "pki/ca/mint.h"
#include "pki/ca/profile.h"
#include "pki/cmp/cmp_ossl.h"

struct key *world_key(enum world_key kind) {
    char path[PATH_CAP];
    AUTO(tmp) t = {0};
    MUST_OK(tmp_make(&t, NULL, "cmp"));
    MUST_OK(fs_join(path, t.dir, "key.pem"));
    FILE *f = fopen(path, "w");
    OSSL_AUTO(EVP_PKEY)
    pkey = kind == WORLD_EC ? EVP_EC_gen("P-256") : EVP_RSA_gen(kind == WORLD_RSA ? 2048u : 1024u);
    assert_true(f != NULL && pkey != NULL && PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL));
    fclose(f);
    struct key *key = NULL;
    MUST_OK(key_open_file(path, &key));
    return key;
}

static void parse(const struct world_id *id, struct cert *out) {
    MUST_OK(cert_parse(buf_span(&id->cert), out));
}

void world_issue(const struct world_issue *in, struct buf *der) {
    AUTO(buf) tbs = {0};
    AUTO(buf) spki = {0};
    AUTO(buf) signature = {0};
    uint8_t serial[SERIAL_LEN];
    struct cert old, issuer;
    parse(in->subject, &old);
    parse(in->issuer, &issuer);
    MUST_OK(key_spki(in->key, &spki));
    profile_serial(WORLD_NOW * 1000L, serial);
    struct span alg = key_sig_alg(in->issuer->key);
    struct profile_input profile = {
        &old, &issuer, buf_span(&spki), alg, serial, in->not_after - WORLD_YEAR, in->not_after, "", ""};
    MUST_OK(profile_tbs(&profile, &tbs));
    MUST_OK(key_sign(in->issuer->key, buf_span(&tbs), &signature));
    MUST_OK(profile_join(buf_span(&tbs), alg, buf_span(&signature), der));
}

static void make_ca(struct world_id *id, enum world_key kind, const char *locality, int64_t from, bool sha1) {
    struct mint_ca ca = {"Viettel-CA", "Viettel Group", locality, "VN", from, from + 5L * WORLD_YEAR, sha1};
    id->key = world_key(kind);
    MUST_OK(mint_ca(&ca, id->key, &id->cert));
}

/* A subscriber under the old CA, with the defects of 2018 (domain.md): SHA-1, cRLIssuer reversed. */
static void make_subscriber(struct world *w, struct world_id *id, enum world_key kind, const char *name,
                            uint8_t last_byte) {
    AUTO(buf) spki = {0};
    struct cert ca;
    parse(&w->old_ca, &ca);
    id->key = world_key(kind);
    MUST_OK(key_spki(id->key, &spki));
    struct mint_subscriber in = {.serial = {0x54, 0x01, last_byte},
                                 .serial_len = 3,
                                 .tax_code = "0100109106",
                                 .name = name,
                                 .province = "HÀ NỘI",
                                 .not_before = WORLD_NOW - WORLD_YEAR,
                                 .not_after = WORLD_NOW + WORLD_YEAR / 2,
                                 .spki = buf_span(&spki)};
    MUST_OK(mint_subscriber(&in, w->old_ca.key, &ca, &id->cert));
}

static struct world_saved *saved_find(struct world *w, struct span transaction) {
    for (int i = 0; i < w->saved_count; i++)
        if (span_eq(buf_span(&w->saved[i].transaction), transaction))
            return &w->saved[i];
    return NULL;
}

static enum rc refuse(struct cmp_answer *a, const char *code, const char *text) {
    TRY(text_set(a->code, sizeof a->code, code));
    return text_set(a->text, sizeof a->text, text);
}

/* Certificate and answer in one, as the core keeps them. */
static enum rc keep(struct world *w, const struct cmp_kur *kur, struct cmp_answer *a) {
    TRY(w->save_rc);
    struct world_saved *s = &w->saved[w->saved_count++];
    assert_true(w->saved_count < WORLD_SAVED);
    TRY(buf_set(&s->transaction, kur->transaction));
    TRY(buf_set(&s->kept.request, kur->request));
    TRY(buf_set(&s->kept.certificate, buf_span(&a->certificate)));
    TRY(kur->compose(kur->compose_arg, buf_span(&a->certificate), &s->kept.response));
    return buf_set(&a->response, buf_span(&s->kept.response));
}

/* The very same request gets the very same answer. */
static enum rc answered(const struct world_saved *s, const struct cmp_kur *kur, struct cmp_answer *a) {
    if (!span_eq(buf_span(&s->kept.request), kur->request))
        FAIL(RC_EXISTS, "transaction is taken");
    a->granted = true;
    TRY(buf_set(&a->certificate, buf_span(&s->kept.certificate)));
    return buf_set(&a->response, buf_span(&s->kept.response));
}

/* What service/reissue does, in short: the signer must be the certificate on record, oldCertID must name it. */
static enum rc on_reissue(void *arg, const struct cmp_kur *kur, struct cmp_answer *a) {
    struct world *w = arg;
    struct cert owner;
    const struct world_saved *before = saved_find(w, kur->transaction);
    if (before != NULL)
        return answered(before, kur, a);
    w->reissues++;
    TRY(w->reissue_rc);
    w->seen_consent = *kur->consent;
    TRY(cert_parse(buf_span(&w->owner.cert), &owner));
    TRY(buf_set(&w->seen_spki, kur->new_spki));
    TRY(buf_set(&w->seen_serial, kur->old_serial));
    TRY(buf_set(&w->seen_issuer, kur->old_issuer));
    a->try_later = w->refuse_later;
    if (w->refuse_code != NULL)
        return refuse(a, w->refuse_code, w->refuse_text);
    if (!span_eq(kur->signer, buf_span(&w->owner.cert)))
        return refuse(a, "unknown-certificate", "no such certificate on record");
    if (!span_eq(kur->old_serial, owner.serial) || !span_eq(kur->old_issuer, owner.issuer))
        return refuse(a, "other-certificate", "oldCertID names another certificate");
    if (kur->new_spki.len > 0 && !span_eq(kur->new_spki, owner.spki))
        return refuse(a, "same-key", "this campaign keeps the key");
    w->grants++;
    a->granted = true;
    TRY(buf_set(&a->certificate, buf_span(w->instead.len > 0 ? &w->instead : &w->issued)));
    return keep(w, kur, a);
}

static enum rc on_load(void *arg, struct span transaction, struct cmp_saved *out) {
    struct world *w = arg;
    TRY(w->load_rc);
    const struct world_saved *s = saved_find(w, transaction);
    if (s == NULL)
        FAIL(RC_NOT_FOUND, "no such transaction");
    TRY(buf_set(&out->request, buf_span(&s->kept.request)));
    TRY(buf_set(&out->response, buf_span(&s->kept.response)));
    return buf_set(&out->certificate, buf_span(&s->kept.certificate));
}

static enum rc keep_of(const struct world *w, struct cmp_keep *out) {
    TRY(buf_set(&out->receipt, buf_span(&w->receipt)));
    return w->receipt.len == 0 ? RC_OK : buf_set(&out->secret, span_str(WORLD_SECRET));
}

static enum rc on_confirm(void *arg, struct span transaction, struct span certificate, bool accepted, const char *text,
                          struct cmp_keep *keep) {
    struct world *w = arg;
    struct world_saved *s = saved_find(w, transaction);
    w->confirms++;
    TRY(w->confirm_rc);
    assert_true(s != NULL && span_eq(certificate, buf_span(&s->kept.certificate)));
    s->confirmed = accepted ? 1 : -1;
    if (accepted)
        TRY(keep_of(w, keep));
    return text_set(s->text, sizeof s->text, text);
}

static enum rc on_keep(void *arg, struct span certificate, struct cmp_keep *keep) {
    struct world *w = arg;
    if (!span_eq(certificate, buf_span(&w->owner.cert)) || w->receipt.len == 0)
        FAIL(RC_NOT_FOUND, "nothing is confirmed");
    return keep_of(w, keep);
}

static enum rc on_refused(void *arg, struct span transaction, struct span old_serial, const char *code,
                          const char *text) {
    struct world *w = arg;
    (void)transaction;
    w->refusals++;
    TRY(w->refused_rc);
    TRY(text_set(w->refused_code, sizeof w->refused_code, code));
    hex_to(old_serial.ptr, old_serial.len < 20 ? old_serial.len : 20, w->refused_serial);
    return text_set(w->refused_text, sizeof w->refused_text, text);
}

static void server_start(struct world *w) {
    cmp_srv_free(w->srv);
    w->srv = NULL;
    struct cmp_srv_config cfg = {.key = w->cmp.key,
                                 .cert = buf_span(&w->cmp.cert),
                                 .new_ca = buf_span(&w->new_ca.cert),
                                 .old_ca = buf_span(&w->old_ca.cert),
                                 .implicit_confirm = w->implicit_confirm};
    MUST_OK(cmp_srv_open(&cfg, &w->srv));
}

void world_answer_as(struct world *w, const struct world_id *key, const struct buf *cert) {
    struct cmp_srv_config cfg = {.key = key->key,
                                 .cert = buf_span(cert),
                                 .new_ca = buf_span(&w->new_ca.cert),
                                 .old_ca = buf_span(&w->old_ca.cert)};
    cmp_srv_free(w->srv);
    w->srv = NULL;
    MUST_OK(cmp_srv_open(&cfg, &w->srv));
}

enum rc world_handle(struct world *w, struct span message, struct buf *answer, char code[CMP_CODE]) {
    return cmp_srv_handle(w->srv, message, WORLD_NOW, &w->hooks, answer, code);
}

static enum rc on_send(void *arg, struct span message, struct buf *answer) {
    struct world *w = arg;
    int n = w->sends++;
    assert_true(n < 4);
    MUST_OK(buf_set(&w->message[n], message));
    if (w->lose_send == n + 1)
        FAIL(RC_NETWORK, "connection refused");
    if (w->restart)
        server_start(w);
    if (world_handle(w, message, &w->answer[n], NULL) != RC_OK)
        return err_in(RC_BUSY, "HTTP 503");
    if (w->lose_answer == n + 1)
        FAIL(RC_NETWORK, "connection lost");
    return w->garble_answer == n + 1 ? buf_add_str(answer, "<html>") : buf_add_span(answer, buf_span(&w->answer[n]));
}

static enum rc on_install(void *arg, struct span certificate) {
    struct world *w = arg;
    w->installs++;
    assert_int_equal(w->confirms, 0); /* on the token first, certConf after */
    assert_true(span_eq(certificate, buf_span(&w->issued)));
    if (w->install_rc != RC_OK)
        FAIL(w->install_rc, "CKR_DEVICE_MEMORY: không ghi được vào token");
    return RC_OK;
}

void world_open(struct world *w, enum world_key kind) {
    struct cert ca;
    bool implicit_confirm = w->implicit_confirm;
    *w = (struct world){.implicit_confirm = implicit_confirm};
    MUST_OK(digest_init());
    make_ca(&w->old_ca, WORLD_RSA, NULL, WORLD_NOW - 4L * WORLD_YEAR, true);
    make_ca(&w->new_ca, WORLD_EC, "Hà Nội", WORLD_NOW - WORLD_YEAR, false);
    make_subscriber(w, &w->owner, kind, "CÔNG TY A", 0x0a);
    make_subscriber(w, &w->stranger, WORLD_EC, "CÔNG TY B", 0x0b);
    w->cmp.key = world_key(WORLD_EC);
    parse(&w->new_ca, &ca);
    MUST_OK(
        mint_cmp(w->new_ca.key, &ca, w->cmp.key, WORLD_NOW - WORLD_YEAR / 2, WORLD_NOW + WORLD_YEAR / 2, &w->cmp.cert));
    world_issue(&(struct world_issue){&w->owner, w->owner.key, &w->new_ca, WORLD_NOW + WORLD_YEAR}, &w->issued);
    w->hooks = (struct cmp_hooks){on_reissue, on_load, on_confirm, on_keep, on_refused, w};
    w->cli = (struct cmp_cli){.old_cert = buf_span(&w->owner.cert),
                              .key = w->owner.key,
                              .new_ca = buf_span(&w->new_ca.cert),
                              .now = WORLD_NOW,
                              .send = on_send,
                              .install = on_install,
                              .arg = w};
    server_start(w);
}

void world_free(struct world *w) {
    struct world_id *ids[] = {&w->old_ca, &w->new_ca, &w->cmp, &w->owner, &w->stranger};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        key_free(ids[i]->key);
        buf_free(&ids[i]->cert);
    }
    for (int i = 0; i < w->saved_count; i++) {
        buf_free(&w->saved[i].transaction);
        cmp_saved_free(&w->saved[i].kept);
    }
    for (int i = 0; i < 4; i++) {
        buf_free(&w->message[i]);
        buf_free(&w->answer[i]);
    }
    cmp_srv_free(w->srv);
    buf_free(&w->issued);
    buf_free(&w->instead);
    buf_free(&w->receipt);
    buf_free(&w->seen_spki);
    buf_free(&w->seen_serial);
    buf_free(&w->seen_issuer);
}

static OSSL_CMP_MSG *caught(OSSL_CMP_CTX *ctx, const OSSL_CMP_MSG *message) {
    MUST_OK(cmp_encode(message, OSSL_CMP_CTX_get_transfer_cb_arg(ctx)));
    return NULL;
}

static void protect_by_mac(OSSL_CMP_CTX *ctx, const char *secret) {
    int len = (int)strlen(secret);
    assert_true(OSSL_CMP_CTX_set1_secretValue(ctx, (const uint8_t *)secret, len));
    assert_true(OSSL_CMP_CTX_set1_referenceValue(ctx, (const uint8_t *)"me", 2));
}

void world_kur(struct world *w, const struct world_kur *in, struct buf *message) {
    const struct world_id *from = in->from == NULL ? &w->owner : in->from;
    OSSL_AUTO(OSSL_CMP_CTX) ctx = OSSL_CMP_CTX_new(NULL, NULL);
    OSSL_AUTO(X509) cert = NULL;
    OSSL_AUTO(X509) old = NULL;
    OSSL_AUTO(ASN1_OCTET_STRING) id = ASN1_OCTET_STRING_new();
    MUST_OK(x509_from_der(buf_span(&from->cert), &cert));
    MUST_OK(x509_from_der(buf_span(in->old_cert == NULL ? &from->cert : in->old_cert), &old));
    assert_true(OSSL_CMP_CTX_set_log_cb(ctx, cmp_log_nothing) && OSSL_CMP_CTX_set1_oldCert(ctx, old) &&
                OSSL_CMP_CTX_set1_cert(ctx, cert) && OSSL_CMP_CTX_set1_pkey(ctx, key_evp(from->key)) &&
                OSSL_CMP_CTX_set_transfer_cb(ctx, caught) && OSSL_CMP_CTX_set_transfer_cb_arg(ctx, message));
    if (in->new_key != NULL) {
        EVP_PKEY *pkey = key_evp(in->new_key);
        assert_true(EVP_PKEY_up_ref(pkey) && OSSL_CMP_CTX_set0_newPkey(ctx, 1, pkey));
    }
    if (in->transaction.len > 0) {
        assert_true(ASN1_OCTET_STRING_set(id, in->transaction.ptr, (int)in->transaction.len));
        assert_true(OSSL_CMP_CTX_set1_transactionID(ctx, id));
    }
    if (in->digest != 0)
        assert_true(OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_DIGEST_ALGNID, in->digest));
    if (in->mac_secret != NULL)
        protect_by_mac(ctx, in->mac_secret);
    if (in->unprotected)
        assert_true(OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_UNPROTECTED_SEND, 1));
    if (in->ra_verified)
        assert_true(OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_POPO_METHOD, OSSL_CRMF_POPO_RAVERIFIED));
    assert_null(OSSL_CMP_exec_certreq(ctx, in->body == 0 ? OSSL_CMP_KUR : in->body, NULL));
    assert_true(message->len > 0);
}

/* PKIStatusInfo stands first in an error, and in the CertResponse of a kup behind certReqId (RFC 4210 5.3.4, 5.3.21).
 */
void world_text(const struct buf *message, char out[640]) {
    struct cmp_msg m;
    struct der body, in, list;
    struct der_item item;
    world_view(message, &m);
    struct der d = der_open(m.content);
    MUST_OK(der_enter(&d, DER_SEQUENCE, &body));
    if (m.type == CMP_KUP) {
        MUST_OK(der_enter(&body, DER_SEQUENCE, &list));
        MUST_OK(der_enter(&list, DER_SEQUENCE, &body));
        MUST_OK(der_take(&body, DER_INTEGER, &item));
    } else {
        assert_int_equal(m.type, CMP_ERROR);
    }
    MUST_OK(der_enter(&body, DER_SEQUENCE, &in));
    MUST_OK(der_take(&in, DER_INTEGER, &item));
    MUST_OK(der_enter(&in, DER_SEQUENCE, &list));
    MUST_OK(der_take(&list, DER_UTF8_STRING, &item));
    MUST_OK(der_end(&list)); /* exactly one UTF8String */
    MUST_OK(text_set_span(out, 640, item.value));
}

void world_view(const struct buf *message, struct cmp_msg *view) {
    MUST_OK(cmp_msg_parse(buf_span(message), view));
}

int world_confirmed(const struct world *w) {
    return w->saved_count == 0 ? 0 : w->saved[w->saved_count - 1].confirmed;
}
