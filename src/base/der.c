/* The strict DER reader: X.690 sections 8, 10 and 11, and the times of RFC 5280 4.1.2.5. */
#include "base/der.h"

#include "base/day.h"

#define TAG_NUMBER      0x1f
#define TAG_CONSTRUCTED 0x20
#define TAG_CLASS       0xc0

/* The universal types that are always constructed in DER: EXTERNAL, EMBEDDED PDV, SEQUENCE, SET, CHARACTER STRING. */
#define ALWAYS_CONSTRUCTED (1u << 8 | 1u << 11 | 1u << 16 | 1u << 17 | 1u << 29)

static bool tag_right(uint8_t tag) {
    uint8_t number = tag & TAG_NUMBER;
    if (number == TAG_NUMBER || tag == 0)
        return false;
    if ((tag & TAG_CLASS) != 0)
        return true;
    return ((tag & TAG_CONSTRUCTED) != 0) == ((ALWAYS_CONSTRUCTED >> number & 1) != 0);
}

/* The long form of a length: 81 to 84, no leading zero, never what the short form can say. */
static bool long_length(const uint8_t *p, size_t avail, size_t *header, size_t *length) {
    size_t count = p[1] & 0x7f, value = 0;
    if (count < 1 || count > 4 || avail < 2 + count || p[2] == 0)
        return false;
    for (size_t i = 0; i < count; i++)
        value = value << 8 | p[2 + i];
    if (value < 0x80)
        return false;
    *header = 2 + count;
    *length = value;
    return true;
}

static bool read_item(const struct der *d, struct der_item *item) {
    const uint8_t *p = d->rest.ptr;
    size_t avail = d->rest.len, header = 2, length = 0;
    if (avail < 2 || !tag_right(p[0]))
        return false;
    if (p[1] < 0x80)
        length = p[1];
    else if (!long_length(p, avail, &header, &length))
        return false;
    if (length > avail - header)
        return false;
    *item = (struct der_item){p[0], {p + header, length}, {p, header + length}};
    return true;
}

static void advance(struct der *d, const struct der_item *item) {
    d->rest = span_of(d->rest.ptr + item->whole.len, d->rest.len - item->whole.len);
}

bool der_next_is(const struct der *d, uint8_t tag) {
    return d->rest.len > 0 && d->rest.ptr[0] == tag;
}

enum rc der_any(struct der *d, struct der_item *item) {
    if (!read_item(d, item))
        FAIL(RC_INPUT, "DER: no well-formed element in the %zu bytes left", d->rest.len);
    advance(d, item);
    return RC_OK;
}

enum rc der_take(struct der *d, uint8_t tag, struct der_item *item) {
    if (!der_next_is(d, tag))
        FAIL(RC_INPUT, "DER: tag %02x expected, %02x found", tag, d->rest.len > 0 ? d->rest.ptr[0] : 0);
    return der_any(d, item);
}

enum rc der_enter(struct der *d, uint8_t tag, struct der *inside) {
    struct der_item item;
    TRY(der_take(d, tag, &item));
    *inside = der_open(item.value);
    return RC_OK;
}

enum rc der_end(const struct der *d) {
    if (d->rest.len != 0)
        FAIL(RC_INPUT, "DER: %zu bytes too many", d->rest.len);
    return RC_OK;
}

/* Reads an element whose contents `right` accepts; the reader moves only then. */
static enum rc take_checked(struct der *d, uint8_t tag, bool (*right)(struct span), const char *what,
                            struct span *value) {
    struct der ahead = *d;
    struct der_item item;
    TRY(der_take(&ahead, tag, &item));
    if (!right(item.value))
        FAIL(RC_INPUT, "DER: malformed %s", what);
    *d = ahead;
    *value = item.value;
    return RC_OK;
}

/* X.690 8.3.2: the first nine bits are not all the same. */
static bool integer_right(struct span v) {
    if (v.len < 2)
        return v.len == 1;
    return !(v.ptr[0] == 0x00 && v.ptr[1] < 0x80) && !(v.ptr[0] == 0xff && v.ptr[1] >= 0x80);
}

