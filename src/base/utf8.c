/* The well-formed byte sequences of RFC 3629 section 4. */
#include "base/utf8.h"

#include <string.h>

#define ONES 0x0101010101010101u

static bool follows(uint8_t c) {
    return (c & 0xc0) == 0x80;
}

/* The second byte carries the rules: it alone tells overlong forms, surrogates and what lies past U+10FFFF. */
static bool second(uint8_t first, uint8_t c) {
    switch (first) {
    case 0xe0:
        return c >= 0xa0 && c <= 0xbf;
    case 0xed:
        return c >= 0x80 && c <= 0x9f;
    case 0xf0:
        return c >= 0x90 && c <= 0xbf;
    case 0xf4:
        return c >= 0x80 && c <= 0x8f;
    default:
        return follows(c);
    }
}

size_t utf8_char(const uint8_t *p, size_t len) {
    if (p[0] < 0x80)
        return 1;
    size_t need = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
                  : p[0] >= 0xe0 && p[0] <= 0xef ? 3
                  : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
                                                 : 0;
    if (need == 0 || len < need || !second(p[0], p[1]))
        return 0;
    for (size_t i = 2; i < need; i++)
        if (!follows(p[i]))
            return 0;
    return need;
}

uint32_t utf8_code(const uint8_t *p, size_t len) {
    uint32_t code = len == 1 ? p[0] : p[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++)
        code = code << 6 | (p[i] & 0x3f);
    return code;
}

size_t utf8_put(uint32_t code, uint8_t out[4]) {
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; code >>= 6)
        out[i] = (uint8_t)(0x80 | (code & 0x3f));
    out[0] = (uint8_t)(len == 1 ? code : (0xf00u >> len & 0xff) | code);
    return len;
}

bool utf8_hidden(uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

/* Eight ASCII bytes that are no control characters: the common case, told at once. */
static bool eight_plain(const uint8_t *p) {
    uint64_t x = 0;
    memcpy(&x, p, sizeof x);
    uint64_t control = x - 0x20 * ONES, del = (x ^ 0x7f * ONES) - ONES;
    return ((x | control | del) & 0x80 * ONES) == 0;
}

static bool walk(struct span s, bool controls) {
    size_t i = 0;
    while (i < s.len) {
        const uint8_t *p = s.ptr + i;
        if (s.len - i >= 8 && eight_plain(p)) {
            i += 8;
            continue;
        }
        size_t step = utf8_char(p, s.len - i);
        if (step == 0)
            return false;
        if (!controls && utf8_hidden(utf8_code(p, step)))
            return false;
        i += step;
    }
    return true;
}

bool utf8_valid(struct span s) {
    return walk(s, true);
}

bool utf8_printable(struct span s) {
    return walk(s, false);
}

void utf8_tame(char *text) {
    utf8_tame_bytes(text, strlen(text));
}

void utf8_tame_bytes(char *text, size_t len) {
    for (size_t left = len; left > 0;) {
        size_t step = utf8_char((const uint8_t *)text, left);
        if (step == 0 || !utf8_printable(span_of(text, step)))
            memset(text, '?', step = step == 0 ? 1 : step);
        text += step;
        left -= step;
    }
}
