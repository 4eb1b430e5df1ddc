/* Reads a certificate field by field, strictly and without copying (RFC 5280 4.1). */
#include "pki/cert/cert.h"

#include <string.h>

#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"

#define RSA_BITS_MAX     16384
#define RSA_EXPONENT_MAX 8  /* bytes: longer ones only make verification slow */
#define SERIAL_LAWFUL    20 /* bytes, RFC 5280 4.1.2.2 */
#define VERSION_1        0
#define VERSION_3        2
#define UTC_TIME_LEN     13 /* YYMMDDhhmmssZ */

/* [0] EXPLICIT INTEGER DEFAULT v1: DER leaves the default out. */
static enum rc read_version(struct der *d, int64_t *version, struct cert *c) {
    *version = VERSION_1;
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(0)))
        return RC_OK;
    struct der inside;
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(0), &inside));
    TRY(der_small(&inside, version));
    if (*version != VERSION_3)
        cert_odd(c, ODD_VERSION);
    return der_end(&inside);
}

static enum rc read_serial(struct der *d, struct cert *c) {
    struct der ahead = *d;
    struct der_item item;
    TRY(der_take(&ahead, DER_INTEGER, &item));
    TRY(der_integer(d, &c->serial));
    if (c->serial.len > SERIAL_MAX)
        FAIL(RC_INPUT, "%zu bytes, at most %d are read", c->serial.len, SERIAL_MAX);
    bool negative = (c->serial.ptr[0] & 0x80) != 0;
    if (negative || c->serial.len - (c->serial.ptr[0] == 0) > SERIAL_LAWFUL)
        cert_odd(c, ODD_SERIAL);
    c->serial_der = item.whole;
    memcpy(c->facts.serial, c->serial.ptr, c->serial.len);
    c->facts.serial_len = (uint8_t)c->serial.len;
    return RC_OK;
}

enum rc cert_alg_read(struct der *d, struct span *whole, struct span *oid, struct span *params) {
    struct der_item item;
    TRY(der_take(d, DER_SEQUENCE, &item));
    struct der inside = der_open(item.value);
    TRY(der_oid(&inside, oid));
    *params = inside.rest;
    if (!der_empty(&inside)) {
        struct der_item param;
        TRY(der_any(&inside, &param));
        struct der ahead = der_open(param.whole);
        struct span curve;
        if (param.tag == DER_NULL  ? param.value.len != 0
            : param.tag == DER_OID ? der_oid(&ahead, &curve) != RC_OK
                                   : param.tag != DER_SEQUENCE)
            FAIL(RC_INPUT, "parameters of tag 0x%02x and %zu bytes", param.tag, param.value.len);
    }
    *whole = item.whole;
    return der_end(&inside);
}

/* A GeneralizedTime before 2050 is not what RFC 5280 4.1.2.5 has, and says what it means: as the UTCTime that it should
   be. Any other time is read as it should be. */
static enum rc read_time(struct der *d, int64_t *instant, struct cert *c) {
    uint8_t utc[UTC_TIME_LEN + 2] = {DER_UTC_TIME, UTC_TIME_LEN};
    struct der ahead = *d, again = der_open(span_of(utc, sizeof utc));
    struct der_item item;
    if (!der_next_is(d, DER_GENERALIZED_TIME))
        return der_time(d, instant);
    TRY(der_any(&ahead, &item));
    const uint8_t *p = item.value.ptr;
    bool century = item.value.len == UTC_TIME_LEN + 2 &&
                   ((memcmp(p, "20", 2) == 0 && p[2] < '5') || (memcmp(p, "19", 2) == 0 && p[2] >= '5'));
    if (!century)
        return der_time(d, instant);
    memcpy(utc + 2, p + 2, UTC_TIME_LEN);
    TRY(der_time(&again, instant));
    cert_odd(c, ODD_TIME);
    *d = ahead;
    return RC_OK;
}

static enum rc read_validity(struct der *d, struct cert *c) {
    struct der inside;
    TRY(der_enter(d, DER_SEQUENCE, &inside));
    TRY(cert_at("notBefore", read_time(&inside, &c->facts.not_before, c)));
    TRY(cert_at("notAfter", read_time(&inside, &c->facts.not_after, c)));
    if (c->facts.not_after < c->facts.not_before)
        FAIL(RC_INPUT, "it ends before it begins");
    return der_end(&inside);
}

