/* Judges the bytes about to be signed by what they say, not by how profile.c wrote them (RFC 5280). */
#include "pki/ca/profile.h"

#include <string.h>

#include "pki/ca/tbs.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"
#include "pki/key/pubkey.h"

#define TBS_LIMIT      (CERT_LIMIT - 2048) /* room for the largest signature */
#define NEW_RSA_MIN    2048
#define EMPTY_NAME     2
#define EXTENSIONS_TAG DER_CONTEXT_CONSTRUCTED(3)

struct subject {   /* of one check */
    struct cert c; /* what is to be signed */
    const struct profile_bounds *b;
};

static enum rc check_names(const struct subject *s) {
    const struct cert *old = s->b->old_cert;
    if (!span_eq(s->c.issuer, s->b->issuer->subject))
        FAIL(RC_REFUSED, "the issuer is not this CA");
    if (!span_eq(s->c.subject, old->subject))
        FAIL(RC_REFUSED, "the subject is not the old certificate's");
    if (s->c.subject.len <= EMPTY_NAME)
        FAIL(RC_REFUSED, "the subject is empty (RFC 5280 4.1.2.6)");
    if (old->facts.ca)
        FAIL(RC_REFUSED, "the old certificate is a CA's");
    return RC_OK;
}

static enum rc check_key(const struct subject *s) {
    const struct cert_facts *f = &s->c.facts;
    if (f->key_kind == KEY_OTHER)
        FAIL(RC_REFUSED, "a kind of key that is not issued");
    struct span asked = s->b->spki.len > 0 ? s->b->spki : s->b->old_cert->spki;
    if (!span_eq(s->c.spki, asked))
        FAIL(RC_REFUSED, "the key is not the one that was asked for (R5.9)");
    if (span_eq(asked, s->b->old_cert->spki))
        return RC_OK;
    if (f->key_kind == KEY_RSA && f->key_bits < NEW_RSA_MIN)
        FAIL(RC_REFUSED, "a new RSA key of %u bits, at least %d are wanted", f->key_bits, NEW_RSA_MIN);
    return RC_OK;
}

static enum rc check_window(const struct subject *s) {
    const struct cert_facts *f = &s->c.facts, *ca = &s->b->issuer->facts;
    if (f->not_before < ca->not_before || f->not_after > ca->not_after)
        FAIL(RC_REFUSED, "the window leaves the CA's own (R5.7)");
    if (f->not_after > s->b->latest_end)
        FAIL(RC_REFUSED, "the window ends after the contract (R5.7)");
    if (f->not_before < s->b->earliest_begin)
        FAIL(RC_REFUSED, "the window begins before the programme");
    if (f->not_before > s->b->latest_begin)
        FAIL(RC_REFUSED, "the window begins in the future");
    if (f->not_before >= f->not_after)
        FAIL(RC_REFUSED, "the window is empty");
    return RC_OK;
}

static enum rc check_shape(const struct subject *s) {
    struct span serial = s->c.serial;
    if (serial.len != SERIAL_LEN || serial.ptr[0] == 0)
        FAIL(RC_REFUSED, "the serial number has not the shape of ours: %d bytes, positive", SERIAL_LEN);
    if (!span_eq(s->c.sig_alg, sig_alg_of(s->b->issuer->facts.key_kind, HASH_SHA256)))
        FAIL(RC_REFUSED, "the signature algorithm is not the CA's with SHA-256");
    if (s->c.ext_count == 0 || s->c.spki.ptr[s->c.spki.len] != EXTENSIONS_TAG)
        FAIL(RC_REFUSED, "after the key come extensions and nothing else (RFC 5280 4.1.2.8)");
    return RC_OK;
}

/* `wanted`: NULL any. */
static enum rc check_url(struct der *d, const char *wanted) {
    struct der_item url;
    TRY(der_take(d, DER_CONTEXT(6), &url));
    if ((url.value.len < 8 || memcmp(url.value.ptr, "http://", 7) != 0) &&
        (url.value.len < 9 || memcmp(url.value.ptr, "https://", 8) != 0))
        FAIL(RC_REFUSED, "no http address");
    if (wanted != NULL && !span_eq_str(url.value, wanted))
        FAIL(RC_REFUSED, "another address than the campaign's");
    return der_end(d);
}

/* Exactly one address of an OCSP responder. */
static enum rc check_ocsp(const struct subject *s, const struct cert_ext *e) {
    struct der d = der_open(e->value), list, access;
    struct span method;
    TRY(der_enter(&d, DER_SEQUENCE, &list));
    TRY(der_enter(&list, DER_SEQUENCE, &access));
    TRY(der_end(&list));
    TRY(der_oid(&access, &method));
    if (!span_eq(method, OID_AD_OCSP))
        FAIL(RC_REFUSED, "not an OCSP address");
    return check_url(&access, s->b->ocsp_url);
}

/* Exactly one full name, one address, no reasons and no cRLIssuer: the defect of 2018 is not repeated. */
static enum rc check_crl(const struct subject *s, const struct cert_ext *e) {
    struct der d = der_open(e->value), list, point, name, full;
    TRY(der_enter(&d, DER_SEQUENCE, &list));
    TRY(der_enter(&list, DER_SEQUENCE, &point));
    TRY(der_end(&list));
    TRY(der_enter(&point, DER_CONTEXT_CONSTRUCTED(0), &name));
    TRY(der_end(&point));
    TRY(der_enter(&name, DER_CONTEXT_CONSTRUCTED(0), &full));
    TRY(der_end(&name));
    return check_url(&full, s->b->crl_url);
}

