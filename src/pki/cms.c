/* Writes and reads signed documents (declared in pki/cms.h). Own DER both ways: one form, so one strict reader. */
#include "pki/cms.h"

#include "base/digest.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"
#include "pki/key/pubkey.h"

#define OID_DATA           OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")
#define OID_SIGNED_DATA    OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
#define OID_CONTENT_TYPE   OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03")
#define OID_MESSAGE_DIGEST OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04")
#define OID_SIGNING_TIME   OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05")

#define VERSION 1 /* of SignedData and SignerInfo: content is id-data, the signer is named by issuer and serial */
#define INSIDE  DER_CONTEXT_CONSTRUCTED(0)

static bool is_for(const struct cert *c, struct span purpose) {
    const struct cert_ext *eku = cert_ext_find(c, OID_EKU);
    struct der all, in;
    if (eku == NULL)
        return false;
    all = der_open(eku->value);
    if (der_enter(&all, DER_SEQUENCE, &in) != RC_OK)
        return false;
    for (struct span one; !der_empty(&in) && der_oid(&in, &one) == RC_OK;)
        if (span_eq(one, purpose))
            return true;
    return false;
}

bool cms_may_sign(const struct cert *c) {
    uint16_t usage = 0;
    return is_for(c, OID_EKU_CMC_RA) && cert_key_usage(c, &usage) == RC_OK && (usage & USAGE_DIGITAL_SIGNATURE) != 0;
}

bool cms_may_publish(const struct cert *c) {
    return cms_may_sign(c) && is_for(c, OID_EKU_CODE_SIGNING);
}

static void put_sha256(struct derw *w) { /* parameters are absent (RFC 5754 2) */
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, OID_SHA256);
    derw_close(w);
}

static void open_attr(struct derw *w, struct span oid) {
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, oid);
    derw_open(w, DER_SET);
}

static void close_attr(struct derw *w) {
    derw_close(w);
    derw_close(w);
}

/* SignedAttributes under `tag`, in the order a DER SET OF has: by length, for they differ there first. */
static enum rc attributes(uint8_t tag, struct span content, int64_t now, struct buf *out) {
    AUTO(derw) w = {0};
    struct sha256 hash = sha256_of(content);
    derw_open(&w, tag);
    open_attr(&w, OID_CONTENT_TYPE);
    derw_put(&w, DER_OID, OID_DATA);
    close_attr(&w);
    open_attr(&w, OID_SIGNING_TIME);
    derw_time(&w, now);
    close_attr(&w);
    open_attr(&w, OID_MESSAGE_DIGEST);
    derw_put(&w, DER_OCTET_STRING, span_of(hash.bytes, sizeof hash.bytes));
    close_attr(&w);
    derw_close(&w);
    TRY(derw_end(&w));
    return buf_set(out, buf_span(&w.out));
}

struct signer_info {
    struct span issuer, serial_der; /* of the signer's certificate */
    struct span attributes;         /* under [0] */
    struct span alg, signature;
};

static void put_signer(struct derw *w, const struct signer_info *s) {
    derw_open(w, DER_SET);
    derw_open(w, DER_SEQUENCE);
    derw_small(w, VERSION);
    derw_open(w, DER_SEQUENCE); /* IssuerAndSerialNumber */
    derw_raw(w, s->issuer);
    derw_raw(w, s->serial_der);
    derw_close(w);
    put_sha256(w);
    derw_raw(w, s->attributes);
    derw_raw(w, s->alg);
    derw_put(w, DER_OCTET_STRING, s->signature);
    derw_close(w);
    derw_close(w);
}

