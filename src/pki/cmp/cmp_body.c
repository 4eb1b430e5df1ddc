/* Reads the bodies of kur, certConf and error (declared in pki/cmp/cmp_body.h). */
#include "pki/cmp/cmp_body.h"

#include "base/day.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"

#define TEMPLATE_LAST 9 /* CertTemplate's fields are [0] to [9] (RFC 4211 section 5) */

#define OID_REG_CTRL    OID("\x2b\x06\x01\x05\x05\x07\x05\x01")     /* id-regCtrl, RFC 4211 */
#define OID_OLD_CERT_ID OID("\x2b\x06\x01\x05\x05\x07\x05\x01\x05") /* id-regCtrl-oldCertID, 6.5 */

/* OptionalValidity ::= SEQUENCE { notBefore [0] Time OPTIONAL, notAfter [1] Time OPTIONAL } */
static enum rc validity(struct span contents, struct cmp_request *r) {
    struct der d = der_open(contents), in;
    int64_t *const ends[] = {&r->not_before, &r->not_after};
    for (uint8_t n = 0; n < 2; n++) {
        if (!der_next_is(&d, DER_CONTEXT_CONSTRUCTED(n)))
            continue;
        TRY(der_enter(&d, DER_CONTEXT_CONSTRUCTED(n), &in));
        TRY(der_time(&in, ends[n]));
        TRY(der_end(&in));
    }
    return der_end(&d);
}

struct extension {
    struct span oid, value;
    bool critical;
};

static enum rc extension_take(struct der *d, struct extension *out) {
    struct der in;
    struct der_item value;
    struct extension e = {0};
    TRY(der_enter(d, DER_SEQUENCE, &in));
    TRY(der_oid(&in, &e.oid));
    if (der_next_is(&in, DER_BOOLEAN)) {
        TRY(der_boolean(&in, &e.critical));
        if (!e.critical)
            FAIL(RC_INPUT, "DER leaves \"not critical\" out");
    }
    TRY(der_take(&in, DER_OCTET_STRING, &value));
    e.value = value.value;
    *out = e;
    return der_end(&in);
}

static enum rc extensions(struct span contents, struct cmp_request *r) {
    struct der d = der_open(contents);
    struct extension e;
    r->extensions = contents;
    while (!der_empty(&d))
        TRY(extension_take(&d, &e));
    return RC_OK;
}

/* issuer [3] and subject [5]: a CHOICE, so the tag stands around it. */
static enum rc name(struct span contents, struct span *out) {
    struct der d = der_open(contents);
    TRY(cert_name_read(&d, out));
    return der_end(&d);
}

/* A primitive that stands under a tag of its own: read as what it stands for. */
static enum rc number(struct span contents) {
    return cert_any_check(&(struct der_item){.tag = DER_INTEGER, .value = contents, .whole = contents});
}

static enum rc bits(struct span contents) {
    if (contents.len == 0 || contents.ptr[0] != 0)
        FAIL(RC_INPUT, "no BIT STRING of whole bytes");
    return RC_OK;
}

static enum rc algorithm(struct span contents) {
    struct der d = der_open(contents);
    struct span oid;
    struct der_item params;
    TRY(der_oid(&d, &oid));
    if (der_empty(&d))
        return RC_OK;
    TRY(der_any(&d, &params));
    TRY(cert_any_check(&params));
    return der_end(&d);
}

/* What the key is, is seen where it is used (pki/cmp/cmp_proof.c). */
static enum rc field(int n, const struct der_item *item, struct cmp_request *r) {
    r->other_fields |= n == 1 || n == 7 || n == 8;
    switch (n) {
    case 0:
        r->version = item->value;
        return number(item->value);
    case 2:
        r->signing_alg = item->value;
        return algorithm(item->value);
    case 3:
        return name(item->value, &r->issuer);
    case 4:
        return validity(item->value, r);
    case 5:
        return name(item->value, &r->subject);
    case 6:
        r->spki = item->value;
        return r->spki.len > 0 ? RC_OK : err_set(RC_INPUT, "an empty public key");
    case 7:
    case 8:
        return bits(item->value);
    case 9:
        return extensions(item->value, r);
    default:
        return number(item->value);
    }
}

