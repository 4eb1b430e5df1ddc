/* Makes the certificates of a drill and of the server itself: built with the same pieces as the renewed ones. */
#include "pki/ca/mint.h"

#include <arpa/inet.h>
#include <string.h>

#include "pki/ca/profile.h"
#include "pki/ca/tbs.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"
#include "pki/key/key_in.h"

#define DRILL_OCSP "http://ocsp.viettel-ca.vn"
#define DRILL_CRL  "http://crl.viettel-ca.vn/Viettel-CA.crl"

static enum hash hash_for(const struct key *k, bool sha1) {
    return sha1 && k->pub.facts.key_kind == KEY_RSA ? HASH_SHA1 : HASH_SHA256;
}

static struct span alg_for(const struct key *k, enum hash h) {
    return sig_alg_of(k->pub.facts.key_kind, h);
}

/* Closes the TBSCertificate in `w` and signs it. */
static enum rc finish(struct derw *w, struct key *signing, enum hash h, struct buf *der) {
    AUTO(buf) signature = {0};
    tbs_end(w);
    TRY(derw_end(w));
    TRY(key_sign_hash(signing, h, buf_span(&w->out), &signature));
    return profile_join(buf_span(&w->out), alg_for(signing, h), buf_span(&signature), der);
}

static void ext_own_ski(struct derw *w, const struct key *k) {
    uint8_t id[SHA1_KEY_ID];
    tbs_key_id(k->pub.key_bits, id);
    tbs_ext_ski(w, span_of(id, sizeof id));
}

enum rc mint_ca(const struct mint_ca *in, struct key *k, struct buf *der) {
    AUTO(derw) name = {0};
    AUTO(derw) w = {0};
    uint8_t serial[SERIAL_LEN];
    enum hash hash = hash_for(k, in->sha1);
    derw_open(&name, DER_SEQUENCE);
    tbs_name_attr(&name, OID_C, in->country);
    tbs_name_attr(&name, OID_L, in->locality);
    tbs_name_attr(&name, OID_O, in->organisation);
    tbs_name_attr(&name, OID_CN, in->common_name);
    derw_close(&name);
    TRY(derw_end(&name));
    profile_serial(in->not_before * 1000, serial);
    tbs_begin(&w, &(struct tbs_head){span_of(serial, sizeof serial), alg_for(k, hash), buf_span(&name.out),
                                     buf_span(&name.out), buf_span(&k->spki), in->not_before, in->not_after});
    tbs_ext_key_usage(&w, USAGE_DIGITAL_SIGNATURE | USAGE_CERT_SIGN | USAGE_CRL_SIGN);
    tbs_ext_basic(&w, true);
    ext_own_ski(&w, k);
    return finish(&w, k, hash, der);
}

/* Is it an address? Then 4 or 16 bytes of it. */
static size_t address_of(const char *host, uint8_t out[16]) {
    return inet_pton(AF_INET, host, out) == 1 ? 4 : inet_pton(AF_INET6, host, out) == 1 ? 16 : 0;
}

static void put_host(struct derw *w, const char *host) {
    uint8_t address[16];
    size_t len = address_of(host, address);
    if (len > 0)
        derw_put(w, DER_CONTEXT(7), span_of(address, len));
    else
        derw_put(w, DER_CONTEXT(2), span_str(host));
}

enum rc mint_tls(struct key *k, const char *host, int64_t not_before, int64_t not_after, struct buf *der) {
    AUTO(derw) name = {0};
    AUTO(derw) w = {0};
    uint8_t serial[SERIAL_LEN];
    enum hash hash = hash_for(k, false);
    bool other = host[0] != '\0' && strcmp(host, "localhost") != 0 && strcmp(host, "127.0.0.1") != 0;
    derw_open(&name, DER_SEQUENCE);
    tbs_name_attr(&name, OID_CN, other ? host : "localhost");
    derw_close(&name);
    TRY(derw_end(&name));
    profile_serial(not_before * 1000, serial);
    tbs_begin(&w, &(struct tbs_head){span_of(serial, sizeof serial), alg_for(k, hash), buf_span(&name.out),
                                     buf_span(&name.out), buf_span(&k->spki), not_before, not_after});
    tbs_ext_basic(&w, false);
    tbs_ext_key_usage(&w, USAGE_DIGITAL_SIGNATURE);
    tbs_ext_eku(&w, (const struct span[]){OID_EKU_SERVER_AUTH}, 1);
    ext_own_ski(&w, k);
    tbs_ext_open(&w, OID_SAN, false);
    derw_open(&w, DER_SEQUENCE);
    put_host(&w, "localhost");
    put_host(&w, "127.0.0.1");
    if (other)
        put_host(&w, host);
    derw_close(&w);
    tbs_ext_close(&w);
    return finish(&w, k, hash, der);
}

static void ext_aki_of(struct derw *w, const struct cert *ca) {
    tbs_ext_aki(w, span_of(ca->facts.ski, ca->facts.ski_len));
}

