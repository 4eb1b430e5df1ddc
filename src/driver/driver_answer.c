/* Each operation's call of the real driver. What a driver writes beyond its room or says beyond all reason harms this
   process only. */
#include <string.h>

#include "driver/driver_serve.h"

#define UNTOUCHED 0xa5 /* room is filled with it: what is so afterwards was not written to */

static uint8_t room[WIRE_ROOM_MAX];

typedef CK_RV answer_fn(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out);

/* True: the message was read to its end, and well; only then is the driver called. */
static bool ready(struct wire_in *in) {
    in->bad |= in->left > 0;
    return !in->bad;
}

static void put_list(struct wire_out *out, const CK_ULONG *list, CK_ULONG count, CK_ULONG most) {
    wire_put_number(out, count);
    for (CK_ULONG i = 0; list != NULL && i < count && i < most; i++)
        wire_put_number(out, list[i]);
}

static CK_RV slots(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SLOT_ID list[WIRE_SLOTS_MAX];
    bool present = wire_take_bool(in), wanted = wire_take_bool(in);
    CK_ULONG most = wire_take_count(in, WIRE_SLOTS_MAX), count = most;

    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    CK_RV rv = fn->C_GetSlotList(present ? CK_TRUE : CK_FALSE, wanted ? list : NULL, &count);
    if (rv == CKR_OK)
        put_list(out, wanted ? list : NULL, count, most);
    return rv;
}

static CK_RV mechanisms(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_MECHANISM_TYPE list[WIRE_SLOTS_MAX];
    CK_SLOT_ID slot = wire_take_number(in);
    bool wanted = wire_take_bool(in);
    CK_ULONG most = wire_take_count(in, WIRE_SLOTS_MAX), count = most;

    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    if (fn->C_GetMechanismList == NULL)
        return CKR_FUNCTION_NOT_SUPPORTED;
    CK_RV rv = fn->C_GetMechanismList(slot, wanted ? list : NULL, &count);
    if (rv == CKR_OK)
        put_list(out, wanted ? list : NULL, count, most);
    return rv;
}

static CK_RV put_struct(struct wire_out *out, CK_RV rv, const void *from, size_t len) {
    if (rv == CKR_OK)
        wire_put_raw(out, span_of(from, len));
    return rv;
}

static CK_RV slot_info(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SLOT_INFO info = {0};
    CK_SLOT_ID slot = wire_take_number(in);

    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    if (fn->C_GetSlotInfo == NULL)
        return CKR_FUNCTION_NOT_SUPPORTED;
    return put_struct(out, fn->C_GetSlotInfo(slot, &info), &info, sizeof info);
}

static CK_RV token_info(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_TOKEN_INFO info = {0};
    CK_SLOT_ID slot = wire_take_number(in);

    return ready(in) ? put_struct(out, fn->C_GetTokenInfo(slot, &info), &info, sizeof info) : CKR_ARGUMENTS_BAD;
}

static CK_RV mechanism_info(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_MECHANISM_INFO info = {0};
    CK_SLOT_ID slot = wire_take_number(in);
    CK_MECHANISM_TYPE type = wire_take_number(in);

    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    if (fn->C_GetMechanismInfo == NULL)
        return CKR_FUNCTION_NOT_SUPPORTED;
    return put_struct(out, fn->C_GetMechanismInfo(slot, type, &info), &info, sizeof info);
}

static CK_RV session_open(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SESSION_HANDLE session = 0;
    CK_SLOT_ID slot = wire_take_number(in);
    CK_FLAGS flags = wire_take_number(in);

    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    CK_RV rv = fn->C_OpenSession(slot, flags, NULL, NULL, &session);
    if (rv == CKR_OK)
        wire_put_number(out, session);
    return rv;
}

static CK_RV session_close(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SESSION_HANDLE session = wire_take_number(in);

    (void)out;
    return ready(in) ? fn->C_CloseSession(session) : CKR_ARGUMENTS_BAD;
}

static CK_RV session_info(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SESSION_INFO info = {0};
    CK_SESSION_HANDLE session = wire_take_number(in);

    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    if (fn->C_GetSessionInfo == NULL)
        return CKR_FUNCTION_NOT_SUPPORTED;
    return put_struct(out, fn->C_GetSessionInfo(session, &info), &info, sizeof info);
}

