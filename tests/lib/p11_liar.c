/* A PKCS#11 module that lies as $LIAR says: counts beyond all room, lengths that cannot be, texts without an end. */
#include <stdlib.h>
#include <string.h>

#include "p11/module.h"

static bool lie(const char *name) {
    const char *told = getenv("LIAR");
    return told != NULL && strcmp(told, name) == 0;
}

static unsigned found, initialised;

static CK_RV initialize(void *args) {
    const CK_C_INITIALIZE_ARGS *a = args;
    if (lie("init-fails"))
        return CKR_DEVICE_ERROR;
    if (lie("no-locks") && a != NULL)
        return CKR_CANT_LOCK;
    if (lie("already") || initialised++ > 0)
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    return CKR_OK;
}

static CK_RV finalize(void *reserved) {
    (void)reserved;
    if (lie("already")) /* somebody else's: must not be called */
        abort();
    initialised = 0;
    return CKR_OK;
}

static CK_RV slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
    (void)present;
    if (lie("slots-many")) {
        *count = 1000000;
        return CKR_OK;
    }
    if (slots != NULL && lie("slots-grow")) {
        *count = CK_UNAVAILABLE_INFORMATION;
        return CKR_OK;
    }
    CK_ULONG n = lie("tokens-many") ? 800 : 2;
    for (CK_ULONG i = 0; slots != NULL && i < n; i++)
        slots[i] = i + 1;
    *count = n;
    return CKR_OK;
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    if (lie("first-broken") && slot == 1)
        return CKR_DEVICE_ERROR;
    if (lie("all-broken"))
        return CKR_DEVICE_ERROR;
    memset(info, lie("texts") ? 'A' : ' ', sizeof *info);
    if (lie("escape"))
        memcpy(info->label, "a\x1b[2Jb\0hidden", 13);
    info->flags = CKF_TOKEN_INITIALIZED;
    info->ulMinPinLen = info->ulMaxPinLen = info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
    info->firmwareVersion = (CK_VERSION){255, 255};
    if (lie("same-serial"))
        return CKR_OK;
    info->serialNumber[0] = lie("swapped") && found++ > 0 ? 'X' : (CK_BYTE)('0' + slot % 10);
    return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify, CK_SESSION_HANDLE *session) {
    (void)slot, (void)flags, (void)app, (void)notify;
    found = 0;
    *session = lie("session-zero") ? 0 : 7;
    return CKR_OK;
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
    return session == 7 ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG len) {
    (void)session, (void)user, (void)pin, (void)len;
    return lie("pin-locked") ? CKR_PIN_LOCKED : lie("pin-wrong") ? CKR_PIN_INCORRECT : CKR_USER_ALREADY_LOGGED_IN;
}

static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *a, CK_ULONG count) {
    (void)session, (void)a, (void)count;
    found = 0;
    return CKR_OK;
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *out, CK_ULONG max, CK_ULONG *count) {
    (void)session;
    if (lie("find-overflow")) {
        *count = max + 1;
        return CKR_OK;
    }
    if (!lie("find-endless") && found > 0)
        max = 0;
    for (CK_ULONG i = 0; i < max && (i == 0 || lie("find-endless")); i++)
        out[i] = 1;
    *count = max == 0 ? 0 : lie("find-endless") ? max : 1;
    found++;
    return CKR_OK;
}

static CK_RV find_final(CK_SESSION_HANDLE session) {
    (void)session;
    return lie("final-fails") ? CKR_DEVICE_ERROR : CKR_OK;
}

static CK_RV get_attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a, CK_ULONG count) {
    (void)session, (void)object;
    for (CK_ULONG i = 0; i < count; i++) {
        bool is_value = a[i].type == CKA_VALUE || a[i].type == CKA_MODULUS;
        if (lie("length-huge"))
            a[i].ulValueLen = (CK_ULONG)1 << 40;
        else if (lie("length-unavailable") || (lie("no-value") && is_value))
            a[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
        else if (a[i].type == CKA_KEY_TYPE || a[i].type == CKA_CERTIFICATE_TYPE)
            memset(a[i].pValue, 0, a[i].ulValueLen);
        else /* fills all the room it is given */
            memset(a[i].pValue, lie("modulus-zero") ? 0 : 0xff, a[i].ulValueLen);
        if (a[i].type == CKA_VALUE && a[i].ulValueLen > 4096 + 4 && a[i].ulValueLen < CK_UNAVAILABLE_INFORMATION)
            memcpy(a[i].pValue, "\x30\x82\x10\x00", 4); /* and says how much of it counts */
    }
    return lie("vanished") ? CKR_OBJECT_HANDLE_INVALID : lie("no-value") ? CKR_ATTRIBUTE_SENSITIVE : CKR_OK;
}

static CK_RV set_attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a, CK_ULONG count) {
    (void)session, (void)object, (void)a, (void)count;
    return CKR_ATTRIBUTE_READ_ONLY;
}

static CK_RV create(CK_SESSION_HANDLE session, CK_ATTRIBUTE *a, CK_ULONG count, CK_OBJECT_HANDLE *object) {
    (void)session, (void)a, (void)count, (void)object;
    return CKR_DEVICE_MEMORY;
}

static CK_RV destroy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
    (void)session, (void)object;
    return CKR_OBJECT_HANDLE_INVALID;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    (void)session, (void)mechanism, (void)key;
    return CKR_OK;
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len) {
    (void)session, (void)data, (void)len, (void)out;
    *out_len = CK_UNAVAILABLE_INFORMATION;
    return CKR_OK;
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    static CK_FUNCTION_LIST fn = {.version = {2, 40},
                                  .C_Initialize = initialize,
                                  .C_Finalize = finalize,
                                  .C_GetSlotList = slot_list,
                                  .C_GetTokenInfo = token_info,
                                  .C_OpenSession = open_session,
                                  .C_CloseSession = close_session,
                                  .C_Login = login,
                                  .C_CreateObject = create,
                                  .C_DestroyObject = destroy,
                                  .C_GetAttributeValue = get_attribute,
                                  .C_SetAttributeValue = set_attribute,
                                  .C_FindObjectsInit = find_init,
                                  .C_FindObjects = find,
                                  .C_FindObjectsFinal = find_final,
                                  .C_SignInit = sign_init,
                                  .C_Sign = sign};
    fn.C_Sign = lie("no-sign") ? NULL : sign;
    fn.version.major = lie("version") ? 1 : 2;
    *list = lie("no-list") ? NULL : &fn;
    return lie("list-fails") ? CKR_HOST_MEMORY : CKR_OK;
}
