/* Names (RFC 5280 4.1.2.4): checked on reading, and shown to people as UTF-8 text. */
#include "pki/cert/cert.h"

#include <string.h>

#include "base/utf8.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"

#define NAME_ATTRS_MAX 64
#define REPLACEMENT    0xfffd

enum string_tag { NUMERIC_STRING = 0x12, T61_STRING = 0x14, UNIVERSAL_STRING = 0x1c, BMP_STRING = 0x1e };

struct attr {
    struct span oid;
    uint8_t tag;
    struct span value;
};

/* Bytes of a character in this string type, UTF-8's longest; 0: no string type of a Name. */
static size_t string_width(uint8_t tag) {
    switch (tag) {
    case DER_UTF8_STRING:
        return 4;
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case NUMERIC_STRING:
    case T61_STRING: /* read as Latin-1, as everybody does */
        return 1;
    case BMP_STRING:
        return 2;
    case UNIVERSAL_STRING:
        return 4;
    default:
        return 0;
    }
}

/* Takes one code point off a string of any type; false when the bytes are none. */
static bool take_char(uint8_t tag, struct span *rest, uint32_t *cp) {
    size_t len = tag == DER_UTF8_STRING ? utf8_char(rest->ptr, rest->len) : string_width(tag);
    if (len == 0 || len > rest->len)
        return false;
    if (tag == DER_UTF8_STRING) {
        *cp = utf8_code(rest->ptr, len);
    } else {
        *cp = 0;
        for (size_t i = 0; i < len; i++)
            *cp = *cp << 8 | rest->ptr[i];
    }
    *rest = span_of(rest->ptr + len, rest->len - len);
    bool ascii_only = len == 1 && tag != T61_STRING;
    return *cp > 0 && *cp < (ascii_only ? 0x80u : 0x110000u) && (*cp < 0xd800 || *cp > 0xdfff);
}

static bool ascii(struct span s) {
    uint8_t bad = 0;
    for (size_t i = 0; i < s.len; i++)
        bad |= (uint8_t)(s.ptr[i] - 1) >= 0x7f;
    return bad == 0;
}

/* What names are made of in practice goes without decoding: this is most of a certificate's reading. */
static bool text_right(uint8_t tag, struct span value) {
    uint32_t cp;
    if (tag == DER_UTF8_STRING)
        return memchr(value.ptr, 0, value.len) == NULL && utf8_valid(value);
    if (tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING)
        return ascii(value);
    while (value.len > 0)
        if (!take_char(tag, &value, &cp))
            return false;
    return true;
}

static enum rc check_text(uint8_t tag, struct span value) {
    if (string_width(tag) == 0)
        FAIL(RC_INPUT, "a value of tag 0x%02x is no text", tag);
    if (!text_right(tag, value))
        FAIL(RC_INPUT, "a text of tag 0x%02x with bytes that are no character of it", tag);
    return RC_OK;
}

/* AttributeTypeAndValue. */
static enum rc read_attr(struct der *rdn, struct attr *a) {
    struct der inside;
    struct der_item value;
    TRY(der_enter(rdn, DER_SEQUENCE, &inside));
    TRY(der_oid(&inside, &a->oid));
    TRY(der_any(&inside, &value));
    a->tag = value.tag;
    a->value = value.value;
    return der_end(&inside);
}

/* All attributes of a Name, in order. `out` holds NAME_ATTRS_MAX, or is NULL to check only. `gap`: a part has none. */
static enum rc read_attrs(struct span contents, struct attr *out, size_t *count, bool *gap) {
    struct der rdns = der_open(contents), rdn;
    *count = 0;
    *gap = false;
    while (!der_empty(&rdns)) {
        TRY(der_enter(&rdns, DER_SET, &rdn));
        *gap |= der_empty(&rdn);
        while (!der_empty(&rdn)) {
            struct attr a;
            TRY(read_attr(&rdn, &a));
            TRY(check_text(a.tag, a.value));
            if (*count == NAME_ATTRS_MAX)
                FAIL(RC_LIMIT, "more than %d attributes in a name", NAME_ATTRS_MAX);
            if (out != NULL)
                out[*count] = a;
            ++*count;
        }
    }
    return RC_OK;
}

enum rc cert_name_look(struct der *d, struct span *whole, bool *gap) {
    struct der_item item;
    size_t count;
    TRY(der_take(d, DER_SEQUENCE, &item));
    TRY(read_attrs(item.value, NULL, &count, gap));
    *whole = item.whole;
    return RC_OK;
}

