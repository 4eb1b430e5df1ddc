/* Keys, CAs and the subscriber (declared in pki_world.h). */
#include "lib/pki_world.h"
#include "lib/kur.h"
#include "lib/must.h"
#include "lib/run.h"
#include "lib/tmp.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/day.h"
#include "base/digest.h"

#define OCSP_URL "http://ocsp.viettel-ca.vn"
#define CRL_URL  "http://crl.viettel-ca.vn/Viettel-CA-v3.crl"

static const uint8_t sub_serial[16] = {0x54, 0x04, 0xff, 0xfe, 0xb7, 0x03, 0x3f, 0xb3,
                                       0x16, 0xd6, 0x72, 0x20, 0x1b, 0x7b, 0x46, 0x85};
static const uint8_t new_serial[SERIAL_LEN] = {0x43, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

bool pki_world_ec;

void pki_world_path(const struct pki_world *w, const char *name, char out[PATH_CAP]) {
    MUST_OK(fs_join(out, w->dir, name));
}

void pki_world_put(const struct pki_world *w, const char *name, struct span der) {
    char path[PATH_CAP];
    AUTO(buf) pem = {0};
    pki_world_path(w, name, path);
    MUST_OK(cert_to_pem(der, &pem));
    MUST_OK(fs_write(path, buf_span(&pem), 0644));
}

static struct key *make_key(const struct pki_world *w, const char *name) {
    char path[PATH_CAP];
    struct key *k = NULL;
    pki_world_path(w, name, path);
    MUST_OK(key_make_file(path, pki_world_ec && strcmp(name, "new.key") == 0 ? 0 : 2048, &k));
    return k;
}

static void make_cas(struct pki_world *w) {
    const struct mint_ca old = {"Viettel-CA", "Viettel Group", NULL, "VN", OLD_CA_FROM, OLD_CA_TO, true};
    const struct mint_ca new = {"Viettel-CA", "Viettel Group", "Hà Nội", "VN", NEW_CA_FROM, NEW_CA_TO, false};
    MUST_OK(mint_ca(&old, w->old_key, &w->old_der));
    MUST_OK(mint_ca(&new, w->new_key, &w->new_der));
    MUST_OK(ca_open(buf_span(&w->old_der), &w->old_ca));
    MUST_OK(ca_open(buf_span(&w->new_der), &w->new_ca));
}

struct mint_subscriber pki_world_subscriber(const struct pki_world *w) {
    struct mint_subscriber sub = {
        .serial_len = sizeof sub_serial,
        .tax_code = "0100109106",
        .name = "CÔNG TY TNHH MẪU, CHI NHÁNH A",
        .province = "HÀ NỘI",
        .not_before = SUB_FROM,
        .not_after = OLD_CA_TO,
        .spki = buf_span(&w->sub_spki),
    };
    memcpy(sub.serial, sub_serial, sizeof sub_serial);
    return sub;
}

static void make_subscriber(struct pki_world *w) {
    MUST_OK(key_spki(w->sub_key, &w->sub_spki));
    const struct mint_subscriber sub = pki_world_subscriber(w);
    MUST_OK(mint_subscriber(&sub, w->old_key, ca_cert(w->old_ca), &w->sub_der));
    MUST_OK(cert_parse(buf_span(&w->sub_der), &w->sub));
}

void pki_world_open(struct pki_world *w) {
    struct tmp folder;
    *w = (struct pki_world){0};
    MUST_OK(digest_init());
    MUST_OK(tmp_make(&folder, NULL, "pki"));
    MUST_OK(text_set(w->dir, sizeof w->dir, folder.dir));
    w->old_key = make_key(w, "old.key");
    w->new_key = make_key(w, "new.key");
    w->sub_key = make_key(w, "sub.key");
    make_cas(w);
    make_subscriber(w);
    pki_world_put(w, "old.pem", buf_span(&w->old_der));
    pki_world_put(w, "new.pem", buf_span(&w->new_der));
    pki_world_put(w, "sub.pem", buf_span(&w->sub_der));
}

void pki_world_free(struct pki_world *w) {
    ca_free(w->old_ca);
    ca_free(w->new_ca);
    key_free(w->old_key);
    key_free(w->new_key);
    key_free(w->sub_key);
    buf_free(&w->old_der);
    buf_free(&w->new_der);
    buf_free(&w->sub_der);
    buf_free(&w->sub_spki);
    tmp_remove(w->dir);
    *w = (struct pki_world){0};
}

struct pki_world world;

int pki_world_setup(void **state) {
    (void)state;
    pki_world_open(&world);
    return 0;
}

int pki_world_teardown(void **state) {
    (void)state;
    pki_world_free(&world);
    return 0;
}

struct profile_input pki_world_input(const struct pki_world *w) {
    return (struct profile_input){.old_cert = &w->sub,
                                  .issuer = ca_cert(w->new_ca),
                                  .sig_alg = key_sig_alg(w->new_key),
                                  .serial = new_serial,
                                  .not_before = DRILL_NOW,
                                  .not_after = CONTRACT_END,
                                  .ocsp_url = OCSP_URL,
                                  .crl_url = CRL_URL};
}

struct profile_bounds pki_world_bounds(const struct pki_world *w) {
    return (struct profile_bounds){
        .old_cert = &w->sub, .issuer = ca_cert(w->new_ca), .latest_begin = INT64_MAX, .latest_end = CONTRACT_END};
}

void pki_world_issue(const struct pki_world *w, struct span tbs, struct buf *der) {
    AUTO(buf) signature = {0};
    MUST_OK(key_sign(w->new_key, tbs, &signature));
    MUST_OK(profile_join(tbs, key_sig_alg(w->new_key), buf_span(&signature), der));
}

struct span pki_world_kur(const struct pki_world *w, struct span old_cert, struct key *new_key, struct buf *message) {
    struct cmp_msg m;
    const struct kur k = {.old_cert = old_cert, .key = w->sub_key, .new_key = new_key};
    MUST_OK(kur_write(&k, message));
    MUST_OK(cmp_msg_parse(buf_span(message), &m));
    return m.core;
}

struct signer_terms pki_world_terms(void) {
    return (struct signer_terms){.ocsp_url = OCSP_URL,
                                 .crl_url = CRL_URL,
                                 .issued_before = DRILL_NOW,
                                 .ends_from = OLD_CA_TO - DAY_SECONDS,
                                 .ends_to = OLD_CA_TO,
                                 .clock_offset = DRILL_NOW - (int64_t)time(NULL)};
}