static enum rc write_document(const struct signer_info *s, struct span cert, struct span content, struct buf *out) {
    AUTO(derw) w = {0};
    derw_open(&w, DER_SEQUENCE); /* ContentInfo */
    derw_put(&w, DER_OID, OID_SIGNED_DATA);
    derw_open(&w, INSIDE);
    derw_open(&w, DER_SEQUENCE); /* SignedData */
    derw_small(&w, VERSION);
    derw_open(&w, DER_SET);
    put_sha256(&w);
    derw_close(&w);
    derw_open(&w, DER_SEQUENCE); /* EncapsulatedContentInfo */
    derw_put(&w, DER_OID, OID_DATA);
    derw_open(&w, INSIDE);
    derw_put(&w, DER_OCTET_STRING, content);
    derw_close(&w);
    derw_close(&w);
    derw_open(&w, INSIDE); /* certificates */
    derw_raw(&w, cert);
    derw_close(&w);
    put_signer(&w, s);
    derw_close(&w);
    derw_close(&w);
    derw_close(&w);
    TRY(derw_end(&w));
    return buf_set(out, buf_span(&w.out));
}

enum rc cms_sign(struct key *key, const struct cert *cert, struct span content, int64_t now, struct buf *out) {
    AUTO(buf) attrs = {0};
    AUTO(buf) attrs_inside = {0};
    AUTO(buf) signature = {0};
    if (!cms_may_sign(cert))
        FAIL(RC_CRYPTO, "the certificate may not sign documents: it needs the extended key usage id-kp-cmcRA");
    TRY(attributes(DER_SET, content, now, &attrs)); /* signed as a SET (RFC 5652 5.4), written under [0] */
    TRY(attributes(INSIDE, content, now, &attrs_inside));
    TRY(key_sign(key, buf_span(&attrs), &signature));
    struct signer_info s = {cert->issuer, cert->serial_der, buf_span(&attrs_inside), key_sig_alg(key),
                            buf_span(&signature)};
    return write_document(&s, cert->der, content, out);
}

/* Next is exactly this OID. */
static enum rc take_oid(struct der *d, struct span wanted) {
    struct span oid;
    TRY(der_oid(d, &oid));
    if (!span_eq(oid, wanted))
        FAIL(RC_INPUT, "another object identifier than the one expected");
    return RC_OK;
}

static enum rc take_version(struct der *d) {
    int64_t version;
    TRY(der_small(d, &version));
    if (version != VERSION)
        FAIL(RC_INPUT, "version %lld", (long long)version);
    return RC_OK;
}

static enum rc take_sha256(struct der *d) {
    struct span whole, oid, params;
    TRY(cert_alg_read(d, &whole, &oid, &params));
    if (!span_eq(oid, OID_SHA256) || params.len != 0)
        FAIL(RC_INPUT, "another hash than SHA-256");
    return RC_OK;
}

/* What stands in the document, before anything of it is believed. */
struct parts {
    struct cms cms;
    struct cert cert;
    struct signer_info signer;
};

static enum rc enter_attr(struct der *d, struct span oid, struct der *value) {
    struct der in;
    TRY(der_enter(d, DER_SEQUENCE, &in));
    TRY(take_oid(&in, oid));
    TRY(der_enter(&in, DER_SET, value));
    return der_end(&in);
}

/* Of the attributes only the time is news: the others are what the content makes them, and are compared as a whole. */
static enum rc read_attributes(struct span whole, struct cms *cms) {
    struct der d = der_open(whole), in, value;
    TRY(der_enter(&d, INSIDE, &in));
    TRY(enter_attr(&in, OID_CONTENT_TYPE, &value));
    TRY(enter_attr(&in, OID_SIGNING_TIME, &value));
    TRY(der_time(&value, &cms->signed_at));
    return der_end(&value);
}

