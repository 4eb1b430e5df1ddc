/* Reads a certificate's extensions: their frame, and the contents of those that RFC 5280 4.2 defines. */
#include "pki/cert/cert.h"

#include <string.h>

#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"

/* BOOLEAN DEFAULT FALSE. An explicit FALSE is not DER (X.690 11.5), yet old certificates of other CAs have it and
   OpenSSL takes it; refusing would call them malformed instead of foreign. */
static enum rc read_default_false(struct der *d, bool *value) {
    *value = false;
    return der_next_is(d, DER_BOOLEAN) ? der_boolean(d, value) : RC_OK;
}

static enum rc read_key_id(struct span id, uint8_t out[KEY_ID_MAX], uint8_t *len) {
    if (id.len == 0 || id.len > KEY_ID_MAX)
        FAIL(RC_INPUT, "a key identifier of %zu bytes, 1 to %d are allowed", id.len, KEY_ID_MAX);
    memcpy(out, id.ptr, id.len);
    *len = (uint8_t)id.len;
    return RC_OK;
}

static enum rc read_ski(struct der *d, struct cert *c) {
    struct der_item id;
    TRY(der_take(d, DER_OCTET_STRING, &id));
    return read_key_id(id.value, c->facts.ski, &c->facts.ski_len);
}

static enum rc read_ascii(struct span text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7e)
            FAIL(RC_INPUT, "byte 0x%02x in an IA5String", text.ptr[i]);
    return RC_OK;
}

/* otherName: SEQUENCE { OID, [0] EXPLICIT value } with a value of a type that is read the same way by everybody. */
static enum rc read_other_name(struct span contents) {
    static const uint8_t fine[] = {DER_UTF8_STRING, DER_PRINTABLE_STRING, DER_IA5_STRING, DER_OCTET_STRING,
                                   DER_SEQUENCE};
    struct der d = der_open(contents), inside;
    struct span oid;
    struct der_item value;
    TRY(der_oid(&d, &oid));
    TRY(der_enter(&d, DER_CONTEXT_CONSTRUCTED(0), &inside));
    TRY(der_end(&d));
    TRY(der_any(&inside, &value));
    if (memchr(fine, value.tag, sizeof fine) == NULL)
        FAIL(RC_INPUT, "an otherName of tag 0x%02x", value.tag);
    return der_end(&inside);
}

static enum rc read_general_name(struct der *d) {
    struct der_item name;
    struct der inside;
    struct span whole;
    TRY(der_any(d, &name));
    switch (name.tag) {
    case DER_CONTEXT_CONSTRUCTED(0):
        return read_other_name(name.value);
    case DER_CONTEXT(1): /* rfc822Name */
    case DER_CONTEXT(2): /* dNSName */
    case DER_CONTEXT(6): /* uniformResourceIdentifier */
        return read_ascii(name.value);
    case DER_CONTEXT_CONSTRUCTED(4): /* directoryName */
        inside = der_open(name.value);
        TRY(cert_name_read(&inside, &whole));
        return der_end(&inside);
    case DER_CONTEXT(7): /* iPAddress; twice as long in name constraints */
        if (name.value.len == 4 || name.value.len == 8 || name.value.len == 16 || name.value.len == 32)
            return RC_OK;
        FAIL(RC_INPUT, "an IP address of %zu bytes", name.value.len);
    default:
        FAIL(RC_INPUT, "a general name of tag 0x%02x", name.tag);
    }
}

static enum rc read_general_names(struct span contents) {
    struct der d = der_open(contents);
    do
        TRY(read_general_name(&d));
    while (!der_empty(&d));
    return RC_OK;
}

static enum rc read_san(struct der *d) {
    struct der_item names;
    TRY(der_take(d, DER_SEQUENCE, &names));
    return read_general_names(names.value);
}

