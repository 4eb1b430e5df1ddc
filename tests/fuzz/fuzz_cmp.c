/* Fuzzes CMP (dependencies: pki): whatever comes, the server answers with a message its own view can read, or says why
   not; what it grants was signed by the certificate beside the request. */
#include <stdio.h>

#include "fuzz_cmp_world.h"
#include "pki/cmp/cmp_cli.h"
#include "pki/cmp/cmp_msg.h"

static struct cmp_saved stored; /* a transaction that was granted: what a certConf finds */
static bool certainly_signed;

static enum rc on_reissue(void *arg, const struct cmp_kur *kur, struct cmp_answer *a) {
    struct cert signer;
    (void)arg;
    certainly_signed = cert_parse(kur->signer, &signer) == RC_OK;
    TRY(world_grant(kur, a));
    return stored.request.len > 0 ? RC_OK : world_keep(kur, a, &stored);
}

/* `arg` is the message: a kur finds nothing, all others the one stored transaction. */
static enum rc on_load(void *arg, struct span transaction, struct cmp_saved *saved) {
    struct cmp_msg m;
    (void)transaction;
    require(cmp_msg_parse(*(struct span *)arg, &m) == RC_OK);
    if (m.type == CMP_KUR || stored.request.len == 0)
        FAIL(RC_NOT_FOUND, "nothing is stored");
    return world_find(&stored, saved);
}

static enum rc on_confirm(void *arg, struct span transaction, struct span certificate, bool accepted, const char *text,
                          struct cmp_keep *keep) {
    (void)arg, (void)transaction, (void)accepted, (void)text;
    require(span_eq(certificate, buf_span(&issued)));
    return buf_set(&keep->receipt, span_of("\x30\x03\x02\x01\x07", 5)); /* any SEQUENCE goes along */
}

static enum rc handle(struct span message, struct buf *answer, char code[CMP_CODE]) {
    struct cmp_hooks hooks = {on_reissue, on_load, on_confirm, NULL, world_refused, &message};
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

/* One whole run, so that a transaction is stored. */
static void set_up(void) {
    AUTO(cmp_result) result = {0};
    world_set_up(false);
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
