/* Calls become messages, answers become what the standard gives back. */
#include "driver/driver_calls.h"

#include <string.h>

static const struct span NO_SECRET = {0};

/* The driver's list, or how long it would be. A count beyond all room is the driver's word, which the caller judges. */
static CK_RV end_list(struct host_call *c, CK_ULONG *list, CK_ULONG *count) {
    if (call_go(c, NO_SECRET)) {
        CK_ULONG room = list == NULL ? 0 : *count, n = wire_take_number(&c->in);
        for (CK_ULONG i = 0; i < n && i < room && !c->in.bad; i++)
            list[i] = wire_take_number(&c->in);
        *count = n;
    }
    return call_end(c);
}

CK_RV calls_slots(struct driver_host *h, CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
    struct host_call c;

    call_begin(&c, h, OP_SLOTS);
    wire_put_byte(&c.out, present ? 1 : 0);
    wire_put_byte(&c.out, slots != NULL);
    wire_put_number(&c.out, slots == NULL ? 0 : *count);
    return end_list(&c, slots, count);
}

CK_RV calls_mechanisms(struct driver_host *h, CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count) {
    struct host_call c;

    call_begin(&c, h, OP_MECHANISMS);
    wire_put_number(&c.out, slot);
    wire_put_byte(&c.out, list != NULL);
    wire_put_number(&c.out, list == NULL ? 0 : *count);
    return end_list(&c, list, count);
}

/* A struct as it is in memory: both ends are built together. */
static CK_RV end_struct(struct host_call *c, void *out, size_t len) {
    if (call_go(c, NO_SECRET))
        wire_take_raw(&c->in, out, len);
    return call_end(c);
}

CK_RV calls_slot_info(struct driver_host *h, CK_SLOT_ID slot, CK_SLOT_INFO *info) {
    struct host_call c;

    call_begin(&c, h, OP_SLOT_INFO);
    wire_put_number(&c.out, slot);
    return end_struct(&c, info, sizeof *info);
}

