/* The strict view of a CMP message (declared in pki/cmp/cmp_msg.h). */
#include "pki/cmp/cmp_msg.h"

#include "base/utf8.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"
#include "pki/key/pubkey.h"

#define PUBLIC_KEY DER_CONTEXT_CONSTRUCTED(6) /* IMPLICIT, in a CertTemplate */
#define BODY_LAST  26

#define OID_OLD_CERT_ID OID("\x2b\x06\x01\x05\x05\x07\x05\x01\x05") /* id-regCtrl-oldCertID, RFC 4211 6.5 */

/* Inside `tag` stands exactly one element, a `what`. */
static enum rc explicit_take(struct der *d, uint8_t tag, uint8_t what, struct der_item *item) {
    struct der in;
    TRY(der_enter(d, tag, &in));
    TRY(der_take(&in, what, item));
    return der_end(&in);
}

/* [n] OCTET STRING OPTIONAL, 1 to CMP_ID_MAX bytes. */
static enum rc octets(struct der *d, int n, struct span *out) {
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(n)))
        return RC_OK;
    struct der_item item;
    TRY(explicit_take(d, DER_CONTEXT_CONSTRUCTED(n), DER_OCTET_STRING, &item));
    if (item.value.len == 0 || item.value.len > CMP_ID_MAX)
        FAIL(RC_LIMIT, "[%d] has %zu bytes; 1 to %d are allowed", n, item.value.len, CMP_ID_MAX);
    *out = item.value;
    return RC_OK;
}

static enum rc skip_optional(struct der *d, int n) {
    struct der_item item;
    return der_next_is(d, DER_CONTEXT_CONSTRUCTED(n)) ? der_any(d, &item) : RC_OK;
}

/* Next is one of the six AlgorithmIdentifiers that a message may be signed with: RSA (RFC 8017 A.2.4) or ECDSA (RFC
   5758 3.2) with SHA-256, SHA-384 or SHA-512. OpenSSL would verify MD5 and SHA-1 as well, which can be forged. */
static enum rc good_alg(struct der *d, bool *good) {
    struct span whole, oid, params;
    enum key_kind kind;
    enum hash h;
    TRY(cert_alg_read(d, &whole, &oid, &params));
    *good = sig_alg_known(oid, &kind, &h) && h != HASH_SHA1 &&
            (params.len == 0 || (kind == KEY_RSA && span_eq(params, span_of("\x05\x00", 2))));
    return RC_OK;
}

/* protectionAlg [1] OPTIONAL: a signature algorithm, or a MAC that we do not take. */
static enum rc protection_alg(struct der *d, struct cmp_msg *m) {
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(1)))
        return RC_OK;
    struct der in;
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(1), &in));
    TRY(good_alg(&in, &m->signed_by_key));
    return der_end(&in);
}

static enum rc header(struct der *d, struct cmp_msg *m) {
    struct der_item item;
    struct span key_id = {0};
    TRY(der_take(d, DER_SEQUENCE, &item));
    m->header = item.whole;
    struct der in = der_open(item.value);
    TRY(der_small(&in, &m->version));
    TRY(der_any(&in, &item)); /* sender */
    m->sender = item.whole;
    TRY(der_any(&in, &item));     /* recipient */
    TRY(skip_optional(&in, 0));   /* messageTime */
    TRY(protection_alg(&in, m));  /* [1] */
    TRY(octets(&in, 2, &key_id)); /* senderKID */
    TRY(octets(&in, 3, &key_id)); /* recipKID */
    TRY(octets(&in, 4, &m->transaction));
    TRY(octets(&in, 5, &m->sender_nonce));
    TRY(octets(&in, 6, &m->recip_nonce));
    TRY(skip_optional(&in, 7)); /* freeText */
    if (!der_next_is(&in, DER_CONTEXT_CONSTRUCTED(8)))
        return der_end(&in);
    TRY(der_any(&in, &item)); /* read by who looks for something in it */
    m->info = item.whole;
    return der_end(&in);
}

