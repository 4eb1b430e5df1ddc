/* Writes and signs answers (declared in pki/cmp/cmp_write.h). */
#include "pki/cmp/cmp_write.h"

#include "base/day.h"
#include "base/digest.h"
#include "pki/cert/oid.h"

#define NONCE_LEN 16   /* bytes of ours: 128 bits (RFC 9483 3.1) */
#define ROOM      4096 /* most answers fit: one allocation */

/* Of generalInfo. */
struct extra {
    bool implicit_confirm;
    const struct cmp_keep *keep; /* NULL: nothing */
};

static void put_octets(struct derw *w, int n, struct span octets) {
    if (octets.len == 0)
        return;
    derw_open(w, DER_CONTEXT_CONSTRUCTED(n));
    derw_put(w, DER_OCTET_STRING, octets);
    derw_close(w);
}

static void put_time(struct derw *w, int64_t now) {
    char iso[INSTANT_TEXT], digits[INSTANT_TEXT];
    size_t n = 0;
    instant_format(now, iso); /* YYYY-MM-DDThh:mm:ssZ */
    for (const char *c = iso; *c != '\0'; c++)
        if ((*c >= '0' && *c <= '9') || *c == 'Z')
            digits[n++] = *c;
    derw_open(w, DER_CONTEXT_CONSTRUCTED(0));
    derw_put(w, DER_GENERALIZED_TIME, span_of(digits, n));
    derw_close(w);
}

static void put_info(struct derw *w, struct span type, struct span value) {
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, type);
    derw_raw(w, value);
    derw_close(w);
}

/* The secret is an OCTET STRING. */
static void put_keep(struct derw *w, const struct cmp_keep *k) {
    if (k->receipt.len > 0)
        put_info(w, OID_RECEIPT, buf_span(&k->receipt));
    if (k->secret.len == 0)
        return;
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, OID_SECRET);
    derw_put(w, DER_OCTET_STRING, buf_span(&k->secret));
    derw_close(w);
}

enum rc cmp_keep_infos(const struct cmp_keep *keep, struct buf *infos) {
    AUTO(derw) w = {0};
    put_keep(&w, keep);
    TRY(derw_end(&w));
    return buf_add_span(infos, buf_span(&w.out));
}

static void put_infos(struct derw *w, const struct extra *e) {
    if (e == NULL || (!e->implicit_confirm && e->keep == NULL))
        return;
    derw_open(w, DER_CONTEXT_CONSTRUCTED(8));
    derw_open(w, DER_SEQUENCE);
    if (e->implicit_confirm)
        put_info(w, OID_IMPLICIT_CONFIRM, span_of("\x05\x00", 2));
    if (e->keep != NULL)
        put_keep(w, e->keep);
    derw_close(w);
    derw_close(w);
}

static void put_header(struct derw *w, const struct cmp_reply *r, const struct extra *e) {
    uint8_t nonce[NONCE_LEN], fresh[NONCE_LEN];
    struct span transaction = r->to->transaction;
    bool known = r->to->version >= CMP_PVNO_2021; /* of what is newer than ours the highest that we speak (section 7) */
    random_bytes(nonce, sizeof nonce);
    if (transaction.len == 0) { /* the client may leave it to us (5.1.1) */
        random_bytes(fresh, sizeof fresh);
        transaction = span_of(fresh, sizeof fresh);
    }
    derw_open(w, DER_SEQUENCE);
    derw_small(w, known ? CMP_PVNO_2021 : CMP_PVNO);
    derw_open(w, CMP_DIRECTORY_NAME); /* sender */
    derw_raw(w, r->cert->subject);
    derw_close(w);
    derw_raw(w, r->to->sender); /* recipient */
    put_time(w, r->now);
    derw_open(w, DER_CONTEXT_CONSTRUCTED(1));
    derw_raw(w, key_sig_alg(r->key));
    derw_close(w);
    put_octets(w, 2, span_of(r->cert->facts.ski, r->cert->facts.ski_len));
    put_octets(w, 4, transaction);
    put_octets(w, 5, span_of(nonce, sizeof nonce));
    put_octets(w, 6, r->to->sender_nonce);
    put_infos(w, e);
    derw_close(w);
}

/* PKIFailureInfo is a named bit list: in DER nothing follows the last bit that is set. */
static void put_fail(struct derw *w, enum cmp_fail fail) {
    uint8_t bits[4] = {0};
    bits[fail / 8] = (uint8_t)(0x80 >> fail % 8);
    derw_bits(w, span_of(bits, (size_t)fail / 8 + 1), (uint8_t)(7 - fail % 8));
}

