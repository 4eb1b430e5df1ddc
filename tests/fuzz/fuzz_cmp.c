/* Fuzzes CMP (dependencies: pki): whatever comes, the server answers with a message its own view can read, or says why
   not; what it grants was signed by the certificate beside the request. */
#include <stdio.h>

#include "base/digest.h"
#include "fuzz_ca.h"
#include "pki/ca/profile.h"
#include "pki/cmp/cmp_cli.h"
#include "pki/cmp/cmp_msg.h"
#include "pki/cmp/cmp_srv.h"

static struct cmp_srv *srv;
static struct buf issued;
static struct cmp_saved stored; /* a transaction that was granted: what a certConf finds */
static bool certainly_signed;

static enum rc on_reissue(void *arg, const struct cmp_kur *kur, struct cmp_answer *a) {
    struct cert signer;
    (void)arg;
    certainly_signed = cert_parse(kur->signer, &signer) == RC_OK;
    a->granted = true;
    TRY(buf_set(&a->certificate, buf_span(&issued)));
    TRY(kur->compose(kur->compose_arg, buf_span(&issued), &a->response));
    if (stored.request.len > 0)
        return RC_OK;
    TRY(buf_set(&stored.request, kur->request));
    TRY(buf_set(&stored.response, buf_span(&a->response)));
    return buf_set(&stored.certificate, buf_span(&issued));
}

/* `arg` is the message: a kur finds nothing, all others the one stored transaction. */
static enum rc on_load(void *arg, struct span transaction, struct cmp_saved *saved) {
    struct cmp_msg m;
    (void)transaction;
    require(cmp_msg_parse(*(struct span *)arg, &m) == RC_OK);
    if (m.type == CMP_KUR || stored.request.len == 0)
        FAIL(RC_NOT_FOUND, "nothing is stored");
    TRY(buf_set(&saved->request, buf_span(&stored.request)));
    TRY(buf_set(&saved->response, buf_span(&stored.response)));
    return buf_set(&saved->certificate, buf_span(&stored.certificate));
}

static enum rc on_confirm(void *arg, struct span transaction, struct span certificate, bool accepted, const char *text,
                          struct cmp_keep *keep) {
    (void)arg, (void)transaction, (void)accepted, (void)text;
    require(span_eq(certificate, buf_span(&issued)));
    return buf_set(&keep->receipt, span_of("\x30\x03\x02\x01\x07", 5)); /* any SEQUENCE goes along */
}

static enum rc on_refused(void *arg, struct span transaction, struct span old_serial, const char *code,
                          const char *text) {
    (void)arg, (void)transaction, (void)old_serial;
    require(code[0] != 0 && text[0] != 0);
    return RC_OK;
}

static enum rc handle(struct span message, struct buf *answer, char code[CMP_CODE]) {
    struct cmp_hooks hooks = {on_reissue, on_load, on_confirm, NULL, on_refused, &message};
    return cmp_srv_handle(srv, message, NOW, &hooks, answer, code);
}

static enum rc on_send(void *arg, struct span message, struct buf *answer) {
    (void)arg;
    return handle(message, answer, NULL);
}

static enum rc on_install(void *arg, struct span certificate) {
    (void)arg, (void)certificate;
    return RC_OK;
}

static void issue(struct key *ca_key, const struct cert *ca, const struct cert *old) {
    uint8_t serial[SERIAL_LEN];
    AUTO(buf) tbs = {0};
    AUTO(buf) signature = {0};
    profile_serial(NOW * 1000L, serial);
    struct profile_input in = {old, ca, {0}, key_sig_alg(ca_key), serial, NOW - 60, NOW + YEAR, "", ""};
    require(profile_tbs(&in, &tbs) == RC_OK && key_sign(ca_key, buf_span(&tbs), &signature) == RC_OK &&
            profile_join(buf_span(&tbs), in.sig_alg, buf_span(&signature), &issued) == RC_OK);
}

/* Once: two CAs, a server, and one whole run, so that a transaction is stored. All of it lives until the end. */
static void set_up(void) {
    static struct buf new_ca, old_ca, cmp_cert, owner;
    static struct key *cmp_key;
    AUTO(cmp_result) result = {0};
    AUTO(buf) spki = {0};
    struct cert ca, old, newer;
    require(digest_init() == RC_OK);
    AUTO_PTR(key) ca_key = make_key();
    AUTO_PTR(key) old_key = make_key();
    AUTO_PTR(key) owner_key = make_key();
    cmp_key = make_key();
    new_ca = make_ca(ca_key, "Hà Nội");
    old_ca = make_ca(old_key, NULL);
    require(cert_parse(buf_span(&new_ca), &newer) == RC_OK && cert_parse(buf_span(&old_ca), &ca) == RC_OK);
    require(mint_cmp(ca_key, &newer, cmp_key, NOW - YEAR, NOW + YEAR, &cmp_cert) == RC_OK);
    require(key_spki(owner_key, &spki) == RC_OK);
    struct mint_subscriber sub = {{1, 2, 3}, 3, "0100109106", "A", "B", NOW - YEAR, NOW + YEAR, buf_span(&spki), false};
    require(mint_subscriber(&sub, old_key, &ca, &owner) == RC_OK && cert_parse(buf_span(&owner), &old) == RC_OK);
    issue(ca_key, &newer, &old);
    struct cmp_srv_config cfg = {
        .key = cmp_key, .cert = buf_span(&cmp_cert), .new_ca = buf_span(&new_ca), .old_ca = buf_span(&old_ca)};
    require(cmp_srv_open(&cfg, &srv) == RC_OK);
    struct cmp_cli cli = {.old_cert = buf_span(&owner),
                          .key = owner_key,
                          .new_ca = buf_span(&new_ca),
                          .now = NOW,
                          .send = on_send,
                          .install = on_install};
    require(cmp_cli_run(&cli, &result) == RC_OK && result.confirmed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(buf) answer = {0};
    struct cmp_msg m;
    struct span value;
    char code[CMP_CODE];
    if (srv == NULL)
        set_up();
    certainly_signed = false;
    enum rc rc = handle(span_of(data, size), &answer, code);
    require(rc == RC_OK || rc == RC_INPUT || rc == RC_LIMIT);
    if (rc != RC_OK)
        return 0;
    require(cmp_msg_parse(buf_span(&answer), &m) == RC_OK && m.protection == CMP_SIGNED &&
            (m.version == CMP_PVNO || m.version == CMP_PVNO_2021));
    require(m.type == CMP_ERROR || m.type == CMP_PKICONF || m.type == CMP_GENP ||
            (m.type == CMP_KUP && certainly_signed));
    require((m.type == CMP_ERROR) == (code[0] != 0));
    rc = cmp_msg_info(&m, span_of(data, size < 20 ? size : 20), &value);
    require(rc == RC_NOT_FOUND || rc == RC_INPUT || (rc == RC_OK && value.len > 0));
    return 0;
}