/* RFC 5280 4.2.1.1: issuer and serial number come together. */
static enum rc read_aki(struct der *d, struct cert *c) {
    struct der inside;
    struct der_item item;
    bool names = false, serial = false;
    TRY(der_enter(d, DER_SEQUENCE, &inside));
    if (der_next_is(&inside, DER_CONTEXT(0))) {
        TRY(der_take(&inside, DER_CONTEXT(0), &item));
        TRY(read_key_id(item.value, c->facts.aki, &c->facts.aki_len));
    }
    if ((names = der_next_is(&inside, DER_CONTEXT_CONSTRUCTED(1)))) {
        TRY(der_take(&inside, DER_CONTEXT_CONSTRUCTED(1), &item));
        TRY(read_general_names(item.value));
    }
    if ((serial = der_next_is(&inside, DER_CONTEXT(2)))) {
        TRY(der_take(&inside, DER_CONTEXT(2), &item));
        const uint8_t *v = item.value.ptr;
        if (item.value.len == 0 || (item.value.len > 1 && (v[0] == 0 || v[0] == 0xff) && (v[0] ^ v[1]) < 0x80))
            FAIL(RC_INPUT, "a serial number not in its shortest form");
    }
    if (names != serial)
        FAIL(RC_INPUT, "issuer without serial number, or the reverse");
    return der_end(&inside);
}

static enum rc read_basic(struct der *d, struct cert *c) {
    struct der inside;
    TRY(der_enter(d, DER_SEQUENCE, &inside));
    TRY(read_default_false(&inside, &c->facts.ca));
    if (!der_empty(&inside)) {
        int64_t path;
        TRY(der_small(&inside, &path));
        if (path < 0 || !c->facts.ca)
            FAIL(RC_INPUT, "a path length of %lld, CA %s", (long long)path, c->facts.ca ? "true" : "false");
    }
    return der_end(&inside);
}

/* A named bit list is written without trailing zero bits (X.690 11.2.2); RFC 5280 4.2.1.3 wants at least one bit. */
static enum rc read_key_usage(struct der *d, struct span *bits) {
    uint8_t unused;
    TRY(der_bits(d, bits, &unused));
    if (bits->len == 0 || bits->len > 2 || (bits->ptr[bits->len - 1] >> unused & 1) == 0)
        FAIL(RC_INPUT, "no key usage, or not in its shortest form");
    return RC_OK;
}

enum rc cert_key_usage(const struct cert *c, uint8_t *bits) {
    const struct cert_ext *e = cert_ext_find(c, OID_KEY_USAGE);
    if (e == NULL)
        FAIL(RC_NOT_FOUND, "the certificate has no keyUsage");
    struct der d = der_open(e->value);
    struct span value;
    TRY(read_key_usage(&d, &value));
    *bits = value.ptr[0];
    return RC_OK;
}

static enum rc read_eku(struct der *d) {
    struct der inside;
    struct span oid;
    TRY(der_enter(d, DER_SEQUENCE, &inside));
    do
        TRY(der_oid(&inside, &oid));
    while (!der_empty(&inside));
    return RC_OK;
}

/* DistributionPoint with a full name, reasons and cRLIssuer (4.2.1.13); a name relative to the issuer is not read. */
static enum rc read_crl_point(struct der *d) {
    struct der point, name;
    struct der_item item;
    TRY(der_enter(d, DER_SEQUENCE, &point));
    if (der_next_is(&point, DER_CONTEXT_CONSTRUCTED(0))) {
        TRY(der_enter(&point, DER_CONTEXT_CONSTRUCTED(0), &name));
        TRY(der_take(&name, DER_CONTEXT_CONSTRUCTED(0), &item));
        TRY(der_end(&name));
        TRY(read_general_names(item.value));
    }
    if (der_next_is(&point, DER_CONTEXT(1))) {
        TRY(der_take(&point, DER_CONTEXT(1), &item));
        if (item.value.len < 2 || item.value.len > 3 || item.value.ptr[0] > 7)
            FAIL(RC_INPUT, "reasons that are no bit list");
    }
    if (der_next_is(&point, DER_CONTEXT_CONSTRUCTED(2))) {
        TRY(der_take(&point, DER_CONTEXT_CONSTRUCTED(2), &item));
        TRY(read_general_names(item.value));
    }
    return der_end(&point);
}

static enum rc read_crl_points(struct der *d) {
    struct der inside;
    TRY(der_enter(d, DER_SEQUENCE, &inside));
    do
        TRY(read_crl_point(&inside));
    while (!der_empty(&inside));
    return RC_OK;
}

static enum rc read_aia(struct der *d) {
    struct der inside, access;
    struct span method;
    TRY(der_enter(d, DER_SEQUENCE, &inside));
    do {
        TRY(der_enter(&inside, DER_SEQUENCE, &access));
        TRY(der_oid(&access, &method));
        TRY(read_general_name(&access));
        TRY(der_end(&access));
    } while (!der_empty(&inside));
    return RC_OK;
}

