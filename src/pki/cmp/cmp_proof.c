/* Verifies protection and proof of possession over the exact bytes (declared in pki/cmp/cmp_proof.h). */
#include "pki/cmp/cmp_proof.h"

#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"
#include "pki/key/pubkey.h"

/* The contents of a SEQUENCE, with its head again: what was signed is the SEQUENCE, not what stood in its place. */
static enum rc sequence_of(struct span contents, struct buf *out) {
    AUTO(derw) w = {0};
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, contents);
    derw_close(&w);
    TRY(derw_end(&w));
    return buf_set(out, buf_span(&w.out));
}

struct claim { /* that a signature is one of these bytes */
    const struct cmp_alg *alg;
    struct span data, signature;
};

static enum rc verify(const struct cert *by, struct pubkey *key, const struct claim *c) {
    if (by->facts.key_kind == KEY_RSA && (by->facts.key_bits > CERT_RSA_MOST || by->exponent.len > CERT_EXPONENT_MOST))
        FAIL(RC_CRYPTO, "the key is larger than any of ours: RSA of at most %d bits", CERT_RSA_MOST);
    if (!c->alg->good || c->alg->kind != by->facts.key_kind)
        FAIL(RC_CRYPTO, "the signature is of another kind than the key");
    if (key->rsa == NULL && key->ec == NULL)
        TRY(pubkey_open(by, key));
    return pubkey_verify(key, c->alg->hash, c->data, c->signature);
}

static enum rc check_sender(const struct cmp_msg *m, const struct cert *by) {
    struct der d = der_open(m->sender);
    struct span name, ski = span_of(by->facts.ski, by->facts.ski_len);
    TRY(cmp_name_take(&d, &name));
    if (name.len == 2) /* NULL-DN: for those who have no name yet (RFC 4210 D.1) */
        FAIL(RC_CRYPTO, "leave no sender empty, name the subject of the certificate that signs (RFC 9483 3.1)");
    if (!span_eq(name, by->subject))
        FAIL(RC_CRYPTO, "the sender is not the subject of the certificate that signs");
    if (m->sender_kid.len > 0 && ski.len > 0 && !span_eq(m->sender_kid, ski))
        FAIL(RC_CRYPTO, "senderKID is not the key identifier of the certificate that signs");
    return RC_OK;
}

static enum rc check_usage(const struct cert *by) {
    uint16_t bits;
    enum rc rc = cert_key_usage(by, &bits);
    if (rc == RC_OK && (bits & USAGE_DIGITAL_SIGNATURE) == 0)
        FAIL(RC_CRYPTO, "the certificate that signs is for no signatures (RFC 5280 4.2.1.3)");
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc cmp_protected_by(const struct cmp_msg *m, const struct cert *by, struct pubkey *key) {
    struct cmp_alg alg;
    AUTO(pubkey) own = {0};
    AUTO(buf) part = {0}; /* ProtectedPart ::= SEQUENCE { header, body } */
    if (m->protection != CMP_SIGNED)
        FAIL(RC_REFUSED, "the message is not signed by RSA or ECDSA with SHA-256, SHA-384 or SHA-512");
    TRY(check_sender(m, by));
    TRY(check_usage(by));
    struct der d = der_open(m->protection_alg);
    TRY(cmp_alg_take(&d, &alg));
    TRY(sequence_of(span_of(m->header.ptr, m->header.len + m->body.len), &part));
    const struct claim c = {&alg, buf_span(&part), m->signature};
    return cert_at("protection", verify(by, key == NULL ? &own : key, &c));
}

enum rc cmp_request_key(const struct cmp_request *r, const struct cert *old, struct buf *spki) {
    struct cert key = {0};
    if (r->spki.len == 0)
        return buf_set(spki, old->spki);
    TRY(sequence_of(r->spki, spki));
    struct der d = der_open(buf_span(spki));
    TRY(cert_at("the template's key", cert_spki_read(&d, &key)));
    return der_end(&d);
}

/* What is signed: the CertRequest, or the input that stands in its place and names the same key and who asks:
   another's, seen elsewhere, proves nothing (RFC 4211 4.1). */
static enum rc signed_bytes(const struct cmp_request *r, const struct cert *old, struct span spki, struct buf *out) {
    if (r->pop_input.len == 0)
        return buf_set(out, r->cert_request);
    if (!span_eq(r->pop_input_spki, spki))
        FAIL(RC_CRYPTO, "the proof of possession is of another key");
    if (!span_eq(r->pop_sender, old->subject))
        FAIL(RC_CRYPTO, "the proof of possession is another subscriber's");
    return sequence_of(r->pop_input, out);
}

enum rc cmp_possession(const struct cmp_request *r, const struct cert *old, struct pubkey *old_key, struct span spki) {
    struct cert key = {0};
    AUTO(buf) data = {0};
    AUTO(pubkey) other = {0};
    bool ready = old_key != NULL && span_eq(spki, old->spki);
    if (r->popo == CMP_POPO_NONE && r->spki.len == 0)
        return RC_OK;
    if (r->popo != CMP_POPO_SIGNATURE)
        FAIL(RC_CRYPTO, "proof of possession: a signature of the key is wanted");
    struct der d = der_open(spki);
    TRY(cert_spki_read(&d, &key));
    TRY(signed_bytes(r, old, spki, &data));
    const struct claim c = {&r->pop_alg, buf_span(&data), r->pop_signature};
    return cert_at("proof of possession", verify(&key, ready ? old_key : &other, &c));
}