static CK_RV login(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SESSION_HANDLE session = wire_take_number(in);
    CK_USER_TYPE user = wire_take_number(in);
    bool typed = wire_take_bool(in);
    struct span pin = span_of(in->at, in->left);

    (void)out;
    if (in->bad || (!typed && pin.len > 0))
        return CKR_ARGUMENTS_BAD;
    in->left = 0;
    return fn->C_Login(session, user, typed ? p11_arg(pin.ptr) : NULL, (CK_ULONG)pin.len);
}

static CK_RV logout(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SESSION_HANDLE session = wire_take_number(in);

    (void)out;
    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    return fn->C_Logout == NULL ? CKR_FUNCTION_NOT_SUPPORTED : fn->C_Logout(session);
}

static CK_RV create(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_ATTRIBUTE a[WIRE_ATTRS_MAX];
    CK_OBJECT_HANDLE made = 0;
    CK_SESSION_HANDLE session = wire_take_number(in);
    CK_ULONG count = wire_take_template(in, a);

    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    CK_RV rv = fn->C_CreateObject(session, a, count, &made);
    if (rv == CKR_OK)
        wire_put_number(out, made);
    return rv;
}

static CK_RV destroy(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SESSION_HANDLE session = wire_take_number(in);
    CK_OBJECT_HANDLE object = wire_take_number(in);

    (void)out;
    return ready(in) ? fn->C_DestroyObject(session, object) : CKR_ARGUMENTS_BAD;
}

static CK_RV set(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_ATTRIBUTE a[WIRE_ATTRS_MAX];
    CK_SESSION_HANDLE session = wire_take_number(in);
    CK_OBJECT_HANDLE object = wire_take_number(in);
    CK_ULONG count = wire_take_template(in, a);

    (void)out;
    return ready(in) ? fn->C_SetAttributeValue(session, object, a, count) : CKR_ARGUMENTS_BAD;
}

static CK_RV find_init(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_ATTRIBUTE a[WIRE_ATTRS_MAX];
    CK_SESSION_HANDLE session = wire_take_number(in);
    CK_ULONG count = wire_take_template(in, a);

    (void)out;
    return ready(in) ? fn->C_FindObjectsInit(session, a, count) : CKR_ARGUMENTS_BAD;
}

static CK_RV find(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_OBJECT_HANDLE list[WIRE_SLOTS_MAX];
    CK_SESSION_HANDLE session = wire_take_number(in);
    CK_ULONG most = wire_take_count(in, WIRE_SLOTS_MAX), count = 0;

    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    CK_RV rv = fn->C_FindObjects(session, list, most, &count);
    if (rv == CKR_OK)
        put_list(out, list, count, most);
    return rv;
}

static CK_RV find_final(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SESSION_HANDLE session = wire_take_number(in);

    (void)out;
    return ready(in) ? fn->C_FindObjectsFinal(session) : CKR_ARGUMENTS_BAD;
}

struct asked { /* the attributes of one call, and the room each has */
    CK_ATTRIBUTE a[WIRE_ATTRS_MAX];
    CK_ULONG has[WIRE_ATTRS_MAX];
    CK_ULONG count;
};

static void take_asked(struct wire_in *in, struct asked *q) {
    size_t used = 0;

    q->count = wire_take_count(in, WIRE_ATTRS_MAX);
    for (CK_ULONG i = 0; i < q->count; i++) {
        CK_ATTRIBUTE_TYPE type = wire_take_number(in);
        bool wanted = wire_take_bool(in);
        CK_ULONG len = wanted ? wire_take_count(in, (CK_ULONG)(sizeof room - used)) : wire_take_number(in);
        q->a[i] = (CK_ATTRIBUTE){type, wanted ? room + used : NULL, len};
        q->has[i] = wanted ? len : 0;
        used += wanted ? (len + 7) / 8 * 8 : 0; /* numbers stand where numbers may */
        used = used < sizeof room ? used : sizeof room;
    }
    memset(room, UNTOUCHED, used);
}

static bool written(const CK_ATTRIBUTE *a, CK_ULONG has) {
    const uint8_t *at = a->pValue;

    for (CK_ULONG i = 0; i < has; i++)
        if (at[i] != UNTOUCHED)
            return true;
    return false;
}

static CK_RV get(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    struct asked q;
    CK_SESSION_HANDLE session = wire_take_number(in);
    CK_OBJECT_HANDLE object = wire_take_number(in);

    take_asked(in, &q);
    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    CK_RV rv = fn->C_GetAttributeValue(session, object, q.a, q.count);
    for (CK_ULONG i = 0; i < q.count; i++) {
        uint8_t *own = q.a[i].pValue;
        CK_ULONG len = q.a[i].ulValueLen;
        bool any = own != NULL && written(&q.a[i], q.has[i]);
        wire_put_number(out, len);
        wire_put_byte(out, any);
        if (any)
            wire_put_bytes(out, span_of(own, len <= q.has[i] ? len : 0));
    }
    return rv;
}

