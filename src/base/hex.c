/* Hexadecimal and base64, both directions, strict on the way in. */
#include "base/hex.h"

#include <string.h>

void hex_to(const uint8_t *in, size_t len, char *out) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    out[2 * len] = 0;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum rc hex_from(const char *in, uint8_t *out, size_t *len) {
    size_t chars = strlen(in);
    if (chars % 2 != 0)
        FAIL(RC_INPUT, "hexadecimal text needs an even number of digits, not %zu", chars);
    if (chars / 2 > *len)
        FAIL(RC_LIMIT, "hexadecimal text stands for %zu bytes, at most %zu are allowed", chars / 2, *len);
    for (size_t i = 0; i < chars; i++)
        if (hex_digit(in[i]) < 0)
            FAIL(RC_INPUT, "character %zu is not a hexadecimal digit", i + 1);
    for (size_t i = 0; i < chars / 2; i++)
        out[i] = (uint8_t)(hex_digit(in[2 * i]) << 4 | hex_digit(in[2 * i + 1]));
    *len = chars / 2;
    return RC_OK;
}

void serial_to_hex(const uint8_t *serial, size_t len, char *out) {
    hex_to(serial, len, out);
    size_t zeros = strspn(out, "0");
    if (zeros == 2 * len) {
        memcpy(out, "0", 2);
        return;
    }
    memmove(out, out + zeros, 2 * len - zeros + 1);
}

enum rc serial_read(const char *typed, size_t most, char *out) {
    static const char digits[] = "0123456789ABCDEF";
    bool zero = false;
    size_t len = 0;
    out[0] = '\0';
    for (; *typed != '\0'; typed++) {
        int value = hex_digit(*typed);
        if (*typed == ' ' || *typed == ':')
            continue;
        zero |= value == 0;
        if (value == 0 && len == 0)
            continue;
        if (value < 0 || len == 2 * most)
            FAIL(RC_INPUT, "serial: up to %zu hexadecimal digits", 2 * most);
        out[len++] = digits[value];
    }
    if (len == 0 && !zero)
        FAIL(RC_INPUT, "serial: the certificate's serial number in hexadecimal digits is missing");
    if (len == 0)
        out[len++] = '0';
    out[len] = '\0';
    return RC_OK;
}

enum rc b64_to(struct span in, struct buf *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (in.len > SIZE_MAX / 2)
        FAIL(RC_LIMIT, "too long for base64");
    size_t chars = in.len / 3 * 4 + (in.len % 3 == 0 ? 0 : 4);
    TRY(buf_reserve(out, chars));
    uint8_t *to = out->data + out->len;
    for (size_t i = 0; i < in.len; i += 3) {
        size_t have = in.len - i < 3 ? in.len - i : 3;
        uint32_t group = (uint32_t)in.ptr[i] << 16;
        group |= have > 1 ? (uint32_t)in.ptr[i + 1] << 8 : 0;
        group |= have > 2 ? in.ptr[i + 2] : 0;
        *to++ = (uint8_t)digits[group >> 18];
        *to++ = (uint8_t)digits[group >> 12 & 63];
        *to++ = have > 1 ? (uint8_t)digits[group >> 6 & 63] : '=';
        *to++ = have > 2 ? (uint8_t)digits[group & 63] : '=';
    }
    out->len += chars;
    out->data[out->len] = 0;
    return RC_OK;
}

#define B64_BAD 0x40
#define XX      B64_BAD, B64_BAD, B64_BAD, B64_BAD, B64_BAD, B64_BAD, B64_BAD, B64_BAD

/* The six bits a character stands for; B64_BAD for all that are not in the alphabet ('=' included). */
static const uint8_t b64_value[256] = {
    XX,      XX,      XX,      XX,      XX,      B64_BAD, B64_BAD, B64_BAD, 62, B64_BAD, B64_BAD, B64_BAD, 63, /* + / */
    52,      53,      54,      55,      56,      57,      58,      59,      60, 61,      B64_BAD, B64_BAD, B64_BAD,
    B64_BAD, B64_BAD, B64_BAD, B64_BAD, /* 0-9 */
    0,       1,       2,       3,       4,       5,       6,       7,       8,  9,       10,      11,      12,
    13,      14,      15,      16,      17,      18,      19,      20,      21, 22,      23,      24,      25, /* A-Z */
    B64_BAD, B64_BAD, B64_BAD, B64_BAD, B64_BAD, B64_BAD, 26,      27,      28, 29,      30,      31,      32,
    33,      34,      35,      36,      37,      38,      39,      40,      41, 42,      43,      44,      45,
    46,      47,      48,      49,      50,      51, /* a-z */
    B64_BAD, B64_BAD, B64_BAD, B64_BAD, B64_BAD, XX,      XX,      XX,      XX, XX,      XX,      XX,      XX,
    XX,      XX,      XX,      XX,      XX,      XX,      XX,      XX};

/* How many of the last four characters are padding: 0, 1 or 2. */
static size_t b64_padding(struct span in) {
    if (in.ptr[in.len - 1] != '=')
        return 0;
    return in.ptr[in.len - 2] == '=' ? 2 : 1;
}

/* Decodes `groups` whole groups; false when a character is outside the alphabet. */
static bool b64_groups(const uint8_t *in, size_t groups, uint8_t *to) {
    uint8_t seen = 0;
    for (size_t i = 0; i < groups; i++, in += 4, to += 3) {
        uint8_t a = b64_value[in[0]], b = b64_value[in[1]], c = b64_value[in[2]], d = b64_value[in[3]];
        seen |= a | b | c | d;
        to[0] = (uint8_t)(a << 2 | b >> 4);
        to[1] = (uint8_t)(b << 4 | c >> 2);
        to[2] = (uint8_t)(c << 6 | d);
    }
    return (seen & B64_BAD) == 0;
}

/* The last group, with its padding read as zero bits: what falls outside the bytes must be zero. */
static bool b64_tail(const uint8_t *in, size_t padding, uint8_t *to) {
    uint8_t group[4] = {in[0], in[1], padding == 2 ? 'A' : in[2], 'A'}, bytes[3];
    if (!b64_groups(group, 1, bytes) || bytes[2] != 0 || (padding == 2 && bytes[1] != 0))
        return false;
    memcpy(to, bytes, 3 - padding);
    return true;
}

enum rc b64_from(struct span in, struct buf *out) {
    if (in.len == 0)
        return buf_reserve(out, 0);
    if (in.len % 4 != 0)
        FAIL(RC_INPUT, "base64 of %zu characters: not a multiple of four (cut off, or white space inside?)", in.len);
    size_t padding = b64_padding(in);
    size_t whole = in.len / 4 - (padding > 0 ? 1 : 0);
    TRY(buf_reserve(out, in.len / 4 * 3));
    uint8_t *to = out->data + out->len;
    bool good =
        b64_groups(in.ptr, whole, to) && (padding == 0 || b64_tail(in.ptr + 4 * whole, padding, to + 3 * whole));
    if (good)
        out->len += in.len / 4 * 3 - padding;
    out->data[out->len] = 0;
    if (!good)
        FAIL(RC_INPUT, "not base64: a foreign character, misplaced padding or stray bits at the end");
    return RC_OK;
}
