/* Takes away what stands around and between the base64 (RFC 7468). */
#include "service/intake/import_pem.h"

#include <string.h>

#include "base/hex.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END   "-----END CERTIFICATE-----"

static bool is_blank(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trim(struct span s) {
    while (s.len > 0 && is_blank(s.ptr[0]))
        s = span_of(s.ptr + 1, s.len - 1);
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

static bool has(struct span s, size_t at, const char *words) {
    return s.len >= at + strlen(words) && memcmp(s.ptr + at, words, strlen(words)) == 0;
}

/* What stands between the two lines; a spreadsheet may have made blanks of the line ends. */
static struct span inside(struct span cell) {
    struct span s = trim(cell);
    size_t around = sizeof BEGIN - 1 + sizeof END - 1;
    if (s.len <= around || !has(s, 0, BEGIN) || !has(s, s.len - (sizeof END - 1), END))
        return s;
    return span_of(s.ptr + sizeof BEGIN - 1, s.len - around);
}

enum rc pem_from(struct span cell, struct buf *der) {
    AUTO(buf) text = {0};
    struct span s = inside(cell);
    for (size_t i = 0; i < s.len; i++)
        if (!is_blank(s.ptr[i]))
            TRY(buf_add_char(&text, (char)s.ptr[i]));
    if (text.len == 0)
        FAIL(RC_INPUT, "no base64");
    return b64_from(buf_span(&text), der);
}
