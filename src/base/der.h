/* DER (X.690), strict: a zero-copy reader that refuses everything but the one right encoding, and a small writer. */
#pragma once

#include "base/buf.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_UTF8_STRING = 0x0c,
    DER_PRINTABLE_STRING = 0x13,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31
};
#define DER_CONTEXT(n)             (0x80 | (n)) /* [n] IMPLICIT primitive */
#define DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n)) /* [n] constructed */

struct der { /* what is still to be read */
    struct span rest;
};

struct der_item {
    uint8_t tag;
    struct span value; /* contents */
    struct span whole; /* tag, length and contents */
};

static inline struct der der_open(struct span s) {
    return (struct der){s};
}
static inline bool der_empty(const struct der *d) {
    return d->rest.len == 0;
}
bool der_next_is(const struct der *d, uint8_t tag); /* peeks */

/* Every call: RC_INPUT when the next element is not exactly that. Lengths minimal, at most 4 length bytes, single-byte
 * tags. */
MUST enum rc der_any(struct der *d, struct der_item *item);
MUST enum rc der_take(struct der *d, uint8_t tag, struct der_item *item);
MUST enum rc der_enter(struct der *d, uint8_t tag, struct der *inside); /* constructed */
MUST enum rc der_end(const struct der *d);                              /* nothing is left */
MUST enum rc der_integer(struct der *d, struct span *value); /* minimal two's complement contents, ≥ 1 byte */
MUST enum rc der_small(struct der *d, int64_t *value);       /* INTEGER that fits */
MUST enum rc der_boolean(struct der *d, bool *value);        /* 00 or FF only */
MUST enum rc der_bits(struct der *d, struct span *bytes, uint8_t *unused); /* BIT STRING; unused bits must be zero */
MUST enum rc der_oid(struct der *d, struct span *oid);                     /* contents, well-formed arcs */
MUST enum rc
der_time(struct der *d,
         int64_t *instant); /* UTCTime before 2050, GeneralizedTime from 2050; seconds, Z (RFC 5280 4.1.2.5) */

/* Writer: a constructed element is opened, filled and closed; lengths are fixed up at close. Nesting ≤ 16. */
struct derw { /* zero-initialise; the first error sticks and derw_end returns it */
    struct buf out;
    size_t open[16];
    int depth;
    enum rc rc;
};

void derw_free(struct derw *w);
void derw_open(struct derw *w, uint8_t tag);
void derw_close(struct derw *w);
void derw_raw(struct derw *w, struct span encoded);               /* ready-made DER */
void derw_put(struct derw *w, uint8_t tag, struct span contents); /* primitive */
void derw_integer(struct derw *w,
                  struct span big_endian); /* unsigned magnitude: adds the sign byte, drops leading zeros */
void derw_small(struct derw *w, int64_t value);
void derw_bits(struct derw *w, struct span bytes, uint8_t unused);
void derw_time(struct derw *w, int64_t instant); /* as der_time reads it */
MUST enum rc derw_end(struct derw *w);