/* protection [0] and extraCerts [1], both optional. */
static enum rc tail(struct der *d, struct cmp_msg *m) {
    struct der_item item;
    if (der_next_is(d, DER_CONTEXT_CONSTRUCTED(0)))
        TRY(explicit_take(d, DER_CONTEXT_CONSTRUCTED(0), DER_BIT_STRING, &item));
    else
        m->signed_by_key = false;
    m->core = span_of(m->header.ptr, (size_t)(d->rest.ptr - m->header.ptr));
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(1)))
        return RC_OK;
    TRY(explicit_take(d, DER_CONTEXT_CONSTRUCTED(1), DER_SEQUENCE, &item));
    struct der certs = der_open(item.value);
    for (int n = 0; !der_empty(&certs); n++) {
        if (n == CMP_EXTRA_CERTS)
            FAIL(RC_LIMIT, "more than %d extraCerts", CMP_EXTRA_CERTS);
        TRY(der_take(&certs, DER_SEQUENCE, &item));
        if (n == 0)
            m->signer = item.whole;
    }
    return RC_OK;
}

static enum rc message(struct der *d, struct cmp_msg *m) {
    struct der in;
    struct der_item item;
    TRY(der_enter(d, DER_SEQUENCE, &in));
    TRY(header(&in, m));
    TRY(der_any(&in, &item));
    m->type = item.tag - DER_CONTEXT_CONSTRUCTED(0);
    if (m->type < 0 || m->type > BODY_LAST)
        FAIL(RC_INPUT, "body with the tag %02x", item.tag);
    m->content = item.value;
    TRY(tail(&in, m));
    TRY(der_end(&in));
    return der_end(d);
}

enum rc cmp_msg_parse(struct span der, struct cmp_msg *out) {
    struct cmp_msg m = {.der = der};
    struct der d = der_open(der);
    TRY(cert_at("CMP message", message(&d, &m)));
    *out = m;
    return RC_OK;
}

/* GeneralInfo ::= SEQUENCE OF SEQUENCE { infoType OBJECT IDENTIFIER, infoValue ANY OPTIONAL }, under [8]. */
static enum rc info_find(struct span info, struct span type, struct span *value) {
    struct der d = der_open(info), in, all, one;
    TRY(der_enter(&d, DER_CONTEXT_CONSTRUCTED(8), &in));
    TRY(der_enter(&in, DER_SEQUENCE, &all));
    while (!der_empty(&all)) {
        struct span oid;
        struct der_item item = {0};
        TRY(der_enter(&all, DER_SEQUENCE, &one));
        TRY(der_oid(&one, &oid));
        if (!der_empty(&one))
            TRY(der_any(&one, &item));
        TRY(der_end(&one));
        if (span_eq(oid, type) && value->len == 0)
            *value = item.whole;
    }
    return der_end(&in);
}

enum rc cmp_msg_info(const struct cmp_msg *m, struct span type, struct span *value) {
    struct span found = {0};
    if (m->info.len > 0)
        TRY(cert_at("generalInfo", info_find(m->info, type, &found)));
    if (found.len == 0)
        FAIL(RC_NOT_FOUND, "the message's generalInfo has nothing of that type");
    *value = found;
    return RC_OK;
}

/* CertTemplate (RFC 4211 section 5): of its fields only the public key matters here. */
static enum rc public_key(struct der *d, struct cmp_request *r) {
    struct der in;
    struct der_item item;
    TRY(der_enter(d, DER_SEQUENCE, &in));
    while (!der_empty(&in)) {
        TRY(der_any(&in, &item));
        if (item.tag != PUBLIC_KEY)
            continue;
        if (r->spki.len > 0)
            FAIL(RC_INPUT, "two public keys in the template");
        r->spki = item.value;
    }
    return RC_OK;
}

/* CertId ::= SEQUENCE { issuer GeneralName, serialNumber INTEGER } */
static enum rc old_cert_id(struct der *d, struct cmp_request *r) {
    struct der in;
    struct der_item name;
    if (r->old_serial.len > 0)
        FAIL(RC_INPUT, "two oldCertIDs");
    TRY(der_enter(d, DER_SEQUENCE, &in));
    TRY(explicit_take(&in, CMP_DIRECTORY_NAME, DER_SEQUENCE, &name));
    r->old_issuer = name.whole;
    TRY(der_integer(&in, &r->old_serial));
    return der_end(&in);
}