CK_RV calls_token_info(struct driver_host *h, CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    struct host_call c;

    call_begin(&c, h, OP_TOKEN_INFO);
    wire_put_number(&c.out, slot);
    if (call_go(&c, NO_SECRET)) {
        wire_take_raw(&c.in, info, sizeof *info);
        h->patient |= (info->flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    }
    return call_end(&c);
}

CK_RV calls_mechanism_info(struct driver_host *h, CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info) {
    struct host_call c;

    call_begin(&c, h, OP_MECHANISM_INFO);
    wire_put_number(&c.out, slot);
    wire_put_number(&c.out, type);
    return end_struct(&c, info, sizeof *info);
}

CK_RV calls_session_info(struct driver_host *h, CK_SESSION_HANDLE session, CK_SESSION_INFO *info) {
    struct host_call c;

    call_begin(&c, h, OP_SESSION_INFO);
    call_session(&c, session);
    return end_struct(&c, info, sizeof *info);
}

/* The number of a session here is ours: one of an earlier process is never taken for one of now. */
CK_RV calls_session_open(struct driver_host *h, CK_SLOT_ID slot, CK_FLAGS flags, CK_SESSION_HANDLE *session) {
    struct host_call c;

    call_begin(&c, h, OP_SESSION_OPEN);
    struct host_session *place = host_session(h, 0);
    if (c.rv == CKR_OK && place == NULL)
        c.rv = CKR_SESSION_COUNT;
    wire_put_number(&c.out, slot);
    wire_put_number(&c.out, flags);
    if (call_go(&c, NO_SECRET)) {
        CK_SESSION_HANDLE real = wire_take_number(&c.in);
        *session = real == 0 ? 0 : ++h->numbers; /* 0 is the driver's lie, for the caller to see */
        if (real != 0)
            *place = (struct host_session){h->numbers, real};
    }
    return call_end(&c);
}

static CK_RV end_plain(struct host_call *c) {
    (void)call_go(c, NO_SECRET);
    return call_end(c);
}

/* A call that takes a session and nothing else. */
static CK_RV on_session(struct driver_host *h, enum driver_op op, CK_SESSION_HANDLE session) {
    struct host_call c;

    call_begin(&c, h, op);
    call_session(&c, session);
    return end_plain(&c);
}

CK_RV calls_session_close(struct driver_host *h, CK_SESSION_HANDLE session) {
    struct host_call c;

    call_begin(&c, h, OP_SESSION_CLOSE);
    call_session(&c, session);
    if (c.rv == CKR_OK)
        *host_session(h, session) = (struct host_session){0};
    return end_plain(&c);
}

CK_RV calls_login(struct driver_host *h, CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG len) {
    struct host_call c;

    call_begin(&c, h, OP_LOGIN);
    call_session(&c, session);
    wire_put_number(&c.out, user);
    wire_put_byte(&c.out, pin != NULL);
    (void)call_go(&c, span_of(pin, pin == NULL ? 0 : len));
    return call_end(&c);
}

CK_RV calls_logout(struct driver_host *h, CK_SESSION_HANDLE session) {
    return on_session(h, OP_LOGOUT, session);
}

CK_RV calls_create(struct driver_host *h, CK_SESSION_HANDLE session, CK_ATTRIBUTE *a, CK_ULONG count,
                   CK_OBJECT_HANDLE *made) {
    struct host_call c;

    call_begin(&c, h, OP_CREATE);
    call_session(&c, session);
    wire_put_template(&c.out, a, count);
    if (call_go(&c, NO_SECRET))
        *made = wire_take_number(&c.in);
    return call_end(&c);
}

CK_RV calls_destroy(struct driver_host *h, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
    struct host_call c;

    call_begin(&c, h, OP_DESTROY);
    call_session(&c, session);
    wire_put_number(&c.out, object);
    return end_plain(&c);
}

CK_RV calls_set(struct driver_host *h, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a,
                CK_ULONG count) {
    struct host_call c;

    call_begin(&c, h, OP_SET);
    call_session(&c, session);
    wire_put_number(&c.out, object);
    wire_put_template(&c.out, a, count);
    return end_plain(&c);
}

CK_RV calls_find_init(struct driver_host *h, CK_SESSION_HANDLE session, CK_ATTRIBUTE *a, CK_ULONG count) {
    struct host_call c;

    call_begin(&c, h, OP_FIND_INIT);
    call_session(&c, session);
    wire_put_template(&c.out, a, count);
    return end_plain(&c);
}

CK_RV calls_find(struct driver_host *h, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *out, CK_ULONG most,
                 CK_ULONG *count) {
    struct host_call c;

    call_begin(&c, h, OP_FIND);
    call_session(&c, session);
    wire_put_number(&c.out, most);
    *count = most;
    return end_list(&c, out, count);
}

CK_RV calls_find_final(struct driver_host *h, CK_SESSION_HANDLE session) {
    return on_session(h, OP_FIND_FINAL, session);
}

/* What the driver left untouched stays as the caller had it. The length may be anything a driver says; what fits was
   sent. */
static void take_attribute(struct wire_in *in, CK_ATTRIBUTE *a) {
    CK_ULONG room = a->ulValueLen;

    a->ulValueLen = wire_take_number(in);
    if (!wire_take_bool(in))
        return;
    struct span value = wire_take_bytes(in, room);
    if (a->pValue == NULL || value.len != (a->ulValueLen <= room ? a->ulValueLen : 0))
        in->bad = true;
    else if (value.len > 0)
        memcpy(a->pValue, value.ptr, value.len);
}

/* Attributes come back with errors too: those that could be read. */
CK_RV calls_read(struct driver_host *h, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a,
                 CK_ULONG count) {
    struct host_call c;

    call_begin(&c, h, OP_READ);
    call_session(&c, session);
    wire_put_number(&c.out, object);
    c.out.full |= count > WIRE_ATTRS_MAX;
    wire_put_number(&c.out, count);
    for (CK_ULONG i = 0; i < count && !c.out.full; i++) {
        wire_put_number(&c.out, a[i].type);
        wire_put_byte(&c.out, a[i].pValue != NULL);
        wire_put_number(&c.out, a[i].ulValueLen);
    }
    (void)call_go(&c, NO_SECRET);
    for (CK_ULONG i = 0; i < count && c.in.at != NULL && !c.in.bad; i++)
        take_attribute(&c.in, &a[i]);
    return call_end(&c);
}

CK_RV calls_sign_init(struct driver_host *h, CK_SESSION_HANDLE session, CK_MECHANISM *m, CK_OBJECT_HANDLE key) {
    struct host_call c;

    call_begin(&c, h, OP_SIGN_INIT);
    call_session(&c, session);
    wire_put_number(&c.out, m->mechanism);
    wire_put_byte(&c.out, m->pParameter != NULL);
    wire_put_bytes(&c.out, span_of(m->pParameter, m->pParameter == NULL ? 0 : m->ulParameterLen));
    wire_put_number(&c.out, key);
    return end_plain(&c);
}

CK_RV calls_sign(struct driver_host *h, CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len, CK_BYTE *out,
                 CK_ULONG *out_len) {
    struct host_call c;
    CK_ULONG room = out == NULL ? 0 : *out_len;

    call_begin(&c, h, OP_SIGN);
    call_session(&c, session);
    wire_put_bytes(&c.out, span_of(data, len));
    wire_put_byte(&c.out, out != NULL);
    wire_put_number(&c.out, room);
    (void)call_go(&c, NO_SECRET);
    if (c.in.at != NULL) {
        *out_len = wire_take_number(&c.in);
        struct span signature = wire_take_bytes(&c.in, room);
        if (signature.len > 0 && !c.in.bad)
            memcpy(out, signature.ptr, signature.len);
    }
    return call_end(&c);
}

CK_RV calls_wait(struct driver_host *h, CK_FLAGS flags, CK_SLOT_ID *slot) {
    struct host_call c;

    call_begin(&c, h, OP_WAIT);
    wire_put_number(&c.out, flags);
    if (call_go(&c, NO_SECRET))
        *slot = wire_take_number(&c.in);
    return call_end(&c);
}