enum rc cert_name_read(struct der *d, struct span *whole) {
    bool gap;
    TRY(cert_name_look(d, whole, &gap));
    return gap ? err_set(RC_INPUT, "a name with an empty part") : RC_OK;
}

static enum rc name_attrs(struct span name, struct attr out[NAME_ATTRS_MAX], size_t *count) {
    struct der outer = der_open(name);
    struct der_item item;
    bool gap;
    TRY(der_take(&outer, DER_SEQUENCE, &item));
    TRY(der_end(&outer));
    return read_attrs(item.value, out, count, &gap);
}

static enum rc put_utf8(uint32_t cp, struct buf *out) {
    uint8_t b[4];
    size_t len = utf8_put(cp, b);
    return buf_add(out, b, len);
}

/* `escape`: with the backslashes of RFC 4514 2.4, so that a value cannot pass for two attributes. */
static enum rc put_text(const struct attr *a, bool escape, struct buf *out) {
    struct span rest = a->value;
    uint32_t cp;
    while (rest.len > 0) {
        bool first = rest.ptr == a->value.ptr;
        if (!take_char(a->tag, &rest, &cp))
            FAIL(RC_BUG, "a checked name does not read");
        bool edge = (cp == ' ' && (first || rest.len == 0)) || (cp == '#' && first);
        if (escape && (edge || (cp < 0x80 && strchr("\",+;<>\\", (int)cp) != NULL)))
            TRY(buf_add_char(out, '\\'));
        TRY(put_utf8(utf8_hidden(cp) ? REPLACEMENT : cp, out));
    }
    return RC_OK;
}

/* X.690 8.19.4: the first number holds two arcs. */
static enum rc put_dotted(struct span oid, struct buf *out) {
    uint64_t arc = 0;
    bool first = true;
    for (size_t i = 0; i < oid.len; i++) {
        if (arc >> 56 != 0)
            return buf_add_str(out, ".?");
        arc = arc << 7 | (oid.ptr[i] & 0x7f);
        if (oid.ptr[i] & 0x80)
            continue;
        uint64_t top = arc < 80 ? arc / 40 : 2;
        if (first)
            TRY(buf_printf(out, "%llu.%llu", (unsigned long long)top, (unsigned long long)(arc - top * 40)));
        else
            TRY(buf_printf(out, ".%llu", (unsigned long long)arc));
        first = false;
        arc = 0;
    }
    return RC_OK;
}

static enum rc put_type(struct span oid, struct buf *out) {
    const struct {
        struct span oid;
        const char *name;
    } known[] = {{OID_CN, "CN"},         {OID_O, "O"},
                 {OID_OU, "OU"},         {OID_L, "L"},
                 {OID_ST, "ST"},         {OID_C, "C"},
                 {OID_UID, "UID"},       {OID_EMAIL, "emailAddress"},
                 {OID_SURNAME, "SN"},    {OID_SERIAL_NUMBER, "serialNumber"},
                 {OID_STREET, "street"}, {OID_TITLE, "title"},
                 {OID_GIVEN_NAME, "GN"}, {OID_DC, "DC"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (span_eq(oid, known[i].oid))
            return buf_add_str(out, known[i].name);
    return put_dotted(oid, out);
}

/* The last attribute first, as RFC 4514 2.1 has it. */
enum rc cert_name_format(struct span name, struct buf *out) {
    struct attr attrs[NAME_ATTRS_MAX];
    size_t count;
    TRY(name_attrs(name, attrs, &count));
    for (size_t i = count; i-- > 0;) {
        TRY(put_type(attrs[i].oid, out));
        TRY(buf_add_char(out, '='));
        TRY(put_text(&attrs[i], true, out));
        if (i > 0)
            TRY(buf_add_str(out, ", "));
    }
    return RC_OK;
}

enum rc cert_name_get(struct span name, struct span oid, struct buf *out) {
    struct attr attrs[NAME_ATTRS_MAX];
    size_t count;
    TRY(name_attrs(name, attrs, &count));
    for (size_t i = 0; i < count; i++)
        if (span_eq(attrs[i].oid, oid))
            return put_text(&attrs[i], false, out);
    FAIL(RC_NOT_FOUND, "the name has no such attribute");
}
