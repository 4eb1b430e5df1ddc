/* Fuzzes base/der (dependencies: base): whatever the strict reader accepts, the writer encodes to the same bytes. */
#include <stdlib.h>

#include "base/der.h"
#include "fuzz.h"

#define DEPTH 12

/* The writer's bytes are those that were read. */
static void check_same(struct derw *w, struct span read) {
    require(derw_end(w) == RC_OK && span_eq(buf_span(&w->out), read));
    derw_free(w);
}

/* Reads the element as each type it may be, and writes what came out. */
static void check_typed(struct span whole) {
    struct der d[6] = {der_open(whole), der_open(whole), der_open(whole),
                       der_open(whole), der_open(whole), der_open(whole)};
    AUTO(derw) w = {0};
    struct span value;
    int64_t number = 0;
    uint8_t unused = 0;
    bool yes = false;
    if (der_small(&d[0], &number) == RC_OK) {
        derw_small(&w, number);
        check_same(&w, whole);
    }
    if (der_integer(&d[1], &value) == RC_OK && value.ptr[0] < 0x80) {
        derw_integer(&w, value);
        check_same(&w, whole);
    }
    if (der_bits(&d[2], &value, &unused) == RC_OK) {
        derw_bits(&w, value, unused);
        check_same(&w, whole);
    }
    if (der_time(&d[3], &number) == RC_OK) {
        derw_time(&w, number);
        check_same(&w, whole);
    }
    if (der_boolean(&d[4], &yes) == RC_OK) {
        uint8_t byte = yes ? 0xff : 0x00;
        derw_put(&w, DER_BOOLEAN, span_of(&byte, 1));
        check_same(&w, whole);
    }
    if (der_oid(&d[5], &value) == RC_OK) {
        derw_put(&w, DER_OID, value);
        check_same(&w, whole);
    }
}

/* Copies elements to the writer, going into constructed ones; false when the bytes are not DER all the way down. */
static bool copy(struct der d, struct derw *w, int depth) {
    while (!der_empty(&d)) {
        struct der_item item;
        if (der_any(&d, &item) != RC_OK)
            return false;
        require(item.whole.len >= item.value.len + 2 && item.whole.ptr[0] == item.tag);
        require(item.value.ptr + item.value.len == item.whole.ptr + item.whole.len);
        check_typed(item.whole);
        if ((item.tag & 0x20) == 0 || depth == DEPTH) {
            derw_put(w, item.tag, item.value);
            continue;
        }
        derw_open(w, item.tag);
        if (!copy(der_open(item.value), w, depth + 1))
            return false;
        derw_close(w);
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(derw) w = {0};
    if (size > 0 && copy(der_open(span_of(data, size)), &w, 0))
        check_same(&w, span_of(data, size));
    return 0;
}
