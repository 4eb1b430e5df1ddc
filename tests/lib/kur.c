/* Writes kur and certConf (declared in lib/kur.h). */
#include "lib/kur.h"

#include <string.h>

#include "base/digest.h"
#include "pki/cert/oid.h"
#include "pki/cmp/cmp_msg.h"

#define OLD_CERT_ID OID("\x2b\x06\x01\x05\x05\x07\x05\x01\x05")

static void octets(struct derw *w, int n, const void *bytes, size_t len) {
    derw_open(w, (uint8_t)DER_CONTEXT_CONSTRUCTED(n));
    derw_put(w, DER_OCTET_STRING, span_of(bytes, len));
    derw_close(w);
}

static void name(struct derw *w, struct span der) {
    derw_open(w, CMP_DIRECTORY_NAME);
    derw_raw(w, der);
    derw_close(w);
}

static void header(struct derw *w, const struct kur *k, const struct cert *old, struct span recip_nonce) {
    uint8_t id[16] = {0x4b};
    memcpy(id + 12, &k->number, sizeof k->number);
    derw_open(w, DER_SEQUENCE);
    derw_small(w, k->version == 0 ? CMP_PVNO : k->version);
    if (k->sender.len > 0)
        derw_raw(w, k->sender);
    else
        name(w, old->subject);
    if (k->recipient.len > 0)
        derw_raw(w, k->recipient);
    else
        name(w, span_of("\x30\x00", 2));
    derw_raw(w, k->time);
    derw_open(w, DER_CONTEXT_CONSTRUCTED(1));
    derw_raw(w, key_sig_alg(k->key));
    derw_close(w);
    if (!k->no_transaction)
        octets(w, 4, id, sizeof id);
    octets(w, 5, "the sender nonce", 16);
    if (recip_nonce.len > 0)
        octets(w, 6, recip_nonce.ptr, recip_nonce.len);
    if (k->info.len > 0) {
        derw_open(w, DER_CONTEXT_CONSTRUCTED(8));
        derw_open(w, DER_SEQUENCE);
        derw_raw(w, k->info);
        derw_close(w);
        derw_close(w);
    }
    derw_close(w);
}

static void old_cert_id(struct derw *w, const struct cert *old) {
    derw_open(w, DER_SEQUENCE);
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, OLD_CERT_ID);
    derw_open(w, DER_SEQUENCE);
    name(w, old->issuer);
    derw_raw(w, old->serial_der);
    derw_close(w);
    derw_close(w);
    derw_close(w);
}

static enum rc cert_request(struct derw *w, const struct kur *k, const struct cert *old) {
    AUTO(buf) spki = {0};
    struct der_item key;
    TRY(key_spki(k->new_key == NULL ? k->key : k->new_key, &spki));
    struct der d = der_open(buf_span(&spki));
    TRY(der_take(&d, DER_SEQUENCE, &key));
    derw_open(w, DER_SEQUENCE);
    derw_small(w, 0);
    derw_open(w, DER_SEQUENCE);
    derw_raw(w, k->template);
    if (!k->no_key) {
        derw_open(w, DER_CONTEXT_CONSTRUCTED(6));
        derw_raw(w, key.value);
        derw_close(w);
    }
    derw_raw(w, k->extensions);
    derw_close(w);
    old_cert_id(w, old);
    derw_close(w);
    return derw_end(w);
}

static enum rc possession(struct derw *w, const struct kur *k, struct span request) {
    AUTO(buf) signature = {0};
    struct key *by = k->new_key == NULL ? k->key : k->new_key;
    if (k->popo.len > 0) {
        derw_raw(w, k->popo);
        return RC_OK;
    }
    if (k->no_popo)
        return RC_OK;
    TRY(key_sign(by, request, &signature));
    derw_open(w, DER_CONTEXT_CONSTRUCTED(1));
    derw_raw(w, key_sig_alg(by));
    derw_bits(w, buf_span(&signature), 0);
    derw_close(w);
    return RC_OK;
}