static enum rc read_signer(struct der *d, struct parts *p) {
    struct der set, in, sid;
    struct der_item item;
    struct span oid, params;
    TRY(der_enter(d, DER_SET, &set));
    TRY(der_enter(&set, DER_SEQUENCE, &in));
    TRY(der_end(&set));
    TRY(take_version(&in));
    TRY(der_enter(&in, DER_SEQUENCE, &sid));
    TRY(der_take(&sid, DER_SEQUENCE, &item));
    p->signer.issuer = item.whole;
    TRY(der_take(&sid, DER_INTEGER, &item));
    p->signer.serial_der = item.whole;
    TRY(der_end(&sid));
    TRY(take_sha256(&in));
    TRY(der_take(&in, INSIDE, &item));
    p->signer.attributes = item.whole;
    TRY(read_attributes(item.whole, &p->cms));
    TRY(cert_alg_read(&in, &p->signer.alg, &oid, &params));
    TRY(der_take(&in, DER_OCTET_STRING, &item));
    p->signer.signature = item.value;
    return der_end(&in);
}

static enum rc read_content(struct der *d, struct parts *p) {
    struct der info, in;
    struct der_item item;
    TRY(der_enter(d, DER_SEQUENCE, &info));
    TRY(take_oid(&info, OID_DATA));
    TRY(der_enter(&info, INSIDE, &in));
    TRY(der_end(&info));
    TRY(der_take(&in, DER_OCTET_STRING, &item));
    p->cms.content = item.value;
    return der_end(&in);
}

static enum rc read_document(struct span document, struct parts *p) {
    struct der all = der_open(document), info, in, data, set;
    struct der_item item;
    TRY(der_enter(&all, DER_SEQUENCE, &info));
    TRY(der_end(&all));
    TRY(take_oid(&info, OID_SIGNED_DATA));
    TRY(der_enter(&info, INSIDE, &in));
    TRY(der_end(&info));
    TRY(der_enter(&in, DER_SEQUENCE, &data));
    TRY(der_end(&in));
    TRY(take_version(&data));
    TRY(der_enter(&data, DER_SET, &set));
    TRY(take_sha256(&set));
    TRY(der_end(&set));
    TRY(read_content(&data, p));
    TRY(der_enter(&data, INSIDE, &set));
    TRY(der_take(&set, DER_SEQUENCE, &item));
    TRY(der_end(&set));
    p->cms.signer = item.whole;
    TRY(cert_parse(item.whole, &p->cert));
    TRY(read_signer(&data, p));
    return der_end(&data);
}

static enum rc judge(const struct parts *p, const struct ca *ca) {
    AUTO(buf) attrs = {0};
    AUTO(buf) attrs_inside = {0};
    const struct signer_info *s = &p->signer;
    int64_t at = p->cms.signed_at;
    TRY(attributes(INSIDE, p->cms.content, at, &attrs_inside));
    if (!span_eq(buf_span(&attrs_inside), s->attributes))
        FAIL(RC_CRYPTO, "the content is not what was signed");
    if (!span_eq(s->issuer, p->cert.issuer) || !span_eq(s->serial_der, p->cert.serial_der))
        FAIL(RC_CRYPTO, "the certificate beside the signature is not the signer's");
    if (!span_eq(s->alg, sig_alg_of(p->cert.facts.key_kind, HASH_SHA256)))
        FAIL(RC_CRYPTO, "another signature algorithm than the key's with SHA-256");
    if (!cms_may_sign(&p->cert))
        FAIL(RC_CRYPTO, "the signer's certificate may not sign documents");
    if (ca != NULL)
        TRY(ca_verify(ca, &p->cert, false));
    if (at < p->cert.facts.not_before || at > p->cert.facts.not_after)
        FAIL(RC_CRYPTO, "the signer's certificate was not valid when it signed");
    TRY(attributes(DER_SET, p->cms.content, at, &attrs));
    return key_verify(&p->cert, buf_span(&attrs), s->signature);
}

enum rc cms_verify(struct span document, const struct ca *ca, struct cms *out) {
    struct parts p = {0};
    if (document.len > CMS_LIMIT)
        FAIL(RC_LIMIT, "a signed document of %zu bytes; at most %d", document.len, CMS_LIMIT);
    TRY(cert_at("signed document", read_document(document, &p)));
    TRY(cert_at("signed document", judge(&p, ca)));
    *out = p.cms;
    return RC_OK;
}
