/* Writes a renewed certificate's to-be-signed bytes: the old one's subject, key and purposes under the new CA. */
#include "pki/ca/profile.h"

#include <string.h>

#include "base/digest.h"
#include "pki/ca/tbs.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"

#define SERIAL_HEAD   0x43 /* first byte: positive, never zero, so that all serials have the same length */
#define SERIAL_MILLIS 6    /* bytes of time: until the year 10889 */
#define TBS_ROOM      2048 /* most certificates fit: one allocation */

void profile_serial(int64_t now_ms, uint8_t out[SERIAL_LEN]) {
    out[0] = SERIAL_HEAD;
    for (int i = 0; i < SERIAL_MILLIS; i++)
        out[1 + i] = (uint8_t)((uint64_t)now_ms >> 8 * (SERIAL_MILLIS - 1 - i));
    random_bytes(out + 1 + SERIAL_MILLIS, SERIAL_LEN - 1 - SERIAL_MILLIS);
}

/* The old identifier when the key stays, so that what referred to it still finds the key. */
static void write_ski(struct derw *w, const struct cert *old, struct span new_key_bits) {
    uint8_t id[SHA1_KEY_ID];
    if (new_key_bits.len == 0 && old->facts.ski_len > 0) {
        tbs_ext_ski(w, span_of(old->facts.ski, old->facts.ski_len));
        return;
    }
    tbs_key_id(new_key_bits.len == 0 ? old->key_bits : new_key_bits, id);
    tbs_ext_ski(w, span_of(id, sizeof id));
}

/* The old one's, and critical as RFC 5280 4.2.1.3 wants it. An EC key cannot encipher keys (RFC 5480 3). */
static enum rc key_usage(const struct cert *old, enum key_kind kind, uint16_t *bits) {
    enum rc rc = cert_key_usage(old, bits);
    if (rc != RC_NOT_FOUND)
        return rc;
    *bits = USAGE_DIGITAL_SIGNATURE | USAGE_NON_REPUDIATION | (kind == KEY_RSA ? USAGE_KEY_ENCIPHERMENT : 0);
    return RC_OK;
}

static void write_extensions(struct derw *w, const struct profile_input *in, const struct cert *key, uint16_t usage) {
    const struct cert *old = in->old_cert;
    const struct cert_facts *ca = &in->issuer->facts;
    const struct span copied[] = {OID_EKU, OID_SAN, OID_POLICIES}; /* as cert_ext_copied has them, in this order */
    if (in->ocsp_url[0] != '\0')
        tbs_ext_ocsp(w, in->ocsp_url);
    write_ski(w, old, key == old ? (struct span){0} : key->key_bits);
    tbs_ext_basic(w, false);
    tbs_ext_aki(w, span_of(ca->ski, ca->ski_len));
    if (in->crl_url[0] != '\0')
        tbs_ext_crl(w, in->crl_url, (struct span){0});
    tbs_ext_key_usage(w, usage);
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
        const struct cert_ext *e = cert_ext_find(old, copied[i]);
        if (e != NULL)
            derw_raw(w, e->whole);
    }
}

enum rc profile_tbs(const struct profile_input *in, struct buf *tbs) {
    struct cert new_key = {0};
    const struct cert *key = in->old_cert;
    if (in->spki.len > 0 && !span_eq(in->spki, in->old_cert->spki)) {
        struct der d = der_open(in->spki);
        TRY(cert_at("new key", cert_spki_read(&d, &new_key)));
        key = &new_key;
    }
    if (in->issuer->facts.ski_len == 0)
        FAIL(RC_INPUT, "the issuer has no subject key identifier");
    uint16_t usage = 0;
    TRY(cert_at("keyUsage", key_usage(in->old_cert, key->facts.key_kind, &usage)));
    AUTO(derw) w = {0};
    TRY(buf_reserve(&w.out, TBS_ROOM));
    tbs_begin(&w, &(struct tbs_head){
                      .serial = span_of(in->serial, SERIAL_LEN),
                      .sig_alg = in->sig_alg,
                      .issuer = in->issuer->subject,
                      .subject = in->old_cert->subject,
                      .spki = key->spki,
                      .not_before = in->not_before,
                      .not_after = in->not_after,
                  });
    write_extensions(&w, in, key, usage);
    tbs_end(&w);
    TRY(derw_end(&w));
    return buf_add_span(tbs, buf_span(&w.out));
}

enum rc profile_key(struct span tbs, struct span *spki) {
    struct cert c = {0};
    TRY(cert_tbs_parse(tbs, &c));
    *spki = c.spki;
    return RC_OK;
}

enum rc profile_join(struct span tbs, struct span sig_alg, struct span signature, struct buf *der) {
    AUTO(derw) w = {0};
    TRY(buf_reserve(&w.out, TBS_ROOM));
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, tbs);
    derw_raw(&w, sig_alg);
    derw_bits(&w, signature, 0);
    derw_close(&w);
    TRY(derw_end(&w));
    return buf_add_span(der, buf_span(&w.out));
}