static enum rc controls(struct der *d, struct cmp_request *r) {
    struct der all, one;
    TRY(der_enter(d, DER_SEQUENCE, &all));
    while (!der_empty(&all)) {
        struct span oid;
        struct der_item value;
        TRY(der_enter(&all, DER_SEQUENCE, &one));
        TRY(der_oid(&one, &oid));
        if (span_eq(oid, OID_OLD_CERT_ID))
            TRY(old_cert_id(&one, r));
        else
            TRY(der_any(&one, &value));
        TRY(der_end(&one));
    }
    return RC_OK;
}

/* popo OPTIONAL (RFC 4211 section 4): only a POPOSigningKey [1] is looked into, OpenSSL judges the others. */
static enum rc possession(struct der *d, struct cmp_request *r) {
    struct der in;
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(1)))
        return RC_OK;
    bool good;
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(1), &in));
    TRY(skip_optional(&in, 0)); /* poposkInput */
    TRY(good_alg(&in, &good));
    r->weak_pop = !good;
    return RC_OK;
}

static enum rc request(struct der *d, struct cmp_request *r) {
    struct der messages, one, asked;
    int64_t id;
    TRY(der_enter(d, DER_SEQUENCE, &messages));
    TRY(der_enter(&messages, DER_SEQUENCE, &one));
    if (!der_empty(&messages))
        FAIL(RC_INPUT, "more than one request; send one message for each");
    TRY(der_enter(&one, DER_SEQUENCE, &asked));
    TRY(der_small(&asked, &id));
    if (id != 0)
        FAIL(RC_INPUT, "certReqId is not 0 (RFC 9483 4.1.1)");
    TRY(public_key(&asked, r));
    if (!der_empty(&asked))
        TRY(controls(&asked, r));
    TRY(der_end(&asked));
    TRY(possession(&one, r));
    return der_end(d);
}

enum rc cmp_msg_request(const struct cmp_msg *m, struct cmp_request *out) {
    struct cmp_request r = {0};
    struct der d = der_open(m->content);
    TRY(cert_at("key update request", request(&d, &r)));
    *out = r;
    return RC_OK;
}

/* PKIStatusInfo ::= SEQUENCE { status INTEGER, statusString SEQUENCE OF UTF8String OPTIONAL, failInfo OPTIONAL } */
static enum rc status_info(struct der *d, struct cmp_status *s) {
    struct der in, texts;
    struct der_item text;
    int64_t status;
    TRY(der_enter(d, DER_SEQUENCE, &in));
    TRY(der_small(&in, &status));
    s->accepted = status >= 0 && status < CMP_REJECTION;
    if (!der_next_is(&in, DER_SEQUENCE))
        return RC_OK;
    TRY(der_enter(&in, DER_SEQUENCE, &texts));
    TRY(der_take(&texts, DER_UTF8_STRING, &text));
    if (!utf8_valid(text.value))
        FAIL(RC_INPUT, "statusString is not UTF-8");
    s->text = text.value;
    return RC_OK;
}

/* CertStatus ::= SEQUENCE { certHash OCTET STRING, certReqId INTEGER, statusInfo PKIStatusInfo OPTIONAL } */
static enum rc cert_status(struct der *d, struct cmp_status *s) {
    struct der in;
    struct der_item item;
    TRY(der_enter(d, DER_SEQUENCE, &in));
    TRY(der_take(&in, DER_OCTET_STRING, &item));
    TRY(der_take(&in, DER_INTEGER, &item));
    s->accepted = true;
    return der_next_is(&in, DER_SEQUENCE) ? status_info(&in, s) : RC_OK;
}

static enum rc status(const struct cmp_msg *m, struct cmp_status *s) {
    struct der d = der_open(m->content), in;
    TRY(der_enter(&d, DER_SEQUENCE, &in));
    if (m->type == CMP_ERROR) {
        TRY(status_info(&in, s));
        s->accepted = false;
        return RC_OK;
    }
    if (!der_empty(&in))
        TRY(cert_status(&in, s));
    return der_end(&in);
}

enum rc cmp_msg_status(const struct cmp_msg *m, struct cmp_status *out) {
    struct cmp_status s = {0};
    TRY(cert_at("certificate status", status(m, &s)));
    *out = s;
    return RC_OK;
}
