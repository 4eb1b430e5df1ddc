/* All at once first; where that fails each alone. Room is filled with a mark before: what still has it was not read. */
#include "p11/attrs.h"

#include <string.h>

/* Two, for a byte that is there may look like one of them. */
static const uint8_t MARKS[] = {0xa5, 0x5a};

struct reading {
    const struct p11_session *s;
    CK_OBJECT_HANDLE object;
    CK_ULONG room[ATTRS_MAX];
};

static CK_RV ask(const struct reading *r, CK_ATTRIBUTE *a, const CK_ULONG *room, size_t count, uint8_t mark) {
    for (size_t i = 0; i < count; i++) {
        memset(a[i].pValue, mark, room[i]);
        a[i].ulValueLen = room[i];
    }
    return r->s->module->fn->C_GetAttributeValue(r->s->handle, r->object, a, count);
}

static bool untouched(const CK_ATTRIBUTE *a, uint8_t mark) {
    const uint8_t *at = a->pValue;

    for (CK_ULONG i = 0; i < a->ulValueLen; i++)
        if (at[i] != mark)
            return false;
    return a->ulValueLen > 0;
}

static bool doubtful(const CK_ATTRIBUTE *a, CK_ULONG room, uint8_t mark) {
    return a->ulValueLen > room || untouched(a, mark);
}

/* Into exactly the room that it wants: some refuse any other. */
static CK_RV ask_exactly(const struct reading *r, CK_ATTRIBUTE *a, CK_ULONG room, uint8_t mark) {
    CK_ATTRIBUTE length = {a->type, NULL, 0};
    CK_RV rv = r->s->module->fn->C_GetAttributeValue(r->s->handle, r->object, &length, 1);

    if (rv != CKR_OK)
        return rv;
    if (length.ulValueLen == 0 || length.ulValueLen > room)
        return CKR_BUFFER_TOO_SMALL;
    return ask(r, a, &length.ulValueLen, 1, mark);
}

static bool said_no(CK_RV rv) {
    return rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE || p11_rv_lost(rv) ||
           rv == CKR_OBJECT_HANDLE_INVALID;
}

static CK_RV ask_alone(const struct reading *r, CK_ATTRIBUTE *a, CK_ULONG room) {
    CK_RV rv = CKR_OK;

    for (size_t i = 0; i < sizeof MARKS; i++) {
        rv = ask(r, a, &room, 1, MARKS[i]);
        if (rv != CKR_OK && !said_no(rv))
            rv = ask_exactly(r, a, room, MARKS[i]);
        if (rv != CKR_OK || a->ulValueLen > room)
            break;
        if (!untouched(a, MARKS[i]))
            return CKR_OK;
    }
    memset(a->pValue, 0, room);
    a->ulValueLen = 0;
    return rv;
}

/* A group that failed is believed in nothing. */
static CK_RV ask_again(const struct reading *r, CK_ATTRIBUTE *a, size_t count, bool all) {
    for (size_t i = 0; i < count; i++) {
        if (!all && !doubtful(&a[i], r->room[i], MARKS[0]))
            continue;
        CK_RV rv = ask_alone(r, &a[i], r->room[i]);
        if (p11_rv_lost(rv) || rv == CKR_OBJECT_HANDLE_INVALID)
            return rv;
    }
    return CKR_OK;
}

enum rc attrs_read(const struct p11_session *s, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a, size_t count, bool *gone) {
    struct reading r = {.s = s, .object = object};

    if (count > ATTRS_MAX)
        FAIL(RC_BUG, "%zu attributes at once", count);
    for (size_t i = 0; i < count; i++)
        r.room[i] = a[i].ulValueLen;
    CK_RV rv = ask(&r, a, r.room, count, MARKS[0]);
    if (rv != CKR_OBJECT_HANDLE_INVALID && !p11_rv_lost(rv))
        rv = ask_again(&r, a, count, rv != CKR_OK);
    *gone = rv == CKR_OBJECT_HANDLE_INVALID;
    return *gone ? RC_OK : p11_check(rv, "C_GetAttributeValue");
}
