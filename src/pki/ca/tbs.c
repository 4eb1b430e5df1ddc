/* Writes the fields and extensions of a certificate with base/der.h, the same way for issuing and for drills. */
#include "pki/ca/tbs.h"

#include <string.h>

#include "pki/cert/oid.h"
#include "pki/key/pubkey.h"

void tbs_begin(struct derw *w, const struct tbs_head *h) {
    derw_open(w, DER_SEQUENCE);
    derw_open(w, DER_CONTEXT_CONSTRUCTED(0));
    derw_small(w, 2); /* version 3 */
    derw_close(w);
    derw_integer(w, h->serial);
    derw_raw(w, h->sig_alg);
    derw_raw(w, h->issuer);
    derw_open(w, DER_SEQUENCE);
    derw_time(w, h->not_before);
    derw_time(w, h->not_after);
    derw_close(w);
    derw_raw(w, h->subject);
    derw_raw(w, h->spki);
    derw_open(w, DER_CONTEXT_CONSTRUCTED(3));
    derw_open(w, DER_SEQUENCE);
}

void tbs_end(struct derw *w) {
    derw_close(w);
    derw_close(w);
    derw_close(w);
}

/* X.680 41.4. */
static bool printable(const char *text) {
    for (; *text != '\0'; text++) {
        bool alnum = (*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9');
        if (!alnum && strchr(" '()+,-./:=?", *text) == NULL)
            return false;
    }
    return true;
}

void tbs_name_attr(struct derw *w, struct span oid, const char *text) {
    if (text == NULL)
        return;
    derw_open(w, DER_SET);
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, oid);
    derw_put(w, printable(text) ? DER_PRINTABLE_STRING : DER_UTF8_STRING, span_str(text));
    derw_close(w);
    derw_close(w);
}

void tbs_ext_open(struct derw *w, struct span oid, bool critical) {
    static const uint8_t yes = 0xff;
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, oid);
    if (critical)
        derw_put(w, DER_BOOLEAN, span_of(&yes, 1));
    derw_open(w, DER_OCTET_STRING);
}

void tbs_ext_close(struct derw *w) {
    derw_close(w);
    derw_close(w);
}

void tbs_ext_ocsp(struct derw *w, const char *url) {
    tbs_ext_open(w, OID_AIA, false);
    derw_open(w, DER_SEQUENCE);
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, OID_AD_OCSP);
    derw_put(w, DER_CONTEXT(6), span_str(url));
    derw_close(w);
    derw_close(w);
    tbs_ext_close(w);
}

void tbs_ext_ski(struct derw *w, struct span id) {
    tbs_ext_open(w, OID_SKI, false);
    derw_put(w, DER_OCTET_STRING, id);
    tbs_ext_close(w);
}

void tbs_ext_aki(struct derw *w, struct span id) {
    tbs_ext_open(w, OID_AKI, false);
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_CONTEXT(0), id);
    derw_close(w);
    tbs_ext_close(w);
}

void tbs_ext_basic(struct derw *w, bool ca) {
    static const uint8_t yes = 0xff;
    tbs_ext_open(w, OID_BASIC, true);
    derw_open(w, DER_SEQUENCE);
    if (ca) {
        derw_put(w, DER_BOOLEAN, span_of(&yes, 1));
        derw_small(w, 0);
    }
    derw_close(w);
    tbs_ext_close(w);
}

void tbs_ext_key_usage(struct derw *w, uint16_t ku_bits) {
    tbs_ext_open(w, OID_KEY_USAGE, true);
    uint8_t bytes[] = {(uint8_t)ku_bits, (uint8_t)(ku_bits >> 8)};
    size_t len = bytes[1] != 0 ? 2 : 1;
    derw_bits(w, span_of(bytes, len), (uint8_t)__builtin_ctz(bytes[len - 1] | 0x100u));
    tbs_ext_close(w);
}

void tbs_ext_eku(struct derw *w, const struct span *purposes, size_t count) {
    tbs_ext_open(w, OID_EKU, false);
    derw_open(w, DER_SEQUENCE);
    for (size_t i = 0; i < count; i++)
        derw_put(w, DER_OID, purposes[i]);
    derw_close(w);
    tbs_ext_close(w);
}

void tbs_ext_crl(struct derw *w, const char *url, struct span crl_issuer) {
    tbs_ext_open(w, OID_CRL_POINTS, false);
    derw_open(w, DER_SEQUENCE);
    derw_open(w, DER_SEQUENCE);
    derw_open(w, DER_CONTEXT_CONSTRUCTED(0)); /* distributionPoint */
    derw_open(w, DER_CONTEXT_CONSTRUCTED(0)); /* fullName */
    derw_put(w, DER_CONTEXT(6), span_str(url));
    derw_close(w);
    derw_close(w);
    if (crl_issuer.len > 0) {
        derw_open(w, DER_CONTEXT_CONSTRUCTED(2));
        derw_open(w, DER_CONTEXT_CONSTRUCTED(4));
        derw_raw(w, crl_issuer);
        derw_close(w);
        derw_close(w);
    }
    derw_close(w);
    derw_close(w);
    tbs_ext_close(w);
}

void tbs_key_id(struct span key_bits, uint8_t out[SHA1_KEY_ID]) {
    struct digest d;
    digest_of(HASH_SHA1, key_bits, &d);
    memcpy(out, d.bytes, SHA1_KEY_ID);
}