/* GeneralSubtree with minimum 0 and no maximum, as RFC 5280 4.2.1.10 wants it. */
static enum rc read_name_constraints(struct der *d) {
    struct der inside, trees, tree;
    TRY(der_enter(d, DER_SEQUENCE, &inside));
    for (uint8_t n = 0; n <= 1; n++) {
        if (!der_next_is(&inside, DER_CONTEXT_CONSTRUCTED(n)))
            continue;
        TRY(der_enter(&inside, DER_CONTEXT_CONSTRUCTED(n), &trees));
        do {
            TRY(der_enter(&trees, DER_SEQUENCE, &tree));
            TRY(read_general_name(&tree));
            TRY(der_end(&tree));
        } while (!der_empty(&trees));
    }
    return der_end(&inside);
}

/* The id-ce arc, 2.5.29.x. False: none that we read, whatever is inside stays unread. */
static bool read_standard(uint8_t arc, struct der *d, struct cert *c, enum rc *rc) {
    struct span bits;
    switch (arc) {
    case 14:
        *rc = cert_at("subjectKeyIdentifier", read_ski(d, c));
        return true;
    case 15:
        *rc = cert_at("keyUsage", read_key_usage(d, &bits));
        return true;
    case 17:
        *rc = cert_at("subjectAltName", read_san(d));
        return true;
    case 19:
        *rc = cert_at("basicConstraints", read_basic(d, c));
        return true;
    case 30:
        *rc = cert_at("nameConstraints", read_name_constraints(d));
        return true;
    case 31:
        *rc = cert_at("cRLDistributionPoints", read_crl_points(d));
        return true;
    case 35:
        *rc = cert_at("authorityKeyIdentifier", read_aki(d, c));
        return true;
    case 37:
        *rc = cert_at("extKeyUsage", read_eku(d));
        return true;
    default:
        return false;
    }
}

static enum rc read_contents(const struct cert_ext *e, struct cert *c) {
    struct der d = der_open(e->value);
    enum rc rc = RC_OK;
    struct span bits;
    uint8_t unused;
    if (e->oid.len == 3 && memcmp(e->oid.ptr, "\x55\x1d", 2) == 0) {
        if (!read_standard(e->oid.ptr[2], &d, c, &rc))
            return RC_OK;
    } else if (span_eq(e->oid, OID_AIA)) {
        rc = cert_at("authorityInfoAccess", read_aia(&d));
    } else if (span_eq(e->oid, OID_NS_CERT_TYPE)) {
        rc = cert_at("nsCertType", der_bits(&d, &bits, &unused));
    } else if (span_eq(e->oid, OID_PROXY) || span_eq(e->oid, OID_IP_BLOCKS) || span_eq(e->oid, OID_AS_IDS)) {
        FAIL(RC_INPUT, "proxy certificates and address delegation are not read here");
    } else {
        return RC_OK;
    }
    return rc == RC_OK ? der_end(&d) : rc;
}

static enum rc read_ext(struct der *d, struct cert_ext *e) {
    struct der_item item, value;
    TRY(der_take(d, DER_SEQUENCE, &item));
    struct der inside = der_open(item.value);
    TRY(der_oid(&inside, &e->oid));
    TRY(read_default_false(&inside, &e->critical));
    TRY(der_take(&inside, DER_OCTET_STRING, &value));
    e->value = value.value;
    e->whole = item.whole;
    return der_end(&inside);
}

enum rc cert_exts_read(struct der *d, struct cert *c) {
    struct der list;
    TRY(der_enter(d, DER_SEQUENCE, &list));
    do {
        if (c->ext_count == CERT_EXTS_MAX)
            FAIL(RC_LIMIT, "more than %d", CERT_EXTS_MAX);
        struct cert_ext *e = &c->ext[c->ext_count];
        TRY(read_ext(&list, e));
        if (cert_ext_find(c, e->oid) != NULL)
            FAIL(RC_INPUT, "one stands there twice (RFC 5280 4.2)");
        TRY(read_contents(e, c));
        c->ext_count++;
    } while (!der_empty(&list));
    return RC_OK;
}

const struct cert_ext *cert_ext_find(const struct cert *c, struct span oid) {
    for (size_t i = 0; i < c->ext_count; i++)
        if (span_eq(c->ext[i].oid, oid))
            return &c->ext[i];
    return NULL;
}
