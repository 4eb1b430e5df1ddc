/* Mutates DER by its structure (declared in lib/der_mutate.h). */
#include "lib/der_mutate.h"

#include <stdlib.h>

enum change { GO, TWICE, TAG, FLIP, EMPTY, LONGER, NEIGHBOUR, CHANGES };

struct walk {
    struct mutator *m;
    uint32_t target, seen; /* the element to change, by its number in document order */
    enum change change;
};

/* Fuzzers use this too, which have no test to fail. */
static void must(enum rc rc) {
    if (rc != RC_OK)
        abort();
}

/* xorshift64* */
uint32_t mutator_below(struct mutator *m, uint32_t bound) {
    m->state ^= m->state >> 12;
    m->state ^= m->state << 25;
    m->state ^= m->state >> 27;
    return (uint32_t)((m->state * UINT64_C(2685821657736338717)) >> 33) % bound;
}

static bool holds_elements(const struct der_item *item) {
    struct der d = der_open(item->value);
    struct der_item in;
    if ((item->tag & 0x20) == 0)
        return false;
    while (!der_empty(&d))
        if (der_any(&d, &in) != RC_OK)
            return false;
    return true;
}

/* Elements one after the other, to the end. */
static bool all_elements(struct span s) {
    return holds_elements(&(struct der_item){.tag = DER_SEQUENCE, .value = s});
}

static uint32_t count(struct span elements) {
    struct der d = der_open(elements);
    struct der_item item;
    uint32_t n = 0;
    while (!der_empty(&d)) {
        must(der_any(&d, &item));
        n += 1 + (holds_elements(&item) ? count(item.value) : 0);
    }
    return n;
}

static void put_with_tag(struct derw *w, uint8_t tag, struct span value) {
    static const uint8_t odd[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16,
                                  0x17, 0x18, 0x1e, 0x30, 0x31, 0x80, 0x81, 0xa0, 0xa1, 0xa4, 0xa5};
    derw_put(w, tag == 0xff ? odd[value.len % sizeof odd] : tag, value);
}

static void flip(struct walk *k, const struct der_item *item, struct derw *w) {
    AUTO(buf) value = {0};
    must(buf_add_span(&value, item->value));
    if (value.len > 0)
        value.data[mutator_below(k->m, (uint32_t)value.len)] ^= (uint8_t)(1u << mutator_below(k->m, 8));
    derw_put(w, item->tag, buf_span(&value));
}

static void longer(struct walk *k, const struct der_item *item, struct derw *w) {
    AUTO(buf) value = {0};
    if (mutator_below(k->m, 2) == 0)
        must(buf_add_char(&value, (char)mutator_below(k->m, 2)));
    must(buf_add_span(&value, item->value));
    if (value.len == item->value.len)
        must(buf_add_char(&value, (char)mutator_below(k->m, 256)));
    derw_put(w, item->tag, buf_span(&value));
}

static void change(struct walk *k, const struct der_item *item, struct derw *w) {
    switch (k->change) {
    case GO:
        return;
    case TWICE:
        derw_raw(w, item->whole);
        derw_raw(w, item->whole);
        return;
    case TAG:
        put_with_tag(w, mutator_below(k->m, 2) == 0 ? 0xff : (uint8_t)(item->tag ^ 1u << mutator_below(k->m, 8)),
                     item->value);
        return;
    case FLIP:
        flip(k, item, w);
        return;
    case EMPTY:
        derw_put(w, item->tag, (struct span){0});
        return;
    case LONGER:
        longer(k, item, w);
        return;
    default:
        derw_raw(w, item->whole);
        put_with_tag(w, 0xff, span_of("\x05\x00\x0c\x01x", mutator_below(k->m, 6)));
    }
}

static void copy(struct walk *k, struct span elements, struct derw *w) {
    struct der d = der_open(elements);
    struct der_item item;
    while (!der_empty(&d)) {
        must(der_any(&d, &item));
        if (k->seen++ == k->target) {
            change(k, &item, w);
            k->seen += holds_elements(&item) ? count(item.value) : 0;
        } else if (holds_elements(&item)) {
            derw_open(w, item.tag);
            copy(k, item.value, w);
            derw_close(w);
        } else {
            derw_raw(w, item.whole);
        }
    }
}

void der_mutate(struct mutator *m, struct span in, struct buf *out) {
    AUTO(derw) w = {0};
    if (!all_elements(in) || in.len == 0) { /* an earlier change made it so: it stays */
        must(buf_set(out, in));
        return;
    }
    struct walk k = {.m = m, .target = mutator_below(m, count(in)), .change = mutator_below(m, CHANGES)};
    copy(&k, in, &w);
    must(derw_end(&w));
    must(buf_set(out, buf_span(&w.out)));
}
