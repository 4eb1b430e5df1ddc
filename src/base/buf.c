/* The growing buffer, and copies into bounded arrays. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"

#define BUF_MAX   ((size_t)1 << 30)
#define BUF_FIRST 64

void buf_free(struct buf *b) {
    free(b->data);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b) {
    b->len = 0;
    if (b->data != NULL)
        b->data[0] = 0;
}

void buf_wipe(struct buf *b) {
    if (b->data != NULL)
        os_wipe(b->data, b->cap);
    buf_free(b);
}

/* Grows by hand and not by realloc, so that no copy of a secret stays behind in freed memory. */
static enum rc grow(struct buf *b, size_t need) {
    size_t cap = b->cap < BUF_FIRST ? BUF_FIRST : b->cap;
    while (cap < need)
        cap *= 2;
    uint8_t *data = malloc(cap);
    if (data == NULL)
        FAIL(RC_LIMIT, "out of memory (%zu bytes)", cap);
    if (b->data != NULL) {
        memcpy(data, b->data, b->len);
        os_wipe(b->data, b->cap);
        free(b->data);
    }
    data[b->len] = 0;
    b->data = data;
    b->cap = cap;
    return RC_OK;
}

enum rc buf_reserve(struct buf *b, size_t more) {
    if (more >= BUF_MAX || b->len + more >= BUF_MAX)
        FAIL(RC_LIMIT, "a buffer would pass 1 GiB");
    size_t need = b->len + more + 1;
    return need <= b->cap ? RC_OK : grow(b, need);
}

enum rc buf_add(struct buf *b, const void *data, size_t len) {
    TRY(buf_reserve(b, len));
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = 0;
    return RC_OK;
}

enum rc buf_add_span(struct buf *b, struct span s) {
    return buf_add(b, s.ptr, s.len);
}

enum rc buf_add_str(struct buf *b, const char *s) {
    return buf_add(b, s, strlen(s));
}

enum rc buf_add_char(struct buf *b, char c) {
    return buf_add(b, &c, 1);
}

enum rc buf_printf(struct buf *b, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        FAIL(RC_BUG, "bad format '%s'", fmt);
    TRY(buf_reserve(b, (size_t)len));
    va_start(args, fmt);
    vsnprintf((char *)b->data + b->len, (size_t)len + 1, fmt, args);
    va_end(args);
    b->len += (size_t)len;
    return RC_OK;
}

/* A span inside `b` is never longer than `b`, so growing happens only for foreign ones. */
enum rc buf_set(struct buf *b, struct span s) {
    TRY(buf_reserve(b, s.len > b->len ? s.len - b->len : 0));
    if (s.len > 0)
        memmove(b->data, s.ptr, s.len);
    b->len = s.len;
    b->data[b->len] = 0;
    return RC_OK;
}

struct span span_str(const char *s) {
    return span_of(s, strlen(s));
}

bool span_eq(struct span a, struct span b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool span_eq_str(struct span a, const char *s) {
    return span_eq(a, span_str(s));
}

const char *buf_str(const struct buf *b) {
    return b->data == NULL ? "" : (const char *)b->data;
}

enum rc text_set(char *dst, size_t cap, const char *src) {
    return text_set_span(dst, cap, span_str(src));
}

enum rc text_set_span(char *dst, size_t cap, struct span src) {
    if (src.len >= cap)
        FAIL(RC_LIMIT, "text of %zu bytes is longer than the %zu allowed", src.len, cap == 0 ? 0 : cap - 1);
    if (src.len > 0 && memchr(src.ptr, 0, src.len) != NULL)
        FAIL(RC_INPUT, "text contains a NUL byte");
    if (src.len > 0)
        memmove(dst, src.ptr, src.len);
    dst[src.len] = 0;
    return RC_OK;
}
