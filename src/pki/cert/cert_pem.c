/* Certificates as files: PEM (RFC 7468) or plain DER. */
#include <string.h>

#include "base/fs.h"
#include "base/hex.h"
#include "pki/cert/cert.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END   "-----END CERTIFICATE-----"
#define PEM_LINE  64
#define PEM_LIMIT (64 * 1024)

/* The text after the next `mark` at or after `from`; NULL when it is not there. */
static const uint8_t *after(struct span in, const uint8_t *from, const char *mark) {
    size_t len = strlen(mark);
    for (const uint8_t *end = in.ptr + in.len; (size_t)(end - from) >= len; from++) {
        from = memchr(from, mark[0], (size_t)(end - from) - len + 1);
        if (from == NULL)
            return NULL;
        if (memcmp(from, mark, len) == 0)
            return from + len;
    }
    return NULL;
}

static enum rc decode(struct span body, struct buf *der) {
    AUTO(buf) packed = {0};
    for (size_t i = 0; i < body.len; i++)
        if (memchr(" \t\r\n", body.ptr[i], 4) == NULL)
            TRY(buf_add_char(&packed, (char)body.ptr[i]));
    return b64_from(buf_span(&packed), der);
}

static bool is_der(struct span in) {
    return in.len > 0 && in.ptr[0] == DER_SEQUENCE;
}

/* The first one's text, and what stands behind it. */
static enum rc first_of(struct span in, struct span *body, struct span *rest) {
    const uint8_t *begin = in.len == 0 ? NULL : after(in, in.ptr, PEM_BEGIN);
    if (begin == NULL)
        FAIL(RC_INPUT, "neither DER nor a PEM text with " PEM_BEGIN);
    const uint8_t *end = after(in, begin, PEM_END);
    if (end == NULL)
        FAIL(RC_INPUT, "the PEM text ends without " PEM_END);
    *rest = span_of(end, (size_t)(in.ptr + in.len - end));
    *body = span_of(begin, (size_t)(end - begin) - strlen(PEM_END));
    return RC_OK;
}

enum rc cert_from_pem_or_der(struct span in, struct buf *der) {
    struct span body, rest;
    if (is_der(in))
        return buf_add_span(der, in);
    TRY(first_of(in, &body, &rest));
    if (after(rest, rest.ptr, PEM_BEGIN) != NULL)
        FAIL(RC_INPUT, "the PEM text holds more than one certificate: give the one that is meant");
    return decode(body, der);
}

static enum rc first_from(struct span in, struct buf *der) {
    struct span body, rest;
    if (is_der(in))
        return buf_add_span(der, in);
    TRY(first_of(in, &body, &rest));
    return decode(body, der);
}

enum rc cert_from_file(const char *path, struct buf *der) {
    AUTO(buf) file = {0};
    TRY(fs_read(path, PEM_LIMIT, &file));
    enum rc rc = cert_from_pem_or_der(buf_span(&file), der);
    return rc == RC_OK ? RC_OK : err_in(rc, "%s", path);
}

enum rc cert_first_from_file(const char *path, struct buf *der) {
    AUTO(buf) file = {0};
    TRY(fs_read(path, PEM_LIMIT, &file));
    enum rc rc = first_from(buf_span(&file), der);
    return rc == RC_OK ? RC_OK : err_in(rc, "%s", path);
}

enum rc cert_to_pem(struct span der, struct buf *out) {
    AUTO(buf) text = {0};
    TRY(b64_to(der, &text));
    TRY(buf_add_str(out, PEM_BEGIN "\n"));
    for (size_t i = 0; i < text.len; i += PEM_LINE) {
        size_t left = text.len - i;
        TRY(buf_add(out, text.data + i, left < PEM_LINE ? left : PEM_LINE));
        TRY(buf_add_char(out, '\n'));
    }
    return buf_add_str(out, PEM_END "\n");
}
