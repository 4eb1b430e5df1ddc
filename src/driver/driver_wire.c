/* Fields of messages, written and read strictly. */
#include "driver/driver_wire.h"

#include <string.h>

void wire_put_raw(struct wire_out *w, struct span s) {
    w->full |= s.len > w->cap - w->len;
    if (w->full || s.len == 0)
        return;
    memcpy(w->at + w->len, s.ptr, s.len);
    w->len += s.len;
}

void wire_put_byte(struct wire_out *w, uint8_t v) {
    wire_put_raw(w, span_of(&v, 1));
}

void wire_put_number(struct wire_out *w, uint64_t v) {
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    wire_put_raw(w, span_of(bytes, sizeof bytes));
}

void wire_put_bytes(struct wire_out *w, struct span s) {
    wire_put_number(w, s.len);
    wire_put_raw(w, s);
}

void wire_put_template(struct wire_out *w, const CK_ATTRIBUTE *a, CK_ULONG count) {
    w->full |= count > WIRE_ATTRS_MAX;
    wire_put_number(w, count);
    for (CK_ULONG i = 0; i < count && !w->full; i++) {
        wire_put_number(w, a[i].type);
        wire_put_bytes(w, span_of(a[i].pValue, a[i].ulValueLen));
    }
}

static const uint8_t *take(struct wire_in *w, size_t len) {
    const uint8_t *at = w->at;

    w->bad |= len > w->left;
    if (w->bad)
        return NULL;
    w->at += len;
    w->left -= len;
    return at;
}

uint8_t wire_take_byte(struct wire_in *w) {
    const uint8_t *at = take(w, 1);

    return at == NULL ? 0 : *at;
}

bool wire_take_bool(struct wire_in *w) {
    uint8_t v = wire_take_byte(w);

    w->bad |= v > 1;
    return v == 1;
}

CK_ULONG wire_take_number(struct wire_in *w) {
    const uint8_t *at = take(w, 8);
    uint64_t v = 0;

    for (int i = 7; at != NULL && i >= 0; i--)
        v = v << 8 | at[i];
    w->bad |= v > (CK_ULONG)-1; /* of a program with longer words than ours */
    return w->bad ? 0 : (CK_ULONG)v;
}

CK_ULONG wire_take_count(struct wire_in *w, CK_ULONG most) {
    CK_ULONG v = wire_take_number(w);

    w->bad |= v > most;
    return w->bad ? 0 : v;
}

struct span wire_take_bytes(struct wire_in *w, size_t most) {
    size_t len = wire_take_count(w, (CK_ULONG)most);
    const uint8_t *at = take(w, len);

    return at == NULL ? (struct span){0} : span_of(at, len);
}

void wire_take_raw(struct wire_in *w, void *out, size_t len) {
    const uint8_t *at = take(w, len);

    if (at == NULL)
        memset(out, 0, len);
    else
        memcpy(out, at, len);
}

CK_ULONG wire_take_template(struct wire_in *w, CK_ATTRIBUTE a[WIRE_ATTRS_MAX]) {
    CK_ULONG count = wire_take_count(w, WIRE_ATTRS_MAX);

    for (CK_ULONG i = 0; i < count; i++) {
        CK_ATTRIBUTE_TYPE type = wire_take_number(w);
        struct span value = wire_take_bytes(w, WIRE_MAX);
        a[i] = (CK_ATTRIBUTE){type, p11_arg(value.ptr), (CK_ULONG)value.len};
    }
    return w->bad ? 0 : count;
}

bool wire_whole(const struct wire_in *w) {
    return !w->bad && w->left == 0;
}

void wire_head(enum driver_op op, size_t len, uint8_t out[WIRE_HEAD]) {
    memset(out, 0, WIRE_HEAD);
    out[0] = (uint8_t)op;
    for (int i = 0; i < 4; i++)
        out[4 + i] = (uint8_t)(len >> (8 * i));
}

bool wire_head_parse(const uint8_t head[WIRE_HEAD], enum driver_op *op, size_t *len) {
    *op = (enum driver_op)head[0];
    *len = head[4] | (size_t)head[5] << 8 | (size_t)head[6] << 16 | (size_t)head[7] << 24;
    return head[0] > 0 && head[0] < OP_COUNT && head[1] == 0 && head[2] == 0 && head[3] == 0 && *len <= WIRE_MAX;
}
