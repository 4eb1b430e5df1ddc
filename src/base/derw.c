/* The DER writer (declared in base/der.h): lengths are fixed up when an element is closed. */
#include <string.h>

#include "base/day.h"
#include "base/der.h"

#define DERW_DEPTH 16
#define HEADER_MAX 6 /* tag, 84 and four bytes of length */

void derw_free(struct derw *w) {
    buf_free(&w->out);
    *w = (struct derw){0};
}

/* Writes a length in its one right form; returns how many bytes it took. The 1 GiB of a buf fits in four. */
static size_t put_length(uint8_t *to, size_t length) {
    if (length < 0x80) {
        to[0] = (uint8_t)length;
        return 1;
    }
    size_t count = length > 0xffffff ? 4 : length > 0xffff ? 3 : length > 0xff ? 2 : 1;
    to[0] = (uint8_t)(0x80 | count);
    for (size_t i = 0; i < count; i++)
        to[1 + i] = (uint8_t)(length >> 8 * (count - 1 - i));
    return 1 + count;
}

void derw_open(struct derw *w, uint8_t tag) {
    if (w->rc != RC_OK)
        return;
    if (w->depth == DERW_DEPTH) {
        w->rc = err_set(RC_BUG, "DER writer: nested deeper than %d", DERW_DEPTH);
        return;
    }
    uint8_t head[2] = {tag, 0};
    w->rc = buf_add(&w->out, head, sizeof head);
    w->open[w->depth++] = w->out.len;
}

void derw_close(struct derw *w) {
    if (w->rc != RC_OK)
        return;
    if (w->depth == 0) {
        w->rc = err_set(RC_BUG, "DER writer: nothing is open");
        return;
    }
    size_t start = w->open[--w->depth], length = w->out.len - start;
    uint8_t form[HEADER_MAX];
    size_t more = put_length(form, length) - 1;
    w->rc = buf_reserve(&w->out, more);
    if (w->rc != RC_OK)
        return;
    memmove(w->out.data + start + more, w->out.data + start, length + 1); /* with the NUL behind */
    memcpy(w->out.data + start - 1, form, more + 1);
    w->out.len += more;
}

void derw_raw(struct derw *w, struct span encoded) {
    if (w->rc == RC_OK)
        w->rc = buf_add_span(&w->out, encoded);
}

/* An element whose contents are `lead` bytes of value `first`, then `contents`. */
static void put_element(struct derw *w, uint8_t tag, size_t lead, uint8_t first, struct span contents) {
    uint8_t head[HEADER_MAX + 1] = {tag};
    size_t length = 1 + put_length(head + 1, lead + contents.len);
    if (lead == 1)
        head[length++] = first;
    derw_raw(w, span_of(head, length));
    derw_raw(w, contents);
}

void derw_put(struct derw *w, uint8_t tag, struct span contents) {
    put_element(w, tag, 0, 0, contents);
}

void derw_integer(struct derw *w, struct span big_endian) {
    static const uint8_t zero;
    while (big_endian.len > 0 && big_endian.ptr[0] == 0)
        big_endian = span_of(big_endian.ptr + 1, big_endian.len - 1);
    if (big_endian.len == 0)
        big_endian = span_of(&zero, 1);
    put_element(w, DER_INTEGER, big_endian.ptr[0] >= 0x80 ? 1 : 0, 0, big_endian);
}

void derw_small(struct derw *w, int64_t value) {
    uint8_t bytes[sizeof value];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((uint64_t)value >> 8 * (sizeof bytes - 1 - i));
    uint8_t sign = value < 0 ? 0xff : 0x00;
    size_t skip = 0;
    while (skip + 1 < sizeof bytes && bytes[skip] == sign && (bytes[skip + 1] & 0x80) == (sign & 0x80))
        skip++;
    derw_put(w, DER_INTEGER, span_of(bytes + skip, sizeof bytes - skip));
}

void derw_bits(struct derw *w, struct span bytes, uint8_t unused) {
    bool right = unused == 0 || (unused < 8 && bytes.len > 0 && (bytes.ptr[bytes.len - 1] & ((1u << unused) - 1)) == 0);
    if (w->rc == RC_OK && !right)
        w->rc = err_set(RC_BUG, "DER writer: unused bits of a BIT STRING must be zero and fewer than eight");
    put_element(w, DER_BIT_STRING, 1, unused, bytes);
}

void derw_time(struct derw *w, int64_t instant) {
    char iso[INSTANT_TEXT], text[INSTANT_TEXT];
    size_t length = 0;
    instant_format(instant, iso);
    for (const char *p = iso; *p != 0; p++)
        if (strchr("-:T", *p) == NULL)
            text[length++] = *p;
    int32_t year = length == 0 ? 0 : day_to_date(day_of(instant, 0)).year;
    if (w->rc == RC_OK && year < 1950)
        w->rc = err_set(RC_INPUT, "DER writer: a time before 1950 or after 9999 cannot be written (RFC 5280 4.1.2.5)");
    if (w->rc != RC_OK)
        return;
    if (year < 2050)
        derw_put(w, DER_UTC_TIME, span_of(text + 2, length - 2));
    else
        derw_put(w, DER_GENERALIZED_TIME, span_of(text, length));
}

enum rc derw_end(struct derw *w) {
    if (w->rc == RC_OK && w->depth != 0)
        w->rc = err_set(RC_BUG, "DER writer: %d elements are still open", w->depth);
    return w->rc;
}