enum rc kur_protect(const struct kur *k, struct span part, struct buf *message) {
    AUTO(derw) w = {0};
    AUTO(derw) whole = {0};
    AUTO(buf) signature = {0};
    derw_open(&whole, DER_SEQUENCE);
    derw_raw(&whole, part);
    derw_close(&whole);
    TRY(derw_end(&whole));
    TRY(key_sign(k->key, buf_span(&whole.out), &signature));
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, part);
    derw_open(&w, DER_CONTEXT_CONSTRUCTED(0));
    derw_bits(&w, buf_span(&signature), 0);
    derw_close(&w);
    derw_open(&w, DER_CONTEXT_CONSTRUCTED(1));
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, k->old_cert);
    derw_close(&w);
    derw_close(&w);
    derw_close(&w);
    TRY(derw_end(&w));
    return buf_set(message, buf_span(&w.out));
}

enum rc kur_write(const struct kur *k, struct buf *message) {
    AUTO(derw) request = {0};
    AUTO(derw) part = {0};
    struct cert old;
    TRY(cert_parse(k->old_cert, &old));
    TRY(cert_request(&request, k, &old));
    header(&part, k, &old, (struct span){0});
    derw_open(&part, DER_CONTEXT_CONSTRUCTED(CMP_KUR));
    derw_open(&part, DER_SEQUENCE);
    derw_open(&part, DER_SEQUENCE);
    derw_raw(&part, buf_span(&request.out));
    TRY(possession(&part, k, buf_span(&request.out)));
    derw_raw(&part, k->reg_info);
    derw_close(&part);
    derw_close(&part);
    derw_close(&part);
    TRY(derw_end(&part));
    return kur_protect(k, buf_span(&part.out), message);
}

enum rc kur_ask(const struct kur *k, struct span questions, struct buf *message) {
    AUTO(derw) part = {0};
    struct cert old;
    TRY(cert_parse(k->old_cert, &old));
    header(&part, k, &old, (struct span){0});
    derw_open(&part, DER_CONTEXT_CONSTRUCTED(CMP_GENM));
    derw_open(&part, DER_SEQUENCE);
    derw_raw(&part, questions);
    derw_close(&part);
    derw_close(&part);
    TRY(derw_end(&part));
    return kur_protect(k, buf_span(&part.out), message);
}

/* The certificate in a kup: the last element of each that holds it. */
static enum rc granted(const struct cmp_msg *kup, struct span *certificate) {
    struct der d = der_open(kup->content);
    struct der_item item = {0};
    for (int depth = 0; depth < 6;
         depth++) { /* CertRepMessage, response, CertResponse, CertifiedKeyPair, [0], itself */
        while (!der_empty(&d))
            TRY(der_any(&d, &item));
        d = der_open(item.value);
    }
    *certificate = item.whole;
    return RC_OK;
}

enum rc kur_confirm(const struct kur *k, struct span kup, const char *text, struct buf *message) {
    AUTO(derw) part = {0};
    struct cert old;
    struct cmp_msg m;
    struct span certificate;
    TRY(cert_parse(k->old_cert, &old));
    TRY(cmp_msg_parse(kup, &m));
    TRY(granted(&m, &certificate));
    struct sha256 hash = sha256_of(certificate);
    header(&part, k, &old, m.sender_nonce);
    derw_open(&part, DER_CONTEXT_CONSTRUCTED(CMP_CERTCONF));
    derw_open(&part, DER_SEQUENCE);
    derw_open(&part, DER_SEQUENCE);
    derw_put(&part, DER_OCTET_STRING, span_of(hash.bytes, sizeof hash.bytes));
    derw_small(&part, 0);
    derw_raw(&part, k->status);
    if (text != NULL) {
        derw_open(&part, DER_SEQUENCE);
        derw_small(&part, CMP_REJECTION);
        derw_open(&part, DER_SEQUENCE);
        derw_put(&part, DER_UTF8_STRING, span_str(text));
        derw_close(&part);
        derw_close(&part);
    }
    derw_close(&part);
    derw_close(&part);
    derw_close(&part);
    TRY(derw_end(&part));
    return kur_protect(k, buf_span(&part.out), message);
}
