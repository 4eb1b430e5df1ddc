/* Values of any type inside names, policies and messages, held to how DER wants that type written. */
#include "base/utf8.h"
#include "pki/cert/cert_in.h"

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

/* Two's complement in as few bytes as it takes, under either of the two tags. */
static enum rc minimal(struct span v) {
    if (v.len == 0 || (v.len > 1 && ((v.ptr[0] == 0 && v.ptr[1] < 0x80) || (v.ptr[0] == 0xff && v.ptr[1] >= 0x80))))
        FAIL(RC_INPUT, "a number that is not written the one right way");
    return RC_OK;
}

enum rc cert_any_check(const struct der_item *item) {
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
