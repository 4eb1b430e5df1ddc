/* The small pieces of which the strict views of CMP messages are made (declared in pki/cmp/cmp_in.h). */
#include "pki/cmp/cmp_in.h"

#include "base/utf8.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"

#define OID_PASSWORD_MAC OID("\x2a\x86\x48\x86\xf6\x7d\x07\x42\x0d")
#define OID_DH_MAC       OID("\x2a\x86\x48\x86\xf6\x7d\x07\x42\x1e")
#define OID_PBMAC1       OID("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0e")

enum universal { /* tags of X.690 that the reader has no name for */
                 TAG_OBJECT_DESCRIPTOR = 0x07,
                 TAG_REAL = 0x09,
                 TAG_ENUMERATED = 0x0a,
                 TAG_RELATIVE_OID = 0x0d,
                 TAG_NUMERIC_STRING = 0x12,
                 TAG_T61_STRING = 0x14,
                 TAG_VIDEOTEX_STRING = 0x15,
                 TAG_GRAPHIC_STRING = 0x19,
                 TAG_VISIBLE_STRING = 0x1a,
                 TAG_GENERAL_STRING = 0x1b,
                 TAG_UNIVERSAL_STRING = 0x1c,
                 TAG_BMP_STRING = 0x1e,
                 TAG_UNIVERSAL_LAST = 0x1f
};

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

/* Two's complement in as few bytes as it takes, under either of the two tags. */
static enum rc minimal(struct span v) {
    if (v.len == 0 || (v.len > 1 && ((v.ptr[0] == 0 && v.ptr[1] < 0x80) || (v.ptr[0] == 0xff && v.ptr[1] >= 0x80))))
        FAIL(RC_INPUT, "a number that is not written the one right way");
    return RC_OK;
}

enum rc cmp_any_check(const struct der_item *item) {
    struct der ahead = der_open(item->whole);
    struct span bytes;
    uint8_t unused;
    bool yes;
    if (item->tag > TAG_UNIVERSAL_LAST) { /* of another class, or constructed: of those a SEQUENCE or SET only */
        if (item->tag < 0x40 && item->tag != DER_SEQUENCE && item->tag != DER_SET)
            FAIL(RC_INPUT, "a value with the tag %02x", item->tag);
        return RC_OK;
    }
    switch (item->tag) {
    case DER_BOOLEAN:
        return der_boolean(&ahead, &yes);
    case DER_INTEGER:
    case TAG_ENUMERATED:
        return minimal(item->value);
    case DER_BIT_STRING:
        return der_bits(&ahead, &bytes, &unused);
    case DER_NULL:
        return item->value.len == 0 ? RC_OK : err_set(RC_INPUT, "a NULL with contents");
    case DER_OID:
        return der_oid(&ahead, &bytes);
    case TAG_BMP_STRING:
        return item->value.len % 2 == 0 ? RC_OK : err_set(RC_INPUT, "a BMPString of half a character");
    case TAG_UNIVERSAL_STRING:
        return item->value.len % 4 == 0 ? RC_OK : err_set(RC_INPUT, "a UniversalString of half a character");
    case DER_UTF8_STRING:
        return utf8_valid(item->value) ? RC_OK : err_set(RC_INPUT, "a UTF8String that is not UTF-8");
    case TAG_OBJECT_DESCRIPTOR:
    case TAG_REAL:
    case TAG_RELATIVE_OID:
    case TAG_NUMERIC_STRING:
    case TAG_T61_STRING:
    case TAG_VIDEOTEX_STRING:
    case TAG_GRAPHIC_STRING:
    case TAG_VISIBLE_STRING:
    case TAG_GENERAL_STRING:
    case DER_OCTET_STRING:
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case DER_UTC_TIME:
    case DER_GENERALIZED_TIME:
        return RC_OK;
    default:
        FAIL(RC_INPUT, "a value with the tag %02x", item->tag);
    }
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
    TRY(cmp_any_check(&item));
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