struct office { /* what a key of the registration authority is for */
    const char *common_name;
    struct span purposes[2];
    size_t count;
};

static enum rc mint_office(const struct office *o, struct key *ca_key, const struct cert *ca, struct key *k,
                           int64_t not_before, int64_t not_after, struct buf *der) {
    AUTO(derw) name = {0};
    AUTO(derw) w = {0};
    uint8_t serial[SERIAL_LEN];
    enum hash hash = hash_for(ca_key, false);
    derw_open(&name, DER_SEQUENCE);
    tbs_name_attr(&name, OID_C, "VN");
    tbs_name_attr(&name, OID_CN, o->common_name);
    derw_close(&name);
    TRY(derw_end(&name));
    profile_serial(not_before * 1000, serial);
    tbs_begin(&w, &(struct tbs_head){span_of(serial, sizeof serial), alg_for(ca_key, hash), ca->subject,
                                     buf_span(&name.out), buf_span(&k->spki), not_before, not_after});
    ext_own_ski(&w, k);
    tbs_ext_basic(&w, false);
    ext_aki_of(&w, ca);
    tbs_ext_key_usage(&w, USAGE_DIGITAL_SIGNATURE);
    tbs_ext_eku(&w, o->purposes, o->count);
    return finish(&w, ca_key, hash, der);
}

enum rc mint_cmp(struct key *ca_key, const struct cert *ca, struct key *k, int64_t not_before, int64_t not_after,
                 struct buf *der) {
    const struct office cmp = {"capbu CMP", {OID_EKU_CMC_RA}, 1};
    return mint_office(&cmp, ca_key, ca, k, not_before, not_after, der);
}

enum rc mint_publisher(struct key *ca_key, const struct cert *ca, struct key *k, int64_t not_before, int64_t not_after,
                       struct buf *der) {
    const struct office publisher = {"capbu token models", {OID_EKU_CMC_RA, OID_EKU_CODE_SIGNING}, 2};
    return mint_office(&publisher, ca_key, ca, k, not_before, not_after, der);
}

/* The defect of 2018's certificates: the CRL issuer's name with its parts in reverse order. */
static enum rc reverse_name(struct span name, struct derw *out) {
    struct der outer = der_open(name), rdns;
    TRY(der_enter(&outer, DER_SEQUENCE, &rdns));
    AUTO(buf) reversed = {0};
    while (!der_empty(&rdns)) {
        struct der_item rdn;
        AUTO(buf) longer = {0};
        TRY(der_take(&rdns, DER_SET, &rdn));
        TRY(buf_add_span(&longer, rdn.whole));
        TRY(buf_add_span(&longer, buf_span(&reversed)));
        TRY(buf_set(&reversed, buf_span(&longer)));
    }
    derw_put(out, DER_SEQUENCE, buf_span(&reversed));
    return derw_end(out);
}

static enum rc subscriber_name(const struct mint_subscriber *in, struct derw *name) {
    AUTO(buf) uid = {0};
    TRY(buf_printf(&uid, "MST:%s", in->tax_code));
    derw_open(name, DER_SEQUENCE);
    tbs_name_attr(name, OID_UID, buf_str(&uid));
    tbs_name_attr(name, OID_CN, in->name);
    tbs_name_attr(name, OID_L, in->province);
    tbs_name_attr(name, OID_C, "VN");
    derw_close(name);
    return derw_end(name);
}

enum rc mint_subscriber(const struct mint_subscriber *in, struct key *ca_key, const struct cert *ca, struct buf *der) {
    AUTO(derw) name = {0};
    AUTO(derw) crl_issuer = {0};
    AUTO(derw) w = {0};
    uint8_t id[SHA1_KEY_ID];
    struct cert key = {0};
    struct der spki = der_open(in->spki);
    enum hash hash = hash_for(ca_key, true);
    TRY(cert_spki_read(&spki, &key));
    TRY(subscriber_name(in, &name));
    TRY(reverse_name(ca->subject, &crl_issuer));
    tbs_key_id(key.key_bits, id);
    tbs_begin(&w, &(struct tbs_head){span_of(in->serial, in->serial_len), alg_for(ca_key, hash), ca->subject,
                                     buf_span(&name.out), in->spki, in->not_before, in->not_after});
    tbs_ext_ocsp(&w, DRILL_OCSP);
    tbs_ext_ski(&w, span_of(id, sizeof id));
    tbs_ext_basic(&w, false);
    if (!in->no_aki)
        ext_aki_of(&w, ca);
    tbs_ext_crl(&w, DRILL_CRL, buf_span(&crl_issuer.out));
    tbs_ext_key_usage(&w, USAGE_DIGITAL_SIGNATURE | USAGE_NON_REPUDIATION | USAGE_KEY_ENCIPHERMENT);
    return finish(&w, ca_key, hash, der);
}