static enum rc cert_template(struct der *d, struct cmp_request *r) {
    struct der in;
    struct der_item item;
    TRY(der_enter(d, DER_SEQUENCE, &in));
    for (int n = 0; n <= TEMPLATE_LAST && !der_empty(&in); n++) {
        bool primitive = n < 2 || n == 7 || n == 8;
        uint8_t tag = (uint8_t)(primitive ? DER_CONTEXT(n) : DER_CONTEXT_CONSTRUCTED(n));
        if (!der_next_is(&in, tag))
            continue;
        TRY(der_any(&in, &item));
        TRY(field(n, &item, r));
    }
    return der_end(&in);
}

/* CertId ::= SEQUENCE { issuer GeneralName, serialNumber INTEGER } */
static enum rc old_cert_id(struct der *d, struct cmp_request *r) {
    struct der in;
    if (r->old_serial.len > 0)
        FAIL(RC_INPUT, "two oldCertIDs");
    TRY(der_enter(d, DER_SEQUENCE, &in));
    TRY(cmp_name_take(&in, &r->old_issuer));
    TRY(der_integer(&in, &r->old_serial));
    return der_end(&in);
}

/* Of the controls of RFC 4211 only oldCertID has a meaning in a renewal; those that it does not know are passed over.
 */
static enum rc control(struct der *d, struct cmp_request *r) {
    struct span oid;
    struct der_item value;
    TRY(der_oid(d, &oid));
    if (span_eq(oid, OID_OLD_CERT_ID))
        return old_cert_id(d, r);
    if (oid.len > OID_REG_CTRL.len && span_eq(span_of(oid.ptr, OID_REG_CTRL.len), OID_REG_CTRL))
        FAIL(RC_INPUT, "a control that is not served here; only oldCertID is");
    TRY(der_any(d, &value));
    return cert_any_check(&value);
}

static enum rc controls(struct der *d, struct cmp_request *r) {
    struct der all, one;
    TRY(der_enter(d, DER_SEQUENCE, &all));
    do {
        TRY(der_enter(&all, DER_SEQUENCE, &one));
        TRY(control(&one, r));
        TRY(der_end(&one));
    } while (!der_empty(&all));
    return RC_OK;
}

/* POPOSigningKeyInput: { authInfo CHOICE { sender [0] GeneralName, … }, publicKey }. A MAC instead of a sender is for
   those who have no certificate yet. */
static enum rc pop_input(struct der *d, struct cmp_request *r) {
    struct der_item input;
    struct der in, sender;
    struct cert key = {0};
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(0)))
        return RC_OK;
    TRY(der_any(d, &input));
    in = der_open(input.value);
    TRY(der_enter(&in, DER_CONTEXT_CONSTRUCTED(0), &sender));
    TRY(cmp_name_take(&sender, &r->pop_sender));
    TRY(der_end(&sender));
    TRY(cert_spki_read(&in, &key));
    r->pop_input = input.value;
    r->pop_input_spki = key.spki;
    return der_end(&in);
}

/* POPOSigningKey, under [1]. */
static enum rc pop_signature(struct der *d, struct cmp_request *r) {
    struct der in;
    uint8_t unused;
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(1), &in));
    TRY(pop_input(&in, r));
    TRY(cmp_alg_take(&in, &r->pop_alg));
    TRY(der_bits(&in, &r->pop_signature, &unused));
    if (unused != 0)
        FAIL(RC_INPUT, "%u unused bits", unused);
    r->popo = CMP_POPO_SIGNATURE;
    return der_end(&in);
}