enum rc der_integer(struct der *d, struct span *value) {
    return take_checked(d, DER_INTEGER, integer_right, "INTEGER", value);
}

static bool small_right(struct span v) {
    return v.len <= sizeof(int64_t) && integer_right(v);
}

enum rc der_small(struct der *d, int64_t *value) {
    struct span v;
    TRY(take_checked(d, DER_INTEGER, small_right, "INTEGER of at most 64 bits", &v));
    uint64_t bits = v.ptr[0] >= 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < v.len; i++)
        bits = bits << 8 | v.ptr[i];
    *value = (int64_t)bits;
    return RC_OK;
}

static bool boolean_right(struct span v) {
    return v.len == 1 && (v.ptr[0] == 0x00 || v.ptr[0] == 0xff);
}

enum rc der_boolean(struct der *d, bool *value) {
    struct span v;
    TRY(take_checked(d, DER_BOOLEAN, boolean_right, "BOOLEAN", &v));
    *value = v.ptr[0] != 0;
    return RC_OK;
}

static bool bits_right(struct span v) {
    if (v.len == 0 || v.ptr[0] > 7 || (v.len == 1 && v.ptr[0] != 0))
        return false;
    return (v.ptr[v.len - 1] & ((1u << v.ptr[0]) - 1)) == 0 || v.len == 1;
}

enum rc der_bits(struct der *d, struct span *bytes, uint8_t *unused) {
    struct span v;
    TRY(take_checked(d, DER_BIT_STRING, bits_right, "BIT STRING", &v));
    *unused = v.ptr[0];
    *bytes = span_of(v.ptr + 1, v.len - 1);
    return RC_OK;
}

/* X.690 8.19.2: an arc never starts with 80, and the last byte ends an arc. */
static bool oid_right(struct span v) {
    bool starts = true;
    for (size_t i = 0; i < v.len; i++) {
        if (starts && v.ptr[i] == 0x80)
            return false;
        starts = v.ptr[i] < 0x80;
    }
    return v.len > 0 && starts;
}

enum rc der_oid(struct der *d, struct span *oid) {
    return take_checked(d, DER_OID, oid_right, "OBJECT IDENTIFIER", oid);
}

/* Two digits; a value far out of any range when they are none. */
static int32_t two(const uint8_t *p) {
    uint32_t high = p[0] - (uint32_t)'0', low = p[1] - (uint32_t)'0';
    return high > 9 || low > 9 ? 100000 : (int32_t)(high * 10 + low);
}

/* MMDDHHMMSSZ after a year. */
static bool read_time(int32_t year, const uint8_t *p, int64_t *instant) {
    struct date date = {year, two(p), two(p + 2)};
    int32_t hour = two(p + 4), minute = two(p + 6), second = two(p + 8);
    if (!date_valid(date) || hour > 23 || minute > 59 || second > 59 || p[10] != 'Z')
        return false;
    *instant = day_start(day_from_date(date), 0) + hour * 3600 + minute * 60 + second;
    return true;
}

enum rc der_time(struct der *d, int64_t *instant) {
    struct der ahead = *d;
    struct der_item item;
    int64_t read = 0;
    bool right = false;
    TRY(der_any(&ahead, &item));
    const uint8_t *p = item.value.ptr;
    if (item.tag == DER_UTC_TIME && item.value.len == 13)
        right = read_time(two(p) + (two(p) >= 50 ? 1900 : 2000), p + 2, &read);
    if (item.tag == DER_GENERALIZED_TIME && item.value.len == 15)
        right = two(p) * 100 + two(p + 2) >= 2050 && read_time(two(p) * 100 + two(p + 2), p + 4, &read);
    if (!right)
        FAIL(RC_INPUT, "DER: malformed time (RFC 5280 4.1.2.5)");
    *d = ahead;
    *instant = read;
    return RC_OK;
}
