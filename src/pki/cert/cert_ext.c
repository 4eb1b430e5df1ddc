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

/* otherName: SEQUENCE { OID, [0] EXPLICIT value }. */
static enum rc read_other_name(struct span contents) {
    struct der d = der_open(contents), inside;
    struct span oid;
    struct der_item value;
    TRY(der_oid(&d, &oid));
    TRY(der_enter(&d, DER_CONTEXT_CONSTRUCTED(0), &inside));
    TRY(der_end(&d));
    TRY(der_any(&inside, &value));
    TRY(cert_any_check(&value));
    return der_end(&inside);
}

/* registeredID: an OBJECT IDENTIFIER under a tag of its own. */
static enum rc read_registered_id(struct span arcs) {
    bool starts = true;
    for (size_t i = 0; i < arcs.len; i++) {
        if (starts && arcs.ptr[i] == 0x80)
            FAIL(RC_INPUT, "a registeredID that is no OBJECT IDENTIFIER");
        starts = arcs.ptr[i] < 0x80;
    }
    return arcs.len > 0 && starts ? RC_OK : err_set(RC_INPUT, "a registeredID that ends too early");
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
    case DER_CONTEXT(8):
        return read_registered_id(name.value);
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

static enum rc read_san(struct der *d, struct cert *c) {
    struct der_item names;
    (void)c;
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
    bool ca;
    int64_t path = 0;
    TRY(der_enter(d, DER_SEQUENCE, &inside));
    TRY(read_default_false(&inside, &ca));
    bool has_path = !der_empty(&inside);
    if (has_path)
        TRY(der_small(&inside, &path));
    TRY(der_end(&inside));
    c->facts.ca = ca;
    if (has_path && (path < 0 || !ca))
        FAIL(RC_INPUT, "a path length of %lld, CA %s", (long long)path, ca ? "true" : "false");
    return RC_OK;
}

/* `shortest`: a named bit list is written without trailing zero bits (X.690 11.2.2), and has one bit at least (RFC 5280
   4.2.1.3). Nobody knows bits beyond the two bytes. */
static enum rc usage_bits(struct span value, uint16_t *bits, bool *shortest) {
    struct der d = der_open(value);
    struct span b;
    uint8_t unused;
    TRY(der_bits(&d, &b, &unused));
    TRY(der_end(&d));
    if (b.len > 2)
        FAIL(RC_INPUT, "a key usage of %zu bytes", b.len);
    *bits = (uint16_t)((b.len > 0 ? b.ptr[0] : 0) | (b.len > 1 ? b.ptr[1] << 8 : 0));
    *shortest = b.len > 0 && (b.ptr[b.len - 1] >> unused & 1) != 0;
    return RC_OK;
}

static enum rc read_key_usage(struct der *d, struct cert *c) {
    uint16_t bits;
    bool shortest;
    (void)c;
    TRY(usage_bits(d->rest, &bits, &shortest));
    if (!shortest)
        FAIL(RC_INPUT, "no key usage, or not in its shortest form");
    d->rest = (struct span){0};
    return RC_OK;
}

enum rc cert_key_usage(const struct cert *c, uint16_t *bits) {
    const struct cert_ext *e = cert_ext_find(c, OID_KEY_USAGE);
    bool shortest;
    if (e == NULL)
        FAIL(RC_NOT_FOUND, "the certificate has no keyUsage");
    return usage_bits(e->value, bits, &shortest);
}

static enum rc read_eku(struct der *d, struct cert *c) {
    struct der inside;
    struct span oid;
    (void)c;
    TRY(der_enter(d, DER_SEQUENCE, &inside));
    do
        TRY(der_oid(&inside, &oid));
    while (!der_empty(&inside));
    return RC_OK;
}

/* A name relative to the CRL issuer's: one RelativeDistinguishedName. */
static enum rc read_relative_name(struct span attributes) {
    AUTO(derw) w = {0};
    struct span whole;
    derw_open(&w, DER_SEQUENCE);
    derw_put(&w, DER_SET, attributes);
    derw_close(&w);
    TRY(derw_end(&w));
    struct der d = der_open(buf_span(&w.out));
    return cert_name_read(&d, &whole);
}

/* DistributionPointName, under its [0]: a full name, or one relative to the issuer's. */
static enum rc read_point_name(struct der *point) {
    struct der name;
    struct der_item item;
    TRY(der_enter(point, DER_CONTEXT_CONSTRUCTED(0), &name));
    TRY(der_any(&name, &item));
    TRY(der_end(&name));
    if (item.tag == DER_CONTEXT_CONSTRUCTED(1))
        return read_relative_name(item.value);
    return item.tag == DER_CONTEXT_CONSTRUCTED(0) ? read_general_names(item.value)
                                                  : err_set(RC_INPUT, "a name of tag 0x%02x", item.tag);
}

/* DistributionPoint with a name, reasons and cRLIssuer (4.2.1.13). */
static enum rc read_crl_point(struct der *d) {
    struct der point;
    struct der_item item;
    TRY(der_enter(d, DER_SEQUENCE, &point));
    if (der_next_is(&point, DER_CONTEXT_CONSTRUCTED(0)))
        TRY(read_point_name(&point));
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

static enum rc read_crl_points(struct der *d, struct cert *c) {
    (void)c;
    struct der inside;
    TRY(der_enter(d, DER_SEQUENCE, &inside));
    do
        TRY(read_crl_point(&inside));
    while (!der_empty(&inside));
    return RC_OK;
}

static enum rc read_aia(struct der *d, struct cert *c) {
    (void)c;
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
static enum rc read_name_constraints(struct der *d, struct cert *c) {
    (void)c;
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

/* CertificatePolicies (4.2.1.4): OIDs, each with qualifiers of any kind or none. */
static enum rc read_policies(struct der *d, struct cert *c) {
    struct der list, policy, qualifiers, one;
    struct span oid;
    struct der_item value;
    (void)c;
    TRY(der_enter(d, DER_SEQUENCE, &list));
    do {
        TRY(der_enter(&list, DER_SEQUENCE, &policy));
        TRY(der_oid(&policy, &oid));
        if (der_empty(&policy))
            continue;
        TRY(der_enter(&policy, DER_SEQUENCE, &qualifiers));
        do {
            TRY(der_enter(&qualifiers, DER_SEQUENCE, &one));
            TRY(der_oid(&one, &oid));
            TRY(der_any(&one, &value));
            TRY(cert_any_check(&value));
            TRY(der_end(&one));
        } while (!der_empty(&qualifiers));
        TRY(der_end(&policy));
    } while (!der_empty(&list));
    return RC_OK;
}

static enum rc read_bits(struct der *d, struct cert *c) {
    struct span bits;
    uint8_t unused;
    (void)c;
    return der_bits(d, &bits, &unused);
}

static enum rc read_foreign(struct der *d, struct cert *c) {
    (void)d, (void)c;
    FAIL(RC_INPUT, "proxy certificates and address delegation are not read here");
}

struct reader { /* of what stands inside an extension; `read` NULL: it stays unread */
    enum rc (*read)(struct der *d, struct cert *c);
    enum oddity odd;
};

/* The id-ce arc, 2.5.29.x, by its last number; then the others. */
static struct reader reader_of(struct span oid) {
    static const struct reader standard[] = {
        [14] = {read_ski, ODD_SKI},
        [15] = {read_key_usage, ODD_KEY_USAGE},
        [17] = {read_san, ODD_SAN},
        [19] = {read_basic, ODD_BASIC},
        [31] = {read_crl_points, ODD_CRL_POINTS},
        [30] = {read_name_constraints, ODD_NAME_CONSTRAINTS},
        [32] = {read_policies, ODD_POLICIES},
        [35] = {read_aki, ODD_AKI},
        [37] = {read_eku, ODD_EKU},
    };
    struct reader none = {NULL, ODD_OTHER};
    if (oid.len == 3 && memcmp(oid.ptr, "\x55\x1d", 2) == 0)
        return oid.ptr[2] < sizeof standard / sizeof standard[0] ? standard[oid.ptr[2]] : none;
    if (span_eq(oid, OID_AIA))
        return (struct reader){read_aia, ODD_AIA};
    if (span_eq(oid, OID_NS_CERT_TYPE))
        return (struct reader){read_bits, ODD_OTHER};
    if (span_eq(oid, OID_PROXY) || span_eq(oid, OID_IP_BLOCKS) || span_eq(oid, OID_AS_IDS))
        return (struct reader){read_foreign, ODD_OTHER};
    return none;
}

/* Contents that are not as RFC 5280 has them are noted: OpenSSL reads such certificates, and a CA may have issued
   them. What is unfit for a renewal by them is cert_unfit's to say. */
static void read_contents(const struct cert_ext *e, struct cert *c) {
    struct der d = der_open(e->value);
    struct reader r = reader_of(e->oid);
    if (r.read != NULL && (r.read(&d, c) != RC_OK || !der_empty(&d)))
        cert_odd(c, r.odd);
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
    if (der_empty(&list))
        cert_odd(c, ODD_EXTENSIONS);
    while (!der_empty(&list)) {
        if (c->ext_count == CERT_EXTS_MAX)
            FAIL(RC_LIMIT, "more than %d", CERT_EXTS_MAX);
        struct cert_ext *e = &c->ext[c->ext_count];
        TRY(read_ext(&list, e));
        if (cert_ext_find(c, e->oid) != NULL)
            FAIL(RC_INPUT, "one stands there twice (RFC 5280 4.2)");
        read_contents(e, c);
        c->ext_count++;
    }
    return RC_OK;
}

const struct cert_ext *cert_ext_find(const struct cert *c, struct span oid) {
    for (size_t i = 0; i < c->ext_count; i++)
        if (span_eq(c->ext[i].oid, oid))
            return &c->ext[i];
    return NULL;
}