static enum rc possession(struct der *d, struct cmp_request *r) {
    struct der_item item;
    if (der_next_is(d, DER_CONTEXT_CONSTRUCTED(1)))
        return pop_signature(d, r);
    if (der_next_is(d, DER_CONTEXT(0)))
        r->popo = CMP_POPO_RA;
    else if (der_next_is(d, DER_CONTEXT_CONSTRUCTED(2)) || der_next_is(d, DER_CONTEXT_CONSTRUCTED(3)))
        r->popo = CMP_POPO_OTHER;
    else
        return RC_OK;
    return der_any(d, &item);
}

static enum rc cert_req_id(struct der *d) {
    int64_t id;
    TRY(der_small(d, &id));
    return id == 0 ? RC_OK : err_set(RC_INPUT, "certReqId is not 0 (RFC 9483 4.1.1)");
}

/* CertRequest ::= SEQUENCE { certReqId INTEGER, certTemplate CertTemplate, controls Controls OPTIONAL } */
static enum rc cert_request(struct der *d, struct cmp_request *r) {
    struct der in;
    struct der_item item;
    TRY(der_take(d, DER_SEQUENCE, &item));
    r->cert_request = item.whole;
    in = der_open(item.value);
    TRY(cert_req_id(&in));
    TRY(cert_at("template", cert_template(&in, r)));
    if (!der_empty(&in))
        TRY(cert_at("controls", controls(&in, r)));
    return der_end(&in);
}

/* What those who register would like to tell means nothing in a renewal (RFC 4211 section 7): passed over. */
static enum rc reg_info(struct der *d) {
    struct der all;
    struct span type, value;
    TRY(der_enter(d, DER_SEQUENCE, &all));
    do
        TRY(cmp_info_take(&all, &type, &value));
    while (!der_empty(&all));
    return RC_OK;
}

static enum rc request(struct der *d, struct cmp_request *r) {
    struct der messages, one;
    TRY(der_enter(d, DER_SEQUENCE, &messages));
    TRY(der_enter(&messages, DER_SEQUENCE, &one));
    if (!der_empty(&messages))
        FAIL(RC_INPUT, "more than one request; send one message for each");
    TRY(cert_request(&one, r));
    TRY(cert_at("proof of possession", possession(&one, r)));
    if (der_next_is(&one, DER_SEQUENCE))
        TRY(cert_at("regInfo", reg_info(&one)));
    TRY(der_end(&one));
    return der_end(d);
}

enum rc cmp_request_parse(struct span content, struct cmp_request *out) {
    struct cmp_request r = {.not_before = INSTANT_NONE, .not_after = INSTANT_NONE};
    struct der d = der_open(content);
    TRY(cert_at("key update request", request(&d, &r)));
    *out = r;
    return RC_OK;
}

static bool extensions_granted(const struct cmp_request *r, const struct cert *c) {
    struct der d = der_open(r->extensions);
    struct extension asked;
    while (!der_empty(&d)) {
        if (extension_take(&d, &asked) != RC_OK)
            return false;
        const struct cert_ext *e = cert_ext_find(c, asked.oid);
        if (e == NULL || e->critical != asked.critical || !span_eq(e->value, asked.value))
            return false;
    }
    return true;
}

/* What all certificates of ours have: version 3, and the new CA's name and algorithm. */
static bool frame_granted(const struct cmp_request *r, const struct cert *c) {
    struct der d = der_open(c->sig_alg), alg;
    bool version = r->version.len == 0 || (r->version.len == 1 && r->version.ptr[0] == 2);
    bool signing =
        r->signing_alg.len == 0 || (der_enter(&d, DER_SEQUENCE, &alg) == RC_OK && span_eq(alg.rest, r->signing_alg));
    return version && signing && (r->issuer.len == 0 || span_eq(r->issuer, c->issuer));
}

bool cmp_request_modified(const struct cmp_request *r, const struct cert *granted) {
    const struct cert_facts *f = &granted->facts;
    return r->other_fields || !frame_granted(r, granted) ||
           (r->subject.len > 0 && !span_eq(r->subject, granted->subject)) ||
           (r->not_before != INSTANT_NONE && r->not_before != f->not_before) ||
           (r->not_after != INSTANT_NONE && r->not_after != f->not_after) || !extensions_granted(r, granted);
}

