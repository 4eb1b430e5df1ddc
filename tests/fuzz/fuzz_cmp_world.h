/* The world of the CMP targets: two CAs, a server under the new one, and a subscriber's certificate with what is
   granted for it. Made once; it lives until the end. */
#pragma once

#include "base/digest.h"
#include "fuzz_ca.h"
#include "pki/ca/profile.h"
#include "pki/cmp/cmp_srv.h"

static struct cmp_srv *srv;
static struct key *owner_key;
static struct buf new_ca, owner, issued;

static inline void issue(struct key *ca_key, const struct cert *ca, const struct cert *old) {
    uint8_t serial[SERIAL_LEN];
    AUTO(buf) tbs = {0};
    AUTO(buf) signature = {0};
    profile_serial(NOW * 1000L, serial);
    struct profile_input in = {old, ca, {0}, key_sig_alg(ca_key), serial, NOW - 60, NOW + YEAR, "", ""};
    require(profile_tbs(&in, &tbs) == RC_OK && key_sign(ca_key, buf_span(&tbs), &signature) == RC_OK &&
            profile_join(buf_span(&tbs), in.sig_alg, buf_span(&signature), &issued) == RC_OK);
}

static inline void world_set_up(bool implicit_confirm) {
    static struct buf old_ca, cmp_cert;
    static struct key *cmp_key;
    AUTO(buf) spki = {0};
    struct cert ca, old, newer;
    require(digest_init() == RC_OK);
    AUTO_PTR(key) ca_key = make_key();
    AUTO_PTR(key) old_key = make_key();
    owner_key = make_key();
    cmp_key = make_key();
    new_ca = make_ca(ca_key, "Hà Nội");
    old_ca = make_ca(old_key, NULL);
    require(cert_parse(buf_span(&new_ca), &newer) == RC_OK && cert_parse(buf_span(&old_ca), &ca) == RC_OK);
    require(mint_cmp(ca_key, &newer, cmp_key, NOW - YEAR, NOW + YEAR, &cmp_cert) == RC_OK);
    require(key_spki(owner_key, &spki) == RC_OK);
    struct mint_subscriber sub = {{1, 2, 3}, 3, "0100109106", "A", "B", NOW - YEAR, NOW + YEAR, buf_span(&spki), false};
    require(mint_subscriber(&sub, old_key, &ca, &owner) == RC_OK && cert_parse(buf_span(&owner), &old) == RC_OK);
    issue(ca_key, &newer, &old);
    struct cmp_srv_config cfg = {.key = cmp_key,
                                 .cert = buf_span(&cmp_cert),
                                 .new_ca = buf_span(&new_ca),
                                 .old_ca = buf_span(&old_ca),
                                 .implicit_confirm = implicit_confirm};
    require(cmp_srv_open(&cfg, &srv) == RC_OK);
}

/* Granted and kept: what a later message of the transaction finds. */
static inline enum rc world_grant(const struct cmp_kur *kur, struct cmp_answer *a) {
    a->granted = true;
    TRY(buf_set(&a->certificate, buf_span(&issued)));
    return kur->compose(kur->compose_arg, buf_span(&issued), &a->response);
}

static inline enum rc world_keep(const struct cmp_kur *kur, const struct cmp_answer *a, struct cmp_saved *kept) {
    TRY(buf_set(&kept->request, kur->request));
    TRY(buf_set(&kept->response, buf_span(&a->response)));
    return buf_set(&kept->certificate, buf_span(&a->certificate));
}

static inline enum rc world_find(const struct cmp_saved *kept, struct cmp_saved *saved) {
    TRY(buf_set(&saved->request, buf_span(&kept->request)));
    TRY(buf_set(&saved->response, buf_span(&kept->response)));
    return buf_set(&saved->certificate, buf_span(&kept->certificate));
}

static inline enum rc world_refused(void *arg, struct span transaction, struct span old_serial, const char *code,
                                    const char *text) {
    (void)arg, (void)transaction, (void)old_serial;
    require(code[0] != 0 && text[0] != 0);
    return RC_OK;
}