static CK_RV sign_init(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SESSION_HANDLE session = wire_take_number(in);
    CK_MECHANISM m = {.mechanism = wire_take_number(in)};
    bool given = wire_take_bool(in);
    struct span parameter = wire_take_bytes(in, WIRE_MAX);
    CK_OBJECT_HANDLE key = wire_take_number(in);

    (void)out;
    m.pParameter = given ? p11_arg(parameter.ptr) : NULL;
    m.ulParameterLen = given ? (CK_ULONG)parameter.len : 0;
    return ready(in) ? fn->C_SignInit(session, &m, key) : CKR_ARGUMENTS_BAD;
}

static CK_RV sign(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SESSION_HANDLE session = wire_take_number(in);
    struct span data = wire_take_bytes(in, WIRE_MAX);
    bool wanted = wire_take_bool(in);
    CK_ULONG most = wire_take_count(in, sizeof room), len = most;

    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    CK_RV rv = fn->C_Sign(session, p11_arg(data.ptr), (CK_ULONG)data.len, wanted ? room : NULL, &len);
    wire_put_number(out, len);
    wire_put_bytes(out, span_of(room, rv == CKR_OK && wanted && len <= most ? len : 0));
    return rv;
}

static CK_RV wait_event(const CK_FUNCTION_LIST *fn, struct wire_in *in, struct wire_out *out) {
    CK_SLOT_ID slot = 0;
    CK_FLAGS flags = wire_take_number(in);

    if (!ready(in))
        return CKR_ARGUMENTS_BAD;
    CK_RV rv = fn->C_WaitForSlotEvent == NULL ? CKR_FUNCTION_NOT_SUPPORTED : fn->C_WaitForSlotEvent(flags, &slot, NULL);
    if (rv == CKR_OK)
        wire_put_number(out, slot);
    return rv;
}

static answer_fn *const ANSWERS[OP_COUNT] = {
    [OP_SLOTS] = slots,
    [OP_SLOT_INFO] = slot_info,
    [OP_TOKEN_INFO] = token_info,
    [OP_MECHANISMS] = mechanisms,
    [OP_MECHANISM_INFO] = mechanism_info,
    [OP_SESSION_OPEN] = session_open,
    [OP_SESSION_CLOSE] = session_close,
    [OP_SESSION_INFO] = session_info,
    [OP_LOGIN] = login,
    [OP_LOGOUT] = logout,
    [OP_CREATE] = create,
    [OP_DESTROY] = destroy,
    [OP_READ] = get,
    [OP_SET] = set,
    [OP_FIND_INIT] = find_init,
    [OP_FIND] = find,
    [OP_FIND_FINAL] = find_final,
    [OP_SIGN_INIT] = sign_init,
    [OP_SIGN] = sign,
    [OP_WAIT] = wait_event,
};

static bool load(struct p11_module *m, struct wire_in *in, struct wire_out *out) {
    char path[sizeof m->path];

    if (m->fn != NULL || text_set_span(path, sizeof path, wire_take_bytes(in, sizeof path - 1)) != RC_OK || !ready(in))
        return false;
    p11_rv_forget();
    enum rc rc = p11_module_open(m, path);
    wire_put_byte(out, (uint8_t)rc);
    wire_put_number(out, p11_last_rv());
    wire_put_byte(out, rc == RC_OK && m->fn->C_WaitForSlotEvent != NULL);
    wire_put_bytes(out, span_str(rc == RC_OK ? "" : err_text()));
    return true;
}

/* The answer begins with the call's CK_RV, which is known last. */
bool driver_answer(struct p11_module *loaded, enum driver_op op, struct span message, struct wire_out *answer) {
    struct wire_in in = {message.ptr, message.len, false};
    struct wire_out first = *answer;

    if (op == OP_LOAD)
        return load(loaded, &in, answer);
    if (loaded->fn == NULL || ANSWERS[op] == NULL)
        return false;
    wire_put_number(answer, 0);
    CK_RV rv = ANSWERS[op](loaded->fn, &in, answer);
    wire_put_number(&first, rv);
    return wire_whole(&in);
}
