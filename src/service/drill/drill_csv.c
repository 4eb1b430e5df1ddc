/* Certificates and rows of a drill's import file. */
#include "service/drill/drill_csv.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "base/hex.h"
#include "pki/cert/spki.h"
#include "service/csv/csv.h"
#include "service/intake/nfc.h"
#include "service/site/conf.h"
#include "service/site/setup_ca.h"

#define CA_BITS   2048
#define OTHER_KEY "other-ca.key"

void drill_ca_free(struct drill_ca *ca) {
    key_free(MOVE(ca->key));
    key_free(MOVE(ca->other_key));
    buf_free(&ca->der);
    buf_free(&ca->other_der);
}

/* A CA of the same name with another key, kept beside the first so that the same seed gives the same file again. */
static enum rc other_open(const struct site *s, struct drill_ca *ca) {
    char path[PATH_CAP];
    const struct cert_facts *old = &ca->cert.facts;
    struct mint_ca like = {.country = "VN",
                           .organisation = "Viettel Group",
                           .common_name = "Viettel-CA",
                           .not_before = old->not_before,
                           .not_after = old->not_after,
                           .sha1 = true};

    TRY(fs_join(path, s->conf.dir, OTHER_KEY));
    TRY(fs_exists(path) ? key_open_file(path, &ca->other_key) : key_make_file(path, CA_BITS, &ca->other_key));
    TRY(mint_ca(&like, ca->other_key, &ca->other_der));
    return cert_parse(buf_span(&ca->other_der), &ca->other_cert);
}

enum rc drill_ca_open(const struct site *s, struct drill_ca *out) {
    char path[PATH_CAP];
    AUTO(drill_ca) ca = {0};

    if (!s->conf.drill)
        FAIL(RC_REFUSED, "%s is a real installation: a drill wants one of its own, made with capbuctl init --drill",
             s->conf.dir);
    TRY(fs_join(path, s->conf.dir, SETUP_OLD_CA_KEY));
    if (!fs_exists(path))
        FAIL(RC_NOT_FOUND, "%s has no drill CA: it was made with --old-ca, whose key nobody here has", s->conf.dir);
    TRY(key_open_file(path, &ca.key));
    TRY(buf_set(&ca.der, buf_span(&s->old_ca_der)));
    TRY(cert_parse(buf_span(&ca.der), &ca.cert));
    TRY(other_open(s, &ca));
    *out = ca;
    ca = (struct drill_ca){0};
    return RC_OK;
}

void drill_modulus(uint64_t key_seed, uint8_t *out, size_t len) {
    for (size_t i = 0; i < len; i += 8) {
        uint64_t word = drill_next(&key_seed);
        memcpy(out + i, &word, len - i < 8 ? len - i : 8);
    }
    out[0] |= 0x80;
    out[len - 1] |= 1;
}

enum rc drill_certificate(const struct drill_ca *ca, const struct drill_person *p, struct span modulus,
                          struct buf *der) {
    bool other = p->kind == DRILL_OTHER_CA;
    AUTO(buf) spki = {0};
    AUTO(buf) province = {0};

    TRY(nfc_upper(span_str(p->province->name), &province)); /* L=HÀ NỘI: domain.md, subscriber profile */
    struct mint_subscriber in = {.serial_len = sizeof p->serial,
                                 .tax_code = p->tax_code,
                                 .name = p->name,
                                 .province = buf_str(&province),
                                 .not_before = p->not_before,
                                 .not_after = p->not_after};
    TRY(spki_rsa(modulus, &spki));
    in.spki = buf_span(&spki);
    memcpy(in.serial, p->serial, sizeof p->serial);
    return mint_subscriber(&in, other ? ca->other_key : ca->key, other ? &ca->other_cert : &ca->cert, der);
}

enum rc drill_csv_header(struct buf *out) {
    return buf_add_str(
        out, "contract,tax_code,name,province,device,contract_from,contract_to,status,token_serial,email,phone,am,"
             "certificate\n");
}

static const char *status_of(const struct drill_person *p) {
    return status_name(p->kind == DRILL_SUSPENDED ? STATUS_SUSPENDED
                       : p->kind == DRILL_REVOKED ? STATUS_REVOKED
                                                  : STATUS_ACTIVE);
}

enum rc drill_csv_row(const struct drill_person *p, struct span der, struct buf *out) {
    char from[DAY_TEXT], to[DAY_TEXT], province[4];
    AUTO(buf) b64 = {0};

    day_format(p->contract_from, from);
    day_format(p->contract_to, to);
    (void)snprintf(province, sizeof province, "%02u", (unsigned)p->province->code % 100);
    TRY(b64_to(der, &b64));
    const char *cells[] = {p->contract, p->tax_code, p->name,      province,        device_name(p->device),
                           from,        to,          status_of(p), p->token_serial, p->email,
                           p->phone,    p->am,       buf_str(&b64)};
    return csv_row(out, cells, sizeof cells / sizeof cells[0]);
}
