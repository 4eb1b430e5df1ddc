/* Writes a refusal: OpenSSL has no public function for an error message, and its own texts carry no code of ours
   (declared in pki/cmp/cmp_msg.h). */
#include "base/digest.h"
#include "pki/cmp/cmp_msg.h"

#define NONCE_LEN 16

static void put_octets(struct derw *w, int n, struct span octets_) {
    if (octets_.len == 0)
        return;
    derw_open(w, DER_CONTEXT_CONSTRUCTED(n));
    derw_put(w, DER_OCTET_STRING, octets_);
    derw_close(w);
}

static void put_header(struct derw *w, const struct cmp_refusal *r) {
    uint8_t nonce[NONCE_LEN];
    random_bytes(nonce, sizeof nonce);
    derw_open(w, DER_SEQUENCE);
    derw_small(w, CMP_PVNO);
    derw_open(w, CMP_DIRECTORY_NAME); /* sender */
    derw_raw(w, r->cert->subject);
    derw_close(w);
    derw_raw(w, r->to->sender); /* recipient */
    derw_open(w, DER_CONTEXT_CONSTRUCTED(1));
    derw_raw(w, key_sig_alg(r->key));
    derw_close(w);
    put_octets(w, 2, span_of(r->cert->facts.ski, r->cert->facts.ski_len));
    put_octets(w, 4, r->to->transaction);
    put_octets(w, 5, span_of(nonce, sizeof nonce));
    put_octets(w, 6, r->to->sender_nonce);
    derw_close(w);
}

/* PKIFailureInfo is a named bit list: in DER nothing follows the last bit that is set. */
static void put_body(struct derw *w, const struct cmp_refusal *r) {
    uint8_t bits[4] = {0};
    bits[r->fail / 8] = (uint8_t)(0x80 >> r->fail % 8);
    derw_open(w, DER_CONTEXT_CONSTRUCTED(CMP_ERROR));
    derw_open(w, DER_SEQUENCE); /* ErrorMsgContent */
    derw_open(w, DER_SEQUENCE); /* PKIStatusInfo */
    derw_small(w, CMP_REJECTION);
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_UTF8_STRING, span_str(r->text));
    derw_close(w);
    derw_bits(w, span_of(bits, (size_t)r->fail / 8 + 1), (uint8_t)(7 - r->fail % 8));
    derw_close(w);
    derw_close(w);
    derw_close(w);
}

enum rc cmp_msg_refuse(const struct cmp_refusal *r, struct buf *out) {
    AUTO(derw) part = {0}; /* ProtectedPart ::= SEQUENCE { header, body }: what is signed */
    AUTO(derw) w = {0};
    AUTO(buf) signature = {0};
    struct der_item protected_part;
    derw_open(&part, DER_SEQUENCE);
    put_header(&part, r);
    put_body(&part, r);
    derw_close(&part);
    TRY(derw_end(&part));
    TRY(key_sign(r->key, buf_span(&part.out), &signature));
    struct der d = der_open(buf_span(&part.out));
    TRY(der_take(&d, DER_SEQUENCE, &protected_part));
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, protected_part.value);
    derw_open(&w, DER_CONTEXT_CONSTRUCTED(0));
    derw_bits(&w, buf_span(&signature), 0);
    derw_close(&w);
    derw_open(&w, DER_CONTEXT_CONSTRUCTED(1));
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, r->cert->der);
    derw_raw(&w, r->ca);
    derw_close(&w);
    derw_close(&w);
    derw_close(&w);
    TRY(derw_end(&w));
    return buf_set(out, buf_span(&w.out));
}