/* PKIStatusInfo ::= SEQUENCE { status INTEGER, statusString PKIFreeText OPTIONAL, failInfo BIT STRING OPTIONAL } */
static enum rc status_info(struct der *d, struct cmp_status *s) {
    struct der in;
    struct span fail;
    int64_t status;
    uint8_t unused;
    TRY(der_enter(d, DER_SEQUENCE, &in));
    TRY(der_small(&in, &status));
    s->accepted = status == CMP_ACCEPTED;
    s->contradicts = status != CMP_ACCEPTED && status != CMP_REJECTION;
    if (der_next_is(&in, DER_SEQUENCE))
        TRY(cmp_free_text(&in, &s->text));
    if (der_empty(&in))
        return RC_OK;
    s->contradicts |= s->accepted;
    TRY(der_bits(&in, &fail, &unused));
    return der_end(&in);
}

/* hashAlg [0] AlgorithmIdentifier: a hash function, told by the signature algorithms we take with it. */
static enum rc hash_alg(struct der *d, struct cmp_status *s) {
    const struct {
        struct span oid;
        enum hash hash;
    } known[] = {{OID_SHA256, HASH_SHA256}, {OID_SHA384, HASH_SHA384}, {OID_SHA512, HASH_SHA512}};
    struct der in;
    struct span whole, oid, params;
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(0), &in));
    TRY(cert_alg_read(&in, &whole, &oid, &params));
    TRY(der_end(&in));
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!span_eq(oid, known[i].oid))
            continue;
        s->hash = known[i].hash;
        return RC_OK;
    }
    FAIL(RC_INPUT, "the certificate's hash is of no kind taken here: SHA-256, SHA-384 or SHA-512");
}

/* CertStatus ::= SEQUENCE { certHash OCTET STRING, certReqId INTEGER, statusInfo PKIStatusInfo OPTIONAL,
   hashAlg [0] AlgorithmIdentifier OPTIONAL } */
static enum rc cert_status(struct der *d, int64_t version, struct cmp_status *s) {
    struct der in;
    struct der_item hash;
    TRY(der_enter(d, DER_SEQUENCE, &in));
    TRY(der_take(&in, DER_OCTET_STRING, &hash));
    s->cert_hash = hash.value;
    TRY(cert_req_id(&in));
    s->accepted = true;
    if (der_next_is(&in, DER_SEQUENCE))
        TRY(status_info(&in, s));
    if (der_next_is(&in, DER_CONTEXT_CONSTRUCTED(0)) && version >= CMP_PVNO_2021)
        TRY(hash_alg(&in, s));
    return der_end(&in);
}

/* ErrorMsgContent ::= SEQUENCE { PKIStatusInfo, errorCode INTEGER OPTIONAL, errorDetails PKIFreeText OPTIONAL } */
static enum rc error_content(struct der *in, struct cmp_status *s) {
    struct span code, details;
    TRY(status_info(in, s));
    s->accepted = s->contradicts = false; /* whatever it says: it is an error */
    if (der_next_is(in, DER_INTEGER))
        TRY(der_integer(in, &code));
    if (!der_empty(in))
        TRY(cmp_free_text(in, &details));
    return der_end(in);
}

static enum rc status(const struct cmp_msg *m, struct cmp_status *s) {
    struct der d = der_open(m->content), in;
    TRY(der_enter(&d, DER_SEQUENCE, &in));
    TRY(der_end(&d));
    if (m->type == CMP_ERROR)
        return error_content(&in, s);
    if (!der_empty(&in))
        TRY(cert_status(&in, m->version, s));
    return der_end(&in);
}

enum rc cmp_status_parse(const struct cmp_msg *m, struct cmp_status *out) {
    struct cmp_status s = {.hash = HASH_SHA256};
    TRY(cert_at("certificate status", status(m, &s)));
    *out = s;
    return RC_OK;
}