static enum rc check_ski(const struct subject *s, const struct cert_ext *e) {
    (void)e;
    const struct cert_facts *f = &s->c.facts, *old = &s->b->old_cert->facts;
    uint8_t id[SHA1_KEY_ID];
    struct span have = span_of(f->ski, f->ski_len);
    tbs_key_id(s->c.key_bits, id);
    if (span_eq(have, span_of(id, sizeof id)))
        return RC_OK;
    if (!span_eq(s->c.spki, s->b->old_cert->spki) || !span_eq(have, span_of(old->ski, old->ski_len)))
        FAIL(RC_REFUSED, "it names another key");
    return RC_OK;
}

static enum rc check_basic(const struct subject *s, const struct cert_ext *e) {
    (void)s;
    return span_eq(e->value, OID("\x30\x00")) ? RC_OK : err_set(RC_REFUSED, "it is not empty: no CA is made here");
}

static enum rc check_aki(const struct subject *s, const struct cert_ext *e) {
    const struct cert_facts *f = &s->c.facts, *ca = &s->b->issuer->facts;
    bool only_key_id = e->value.len == 4u + f->aki_len; /* SEQUENCE and [0], two bytes each */
    if (!only_key_id || !span_eq(span_of(f->aki, f->aki_len), span_of(ca->ski, ca->ski_len)))
        FAIL(RC_REFUSED, "it is not the CA's key identifier alone");
    return RC_OK;
}

static enum rc check_key_usage(const struct subject *s, const struct cert_ext *e) {
    uint16_t bits, had;
    (void)e;
    TRY(cert_key_usage(&s->c, &bits));
    if (bits & USAGE_CA_ONLY)
        FAIL(RC_REFUSED, "it lets the key sign certificates or CRLs");
    enum rc rc = cert_key_usage(s->b->old_cert, &had);
    if (rc == RC_NOT_FOUND ? (bits & ~(USAGE_DIGITAL_SIGNATURE | USAGE_NON_REPUDIATION | USAGE_KEY_ENCIPHERMENT)) != 0
                           : rc != RC_OK || bits != had)
        FAIL(RC_REFUSED, "it is not the old certificate's");
    return RC_OK;
}

/* Taken over bytes and criticality as they were: dropping one could widen what the key is for. */
static enum rc check_copies(const struct subject *s) {
    for (size_t i = 0; i < s->b->old_cert->ext_count; i++) {
        const struct cert_ext *had = &s->b->old_cert->ext[i], *now = cert_ext_find(&s->c, had->oid);
        if (cert_ext_copied(had->oid) && (now == NULL || !span_eq(now->whole, had->whole)))
            FAIL(RC_REFUSED, "a purpose, name or policy of the old certificate is missing or changed");
    }
    for (size_t i = 0; i < s->c.ext_count; i++)
        if (cert_ext_copied(s->c.ext[i].oid) && cert_ext_find(s->b->old_cert, s->c.ext[i].oid) == NULL)
            FAIL(RC_REFUSED, "a purpose, name or policy that the old certificate did not have");
    return RC_OK;
}

static bool wanted(const char *url) {
    return url != NULL && url[0] != '\0';
}

static enum rc check_extensions(const struct subject *s) {
    const struct {
        const char *name;
        struct span oid;
        bool required, critical;
        enum rc (*check)(const struct subject *s, const struct cert_ext *e);
    } rules[] = {
        {"authorityInfoAccess", OID_AIA, wanted(s->b->ocsp_url), false, check_ocsp},
        {"subjectKeyIdentifier", OID_SKI, true, false, check_ski},
        {"basicConstraints", OID_BASIC, true, true, check_basic},
        {"authorityKeyIdentifier", OID_AKI, true, false, check_aki},
        {"cRLDistributionPoints", OID_CRL_POINTS, wanted(s->b->crl_url), false, check_crl},
        {"keyUsage", OID_KEY_USAGE, true, true, check_key_usage},
    };
    size_t known = 0;
    for (size_t i = 0; i < s->c.ext_count; i++)
        known += cert_ext_copied(s->c.ext[i].oid);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct cert_ext *e = cert_ext_find(&s->c, rules[i].oid);
        if (e == NULL && rules[i].required)
            FAIL(RC_REFUSED, "%s is missing", rules[i].name);
        if (e == NULL)
            continue;
        if (e->critical != rules[i].critical)
            FAIL(RC_REFUSED, "%s must %sbe critical (RFC 5280 4.2)", rules[i].name, e->critical ? "not " : "");
        TRY(cert_at(rules[i].name, rules[i].check(s, e)));
        known++;
    }
    if (known != s->c.ext_count)
        FAIL(RC_REFUSED, "an extension that is not issued here");
    return RC_OK;
}

static enum rc check(struct span tbs, struct subject *s) {
    if (tbs.len > TBS_LIMIT)
        FAIL(RC_REFUSED, "%zu bytes, at most %d are signed", tbs.len, TBS_LIMIT);
    TRY(cert_tbs_parse(tbs, &s->c));
    for (int i = 0; i < ODD_COUNT; i++) /* the old one may be odd; what is signed is as RFC 5280 has it */
        if (s->c.facts.odd >> i & 1)
            FAIL(RC_REFUSED, "%s is not as RFC 5280 has it", oddity_name((enum oddity)i));
    TRY(check_names(s));
    TRY(check_key(s));
    TRY(check_window(s));
    TRY(check_shape(s));
    TRY(check_copies(s));
    return check_extensions(s);
}

enum rc profile_check(struct span tbs, const struct profile_bounds *b) {
    struct subject s = {.b = b};
    enum rc rc = check(tbs, &s);
    return rc == RC_OK ? RC_OK : err_in(RC_REFUSED, "not signed");
}
