/* The small pieces of which the strict views of CMP messages are made (declared in pki/cmp/cmp_in.h). */
#include "pki/cmp/cmp_in.h"

#include "base/utf8.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"

#define OID_PASSWORD_MAC OID("\x2a\x86\x48\x86\xf6\x7d\x07\x42\x0d")
#define OID_DH_MAC       OID("\x2a\x86\x48\x86\xf6\x7d\x07\x42\x1e")
#define OID_PBMAC1       OID("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0e")

enum rc cmp_explicit(struct der *d, uint8_t tag, uint8_t what, struct der_item *item) {
    struct der in;
    TRY(der_enter(d, tag, &in));
    TRY(der_take(&in, what, item));
    return der_end(&in);
}

enum rc cmp_name_take(struct der *d, struct span *whole) {
    struct der in;
    TRY(der_enter(d, CMP_DIRECTORY_NAME, &in));
    TRY(cert_name_read(&in, whole));
    return der_end(&in);
}

enum rc cmp_free_text(struct der *d, struct span *first) {
    struct der texts;
    struct der_item text;
    TRY(der_enter(d, DER_SEQUENCE, &texts));
    *first = (struct span){0};
    do {
        TRY(der_take(&texts, DER_UTF8_STRING, &text));
        if (!utf8_valid(text.value))
            FAIL(RC_INPUT, "a text is not UTF-8");
        if (first->ptr == NULL)
            *first = text.value;
    } while (!der_empty(&texts));
    return RC_OK;
}

enum rc cmp_info_take(struct der *d, struct span *type, struct span *value) {
    struct der one;
    struct der_item item;
    *value = (struct span){0};
    TRY(der_enter(d, DER_SEQUENCE, &one));
    TRY(der_oid(&one, type));
    if (der_empty(&one))
        return RC_OK;
    TRY(der_any(&one, &item));
    TRY(cert_any_check(&item));
    *value = item.whole;
    return der_end(&one);
}

int cmp_it(struct span type) {
    bool it = type.len == OID_IT.len + 1 && span_eq(span_of(type.ptr, OID_IT.len), OID_IT);
    return it ? type.ptr[OID_IT.len] : -1;
}

/* RSA (RFC 8017 A.2.4) or ECDSA (RFC 5758 3.2). OpenSSL would verify MD5 and SHA-1 as well, which can be forged. */
enum rc cmp_alg_take(struct der *d, struct cmp_alg *out) {
    struct span oid, params;
    struct cmp_alg a = {0};
    TRY(cert_alg_read(d, &a.whole, &oid, &params));
    a.mac = span_eq(oid, OID_PASSWORD_MAC) || span_eq(oid, OID_DH_MAC) || span_eq(oid, OID_PBMAC1);
    a.good = sig_alg_known(oid, &a.kind, &a.hash) && a.hash != HASH_SHA1 &&
             (params.len == 0 || (a.kind == KEY_RSA && span_eq(params, span_of("\x05\x00", 2))));
    *out = a;
    return RC_OK;
}