/* An unsigned INTEGER without its sign byte. */
static enum rc read_unsigned(struct der *d, struct span *magnitude) {
    TRY(der_integer(d, magnitude));
    if (magnitude->ptr[0] & 0x80)
        FAIL(RC_INPUT, "negative number");
    if (magnitude->ptr[0] == 0)
        *magnitude = span_of(magnitude->ptr + 1, magnitude->len - 1);
    return RC_OK;
}

static enum rc read_rsa(struct span params, struct cert *c) {
    if (params.len != 2 || params.ptr[0] != DER_NULL)
        FAIL(RC_INPUT, "an RSA key's parameters must be NULL");
    struct der bits = der_open(c->key_bits), inside;
    TRY(der_enter(&bits, DER_SEQUENCE, &inside));
    TRY(der_end(&bits));
    TRY(read_unsigned(&inside, &c->modulus));
    TRY(read_unsigned(&inside, &c->exponent));
    TRY(der_end(&inside));
    size_t n = c->modulus.len, e = c->exponent.len;
    if (n == 0 || n > RSA_BITS_MAX / 8 || (c->modulus.ptr[n - 1] & 1) == 0)
        FAIL(RC_INPUT, "an RSA modulus of %zu bytes that cannot be one", n);
    if (e == 0 || e > RSA_EXPONENT_MAX || (c->exponent.ptr[e - 1] & 1) == 0 || (e == 1 && c->exponent.ptr[0] == 1))
        FAIL(RC_INPUT, "an RSA exponent of %zu bytes that cannot be one", e);
    c->facts.key_kind = KEY_RSA;
    c->facts.key_bits = (uint16_t)(n * 8 - (size_t)__builtin_clz(c->modulus.ptr[0]) + 24);
    return RC_OK;
}

static enum rc read_ec(struct span params, struct cert *c) {
    const struct {
        struct span oid;
        uint16_t bits;
    } curves[] = {{OID_P256, 256}, {OID_P384, 384}, {OID_P521, 521}};
    struct der d = der_open(params);
    if (der_oid(&d, &c->curve) != RC_OK)
        FAIL(RC_INPUT, "an EC key without a named curve (RFC 5480 2.1.1)");
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (!span_eq(c->curve, curves[i].oid))
            continue;
        size_t bytes = (curves[i].bits + 7u) / 8;
        if (c->key_bits.len != 1 + 2 * bytes || c->key_bits.ptr[0] != 0x04)
            FAIL(RC_INPUT, "an EC point that is not an uncompressed one of P-%u", curves[i].bits);
        c->facts.key_kind = KEY_EC;
        c->facts.key_bits = curves[i].bits;
        c->point = c->key_bits;
    }
    return RC_OK; /* another curve: KEY_OTHER, nothing of ours verifies with it */
}

/* What a key of either kind is made of; nothing of another. */
static enum rc read_key(struct span oid, struct span params, struct cert *c) {
    c->facts.key_kind = KEY_OTHER;
    if (span_eq(oid, OID_RSA))
        return read_rsa(params, c);
    return span_eq(oid, OID_EC) ? read_ec(params, c) : RC_OK;
}

static enum rc read_spki(struct der *d, struct cert *c, struct span *oid, struct span *params) {
    struct der_item item;
    struct span alg;
    uint8_t unused;
    TRY(der_take(d, DER_SEQUENCE, &item));
    struct der inside = der_open(item.value);
    TRY(cert_alg_read(&inside, &alg, oid, params));
    TRY(der_bits(&inside, &c->key_bits, &unused));
    TRY(der_end(&inside));
    if (unused != 0)
        FAIL(RC_INPUT, "%u unused bits", unused);
    c->spki = item.whole;
    return RC_OK;
}

enum rc cert_spki_read(struct der *d, struct cert *c) {
    struct span oid, params;
    TRY(read_spki(d, c, &oid, &params));
    return read_key(oid, params, c);
}

/* A key that cannot be one is nobody's: nothing of ours verifies with it, and the certificate is still there. */
static enum rc read_own_key(struct der *d, struct cert *c) {
    struct span oid, params, none = {0};
    TRY(read_spki(d, c, &oid, &params));
    if (read_key(oid, params, c) == RC_OK)
        return RC_OK;
    c->facts.key_kind = KEY_OTHER;
    c->modulus = c->exponent = c->point = c->curve = none;
    cert_odd(c, ODD_KEY);
    return RC_OK;
}