static void put_rejection(struct derw *w, enum cmp_fail fail, const char *text) {
    derw_open(w, DER_SEQUENCE); /* PKIStatusInfo */
    derw_small(w, CMP_REJECTION);
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_UTF8_STRING, span_str(text));
    derw_close(w);
    put_fail(w, fail);
    derw_close(w);
}

/* Opens the message in `w` up to its body's content. */
static void begin(struct derw *w, const struct cmp_reply *r, int type, const struct extra *e) {
    w->rc = buf_reserve(&w->out, ROOM);
    derw_open(w, DER_SEQUENCE); /* ProtectedPart: what is signed */
    put_header(w, r, e);
    derw_open(w, (uint8_t)DER_CONTEXT_CONSTRUCTED(type));
}

/* Closes the body, signs, and writes the message with its certificates. */
static enum rc finish(struct derw *part, const struct cmp_reply *r, struct buf *out) {
    AUTO(derw) w = {0};
    AUTO(buf) signature = {0};
    struct der_item protected_part;
    derw_close(part);
    derw_close(part);
    TRY(derw_end(part));
    TRY(key_sign(r->key, buf_span(&part->out), &signature));
    struct der d = der_open(buf_span(&part->out));
    TRY(der_take(&d, DER_SEQUENCE, &protected_part));
    TRY(buf_reserve(&w.out, ROOM));
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, protected_part.value);
    derw_open(&w, DER_CONTEXT_CONSTRUCTED(0));
    derw_bits(&w, buf_span(&signature), 0);
    derw_close(&w);
    derw_open(&w, DER_CONTEXT_CONSTRUCTED(1));
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, r->cert->der);
    derw_raw(&w, r->issuer);
    derw_close(&w);
    derw_close(&w);
    derw_close(&w);
    TRY(derw_end(&w));
    return buf_set(out, buf_span(&w.out));
}

enum rc cmp_write_error(const struct cmp_reply *r, enum cmp_fail fail, const char *text, struct buf *out) {
    AUTO(derw) w = {0};
    begin(&w, r, CMP_ERROR, NULL);
    derw_open(&w, DER_SEQUENCE); /* ErrorMsgContent */
    put_rejection(&w, fail, text);
    derw_close(&w);
    return finish(&w, r, out);
}

/* CertRepMessage with its one CertResponse, up to the status. */
static void begin_kup(struct derw *w, const struct cmp_reply *r, const struct extra *e) {
    begin(w, r, CMP_KUP, e);
    derw_open(w, DER_SEQUENCE);
    derw_open(w, DER_SEQUENCE);
    derw_open(w, DER_SEQUENCE);
    derw_small(w, 0); /* certReqId */
}

static enum rc finish_kup(struct derw *w, const struct cmp_reply *r, struct buf *out) {
    derw_close(w);
    derw_close(w);
    derw_close(w);
    return finish(w, r, out);
}

enum rc cmp_write_kup(const struct cmp_reply *r, const struct cmp_grant *g, struct buf *out) {
    AUTO(derw) w = {0};
    begin_kup(&w, r, &(struct extra){.implicit_confirm = g->implicit_confirm});
    derw_open(&w, DER_SEQUENCE); /* PKIStatusInfo */
    derw_small(&w, g->modified ? CMP_GRANTED_WITH_MODS : CMP_ACCEPTED);
    derw_close(&w);
    derw_open(&w, DER_SEQUENCE); /* CertifiedKeyPair */
    derw_open(&w, DER_CONTEXT_CONSTRUCTED(0));
    derw_raw(&w, g->certificate);
    derw_close(&w);
    derw_close(&w);
    return finish_kup(&w, r, out);
}

enum rc cmp_write_rejection(const struct cmp_reply *r, enum cmp_fail fail, const char *text, struct buf *out) {
    AUTO(derw) w = {0};
    begin_kup(&w, r, NULL);
    put_rejection(&w, fail, text);
    return finish_kup(&w, r, out);
}

enum rc cmp_write_pkiconf(const struct cmp_reply *r, const struct cmp_keep *keep, struct buf *out) {
    AUTO(derw) w = {0};
    begin(&w, r, CMP_PKICONF, &(struct extra){.keep = keep->receipt.len > 0 ? keep : NULL});
    derw_put(&w, DER_NULL, (struct span){0});
    return finish(&w, r, out);
}

enum rc cmp_write_genp(const struct cmp_reply *r, struct span infos, struct buf *out) {
    AUTO(derw) w = {0};
    begin(&w, r, CMP_GENP, NULL);
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, infos);
    derw_close(&w);
    return finish(&w, r, out);
}
