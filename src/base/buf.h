/* Bytes: `span` looks at some that belong to another, `buf` owns some that grow. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/own.h"

struct span {
    const uint8_t *ptr;
    size_t len;
};

struct buf { /* zero-initialised is empty and valid; one NUL always follows the contents once allocated */
    uint8_t *data;
    size_t len;
    size_t cap;
};

void buf_free(struct buf *b);
void buf_clear(struct buf *b); /* length 0, memory kept */
void buf_wipe(struct buf *b);  /* secrets: overwrites all memory it had, then frees */

MUST enum rc buf_reserve(struct buf *b, size_t more); /* RC_LIMIT past 1 GiB or out of memory */
MUST enum rc buf_add(struct buf *b, const void *data, size_t len);
MUST enum rc buf_add_span(struct buf *b, struct span s);
MUST enum rc buf_add_str(struct buf *b, const char *s);
MUST enum rc buf_add_char(struct buf *b, char c);
MUST enum rc buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
MUST enum rc buf_set(struct buf *b, struct span s); /* replaces the contents; `s` may lie in `b` */

static inline struct span span_of(const void *ptr, size_t len) {
    return (struct span){ptr, len};
}
static inline struct span buf_span(const struct buf *b) {
    return (struct span){b->data, b->len};
}
struct span span_str(const char *s);
bool span_eq(struct span a, struct span b);
bool span_eq_str(struct span a, const char *s);

/* The contents as a C string; "" when empty. */
const char *buf_str(const struct buf *b);

/* Copies a C string into a bounded array: RC_LIMIT when it does not fit whole. Never cuts. */
MUST enum rc text_set(char *dst, size_t cap, const char *src);
MUST enum rc text_set_span(char *dst, size_t cap, struct span src); /* RC_INPUT on a NUL inside */