/* issuerUniqueID [1], subjectUniqueID [2]: nobody uses them, some old certificates have them. */
static enum rc skip_unique_ids(struct der *d, int64_t version, struct cert *c) {
    for (uint8_t n = 1; n <= 2; n++) {
        if (!der_next_is(d, DER_CONTEXT(n)))
            continue;
        struct der_item item;
        TRY(der_take(d, DER_CONTEXT(n), &item));
        if (version == VERSION_1)
            cert_odd(c, ODD_VERSION);
        if (item.value.len < 2 || item.value.ptr[0] != 0)
            FAIL(RC_INPUT, "no BIT STRING of whole bytes");
    }
    return RC_OK;
}

static enum rc read_extensions(struct der *d, int64_t version, struct cert *c) {
    c->ext_count = 0;
    if (der_empty(d))
        return RC_OK;
    struct der inside;
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(3), &inside));
    if (version != VERSION_3)
        cert_odd(c, ODD_VERSION);
    TRY(cert_exts_read(&inside, c));
    return der_end(&inside);
}

static enum rc read_name(struct der *d, struct span *whole, enum oddity where, struct cert *c) {
    bool gap = false;
    TRY(cert_name_look(d, whole, &gap));
    if (gap)
        cert_odd(c, where);
    return RC_OK;
}

enum rc cert_tbs_parse(struct span tbs, struct cert *c) {
    struct der outer = der_open(tbs), d;
    struct span oid, params;
    int64_t version;
    TRY(der_enter(&outer, DER_SEQUENCE, &d));
    TRY(der_end(&outer));
    TRY(cert_at("version", read_version(&d, &version, c)));
    TRY(cert_at("serial number", read_serial(&d, c)));
    TRY(cert_at("signature algorithm", cert_alg_read(&d, &c->sig_alg, &oid, &params)));
    TRY(cert_at("issuer", read_name(&d, &c->issuer, ODD_ISSUER, c)));
    TRY(cert_at("validity", read_validity(&d, c)));
    TRY(cert_at("subject", read_name(&d, &c->subject, ODD_SUBJECT, c)));
    TRY(cert_at("public key", read_own_key(&d, c)));
    TRY(cert_at("unique identifier", skip_unique_ids(&d, version, c)));
    TRY(cert_at("extensions", read_extensions(&d, version, c)));
    TRY(der_end(&d));
    c->facts.unfit = cert_unfit(c);
    return RC_OK;
}

static enum rc parse(struct span der, struct cert *c) {
    struct der outer = der_open(der), d;
    struct der_item tbs;
    struct span alg, oid, params;
    uint8_t unused;
    TRY(der_enter(&outer, DER_SEQUENCE, &d));
    TRY(cert_at("after its end", der_end(&outer)));
    TRY(der_take(&d, DER_SEQUENCE, &tbs));
    TRY(cert_tbs_parse(tbs.whole, c));
    TRY(cert_at("outer signature algorithm", cert_alg_read(&d, &alg, &oid, &params)));
    if (!span_eq(alg, c->sig_alg))
        FAIL(RC_INPUT, "inner and outer signature algorithm differ (RFC 5280 4.1.1.2)");
    TRY(cert_at("signature", der_bits(&d, &c->signature, &unused)));
    if (unused != 0 || c->signature.len == 0)
        FAIL(RC_INPUT, "signature: %zu bytes and %u unused bits", c->signature.len, unused);
    c->der = der;
    c->tbs = tbs.whole;
    return der_end(&d);
}

/* Clears and copies everything but the unused extensions, which are most of the struct. */
enum rc cert_parse(struct span der, struct cert *out) {
    if (der.len > CERT_LIMIT)
        FAIL(RC_LIMIT, "certificate: %zu bytes, at most %d are read", der.len, CERT_LIMIT);
    struct cert c;
    memset(&c, 0, offsetof(struct cert, ext));
    memset(&c.ext_count, 0, sizeof c - offsetof(struct cert, ext_count));
    TRY(cert_at("certificate", parse(der, &c)));
    memcpy(out, &c, offsetof(struct cert, ext) + c.ext_count * sizeof c.ext[0]);
    memcpy(&out->ext_count, &c.ext_count, sizeof c - offsetof(struct cert, ext_count));
    return RC_OK;
}

bool cert_same_key(const struct cert *a, const struct cert *b) {
    if (a->facts.key_kind != b->facts.key_kind)
        return false;
    if (a->facts.key_kind == KEY_RSA)
        return span_eq(a->modulus, b->modulus) && span_eq(a->exponent, b->exponent);
    if (a->facts.key_kind == KEY_EC)
        return span_eq(a->curve, b->curve) && span_eq(a->point, b->point);
    return span_eq(a->spki, b->spki);
}
