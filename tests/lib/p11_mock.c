/* A PKCS#11 module of our own over the folder $MOCK_TOKEN: one slot, RSA keys and certificates, PIN tries that run out.
 * Small and portable, built as .so and as .dll, so that what one system's capbu wrote another system's tools can judge.
 * $MOCK_TOKEN gone: the token is pulled out. */
#include "lib/p11_calls.h" /* first: says which side of the module we are */

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "lib/mock_store.h"

#define SLOT        1
#define SESSIONS    32
#define PIN_LEAST   4
#define PIN_MOST    32
#define FIND_MOST   MOCK_OBJECTS
#define FREE_MEMORY 65536

struct session {
    bool open, writable, finding;
    CK_OBJECT_HANDLE found[FIND_MOST];
    size_t found_count, found_at;
    CK_MECHANISM_TYPE signing; /* 0: not */
    CK_OBJECT_HANDLE key;
};

static struct session sessions[SESSIONS]; /* a handle is an index and one */
static bool initialized, user_in, so_in;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void logged_out(void) {
    user_in = so_in = false;
}

static void all_closed(void) {
    memset(sessions, 0, sizeof sessions);
    logged_out();
}

/* A token that was pulled out takes its sessions along. */
static CK_RV session_of(CK_SESSION_HANDLE handle, struct session **out) {
    if (!initialized)
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    if (!mock_plugged()) {
        all_closed();
        return CKR_DEVICE_REMOVED;
    }
    if (handle == 0 || handle > SESSIONS || !sessions[handle - 1].open)
        return CKR_SESSION_HANDLE_INVALID;
    *out = &sessions[handle - 1];
    return CKR_OK;
}

static CK_RV slot_check(CK_SLOT_ID slot) {
    if (!initialized)
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    return slot != SLOT ? CKR_SLOT_ID_INVALID : mock_plugged() ? CKR_OK : CKR_TOKEN_NOT_PRESENT;
}

/* Blank-padded, as the standard wants it. */
static void field(CK_UTF8CHAR *out, size_t size, const char *text) {
    size_t len = strlen(text);

    memset(out, ' ', size);
    memcpy(out, text, len < size ? len : size);
}

static CK_RV mock_C_Initialize(void *args) {
    (void)args;
    if (initialized)
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    initialized = digest_init() == RC_OK;
    return initialized ? CKR_OK : CKR_GENERAL_ERROR;
}

static CK_RV mock_C_Finalize(void *reserved) {
    (void)reserved;
    if (!initialized)
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    all_closed();
    initialized = false;
    return CKR_OK;
}

static CK_RV mock_C_GetInfo(CK_INFO *info) {
    *info = (CK_INFO){.cryptokiVersion = {2, 40}, .libraryVersion = {1, 0}};
    field(info->manufacturerID, sizeof info->manufacturerID, "capbu tests");
    field(info->libraryDescription, sizeof info->libraryDescription, "a token in a folder");
    return CKR_OK;
}

static CK_RV mock_C_GetSlotList(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
    CK_ULONG n = !present || mock_plugged() ? 1 : 0, room = *count;

    if (!initialized)
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    *count = n;
    if (slots == NULL)
        return CKR_OK;
    if (room < n)
        return CKR_BUFFER_TOO_SMALL;
    if (n > 0)
        slots[0] = SLOT;
    return CKR_OK;
}

static CK_RV mock_C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info) {
    CK_RV rv = slot_check(slot);

    if (rv != CKR_OK && rv != CKR_TOKEN_NOT_PRESENT)
        return rv;
    *info = (CK_SLOT_INFO){.flags = CKF_REMOVABLE_DEVICE | CKF_HW_SLOT | (rv == CKR_OK ? CKF_TOKEN_PRESENT : 0)};
    field(info->slotDescription, sizeof info->slotDescription, "a folder");
    field(info->manufacturerID, sizeof info->manufacturerID, "capbu tests");
    return CKR_OK;
}

static CK_FLAGS state_flags(const struct mock_state *s) {
    CK_FLAGS flags = CKF_LOGIN_REQUIRED;

    flags |= s->so_pin[0] != '-' ? CKF_TOKEN_INITIALIZED : 0;
    flags |= s->pin[0] != '-' ? CKF_USER_PIN_INITIALIZED : 0;
    flags |= s->tries < MOCK_TRIES ? CKF_USER_PIN_COUNT_LOW : 0;
    flags |= s->tries == 1 ? CKF_USER_PIN_FINAL_TRY : 0;
    return flags | (s->tries == 0 ? CKF_USER_PIN_LOCKED : 0);
}

static CK_RV mock_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    struct mock_state s;
    char serial[2 * SHA256_LEN + 1];
    CK_RV rv = slot_check(slot);

    if (rv == CKR_OK)
        rv = mock_state_get(&s);
    if (rv != CKR_OK)
        return rv;
    *info = (CK_TOKEN_INFO){.flags = state_flags(&s),
                            .ulMaxSessionCount = SESSIONS,
                            .ulMaxRwSessionCount = SESSIONS,
                            .ulMaxPinLen = PIN_MOST,
                            .ulMinPinLen = PIN_LEAST,
                            .ulTotalPublicMemory = FREE_MEMORY,
                            .ulFreePublicMemory = FREE_MEMORY,
                            .ulTotalPrivateMemory = FREE_MEMORY,
                            .ulFreePrivateMemory = FREE_MEMORY,
                            .firmwareVersion = {1, 0}};
    sha256_hex(sha256_of(span_str(s.label)), serial);
    serial[sizeof info->serialNumber] = 0;
    field(info->label, sizeof info->label, s.label);
    field(info->manufacturerID, sizeof info->manufacturerID, "capbu tests");
    field(info->model, sizeof info->model, "mock");
    field(info->serialNumber, sizeof info->serialNumber, serial);
    return CKR_OK;
}

static bool is_ours(CK_MECHANISM_TYPE type) {
    return type == CKM_RSA_PKCS || type == CKM_SHA256_RSA_PKCS;
}

static CK_RV mock_C_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count) {
    CK_ULONG room = *count;
    CK_RV rv = slot_check(slot);

    *count = 2;
    if (rv != CKR_OK || list == NULL)
        return rv;
    if (room < 2)
        return CKR_BUFFER_TOO_SMALL;
    list[0] = CKM_RSA_PKCS;
    list[1] = CKM_SHA256_RSA_PKCS;
    return CKR_OK;
}

static CK_RV mock_C_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info) {
    CK_RV rv = slot_check(slot);

    if (rv == CKR_OK && !is_ours(type))
        rv = CKR_MECHANISM_INVALID;
    if (rv == CKR_OK)
        *info = (CK_MECHANISM_INFO){1024, 4096, CKF_SIGN | CKF_HW};
    return rv;
}

static void digest_text(const CK_UTF8CHAR *pin, CK_ULONG len, char out[65]) {
    sha256_hex(sha256_of(span_of(pin, len)), out);
}

/* Empties the token: a new label, a new SO PIN, no user PIN. */
static CK_RV mock_C_InitToken(CK_SLOT_ID slot, CK_UTF8CHAR *pin, CK_ULONG len, CK_UTF8CHAR *label) {
    struct mock_state s = {.pin = "-", .tries = MOCK_TRIES};
    CK_OBJECT_HANDLE all[MOCK_OBJECTS];
    CK_RV rv = slot_check(slot);
    size_t count = rv == CKR_OK ? mock_handles(all) : 0, end = 32;

    for (size_t i = 0; rv == CKR_OK && i < count; i++)
        rv = mock_destroy(all[i]);
    if (rv != CKR_OK)
        return rv;
    while (end > 0 && label[end - 1] == ' ')
        end--;
    memcpy(s.label, label, end);
    digest_text(pin, len, s.so_pin);
    all_closed();
    return mock_state_put(&s);
}

static CK_RV mock_C_InitPIN(CK_SESSION_HANDLE handle, CK_UTF8CHAR *pin, CK_ULONG len) {
    struct mock_state s;
    struct session *in;
    CK_RV rv = session_of(handle, &in);

    if (rv == CKR_OK && !so_in)
        rv = CKR_USER_NOT_LOGGED_IN;
    if (rv == CKR_OK && (len < PIN_LEAST || len > PIN_MOST))
        rv = CKR_PIN_LEN_RANGE;
    if (rv == CKR_OK)
        rv = mock_state_get(&s);
    if (rv != CKR_OK)
        return rv;
    digest_text(pin, len, s.pin);
    s.tries = MOCK_TRIES;
    return mock_state_put(&s);
}

static CK_RV mock_C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *arg, CK_NOTIFY notify, CK_SESSION_HANDLE *out) {
    CK_RV rv = slot_check(slot);
    (void)arg;
    (void)notify;

    if (rv != CKR_OK)
        return rv;
    if ((flags & CKF_SERIAL_SESSION) == 0)
        return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
    for (CK_SESSION_HANDLE i = 0; i < SESSIONS; i++) {
        if (sessions[i].open)
            continue;
        sessions[i] = (struct session){.open = true, .writable = (flags & CKF_RW_SESSION) != 0};
        *out = i + 1;
        return CKR_OK;
    }
    return CKR_SESSION_COUNT;
}

static CK_RV mock_C_CloseSession(CK_SESSION_HANDLE handle) {
    struct session *s;
    CK_RV rv = session_of(handle, &s);
    bool last = true;

    if (rv != CKR_OK)
        return rv;
    *s = (struct session){0};
    for (size_t i = 0; i < SESSIONS; i++)
        last = last && !sessions[i].open;
    if (last)
        logged_out();
    return CKR_OK;
}

static CK_RV mock_C_CloseAllSessions(CK_SLOT_ID slot) {
    CK_RV rv = slot_check(slot);

    all_closed();
    return rv;
}

static CK_RV mock_C_GetSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO *info) {
    struct session *s;
    CK_RV rv = session_of(handle, &s);

    if (rv != CKR_OK)
        return rv;
    CK_STATE state = so_in         ? CKS_RW_SO_FUNCTIONS
                     : s->writable ? (user_in ? CKS_RW_USER_FUNCTIONS : CKS_RW_PUBLIC_SESSION)
                     : user_in     ? CKS_RO_USER_FUNCTIONS
                                   : CKS_RO_PUBLIC_SESSION;
    *info = (CK_SESSION_INFO){SLOT, state, CKF_SERIAL_SESSION | (s->writable ? CKF_RW_SESSION : 0), 0};
    return CKR_OK;
}

/* A wrong PIN costs a try, which is written down before it is told. */
static CK_RV user_login(struct mock_state *s, const char *given) {
    if (s->pin[0] == '-')
        return CKR_USER_PIN_NOT_INITIALIZED;
    if (s->tries == 0)
        return CKR_PIN_LOCKED;
    bool right = strcmp(s->pin, given) == 0;
    unsigned before = s->tries;
    s->tries = right ? MOCK_TRIES : before - 1;
    CK_RV rv = s->tries == before ? CKR_OK : mock_state_put(s);
    user_in = rv == CKR_OK && right;
    return rv != CKR_OK ? rv : right ? CKR_OK : s->tries == 0 ? CKR_PIN_LOCKED : CKR_PIN_INCORRECT;
}

static CK_RV mock_C_Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG len) {
    struct mock_state state;
    struct session *s;
    char given[65];
    CK_RV rv = session_of(handle, &s);

    if (rv == CKR_OK && (user == CKU_USER ? user_in : so_in))
        rv = CKR_USER_ALREADY_LOGGED_IN;
    if (rv == CKR_OK && (user_in || so_in))
        rv = CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
    if (rv == CKR_OK && pin == NULL)
        rv = CKR_ARGUMENTS_BAD;
    if (rv == CKR_OK)
        rv = mock_state_get(&state);
    if (rv != CKR_OK)
        return rv;
    digest_text(pin, len, given);
    if (user == CKU_USER)
        return user_login(&state, given);
    so_in = user == CKU_SO && strcmp(state.so_pin, given) == 0;
    return so_in ? CKR_OK : CKR_PIN_INCORRECT;
}

static CK_RV mock_C_Logout(CK_SESSION_HANDLE handle) {
    struct session *s;
    CK_RV rv = session_of(handle, &s);

    if (rv == CKR_OK && !user_in && !so_in)
        rv = CKR_USER_NOT_LOGGED_IN;
    logged_out();
    return rv;
}

static CK_RV may_write(CK_SESSION_HANDLE handle) {
    struct session *s;
    CK_RV rv = session_of(handle, &s);

    if (rv != CKR_OK)
        return rv;
    return !s->writable ? CKR_SESSION_READ_ONLY : user_in ? CKR_OK : CKR_USER_NOT_LOGGED_IN;
}

static CK_RV mock_C_CreateObject(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *out) {
    CK_RV rv = may_write(handle);

    return rv != CKR_OK ? rv : mock_write(NULL, templ, count, out);
}

/* An object that this session sees: private ones after login only. */
static CK_RV object_of(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, struct mock_object *out) {
    struct session *s;
    CK_RV rv = session_of(session, &s);

    if (rv == CKR_OK)
        rv = mock_read(object, out);
    return rv == CKR_OK && mock_true(out, CKA_PRIVATE) && !user_in ? CKR_OBJECT_HANDLE_INVALID : rv;
}

static CK_RV mock_C_DestroyObject(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object) {
    CK_RV rv = may_write(handle);

    return rv != CKR_OK ? rv : mock_destroy(object);
}

static CK_RV mock_C_SetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *templ,
                                      CK_ULONG count) {
    AUTO(mock_object) o = {0};
    CK_OBJECT_HANDLE same;
    CK_RV rv = may_write(handle);

    if (rv == CKR_OK)
        rv = object_of(handle, object, &o);
    return rv != CKR_OK ? rv : mock_write(&o, templ, count, &same);
}

static bool is_secret(CK_ATTRIBUTE_TYPE type) {
    return type == CKA_PRIVATE_EXPONENT || (type >= CKA_PRIME_1 && type <= CKA_COEFFICIENT);
}

/* What a key may be used for, where its maker did not say. */
static bool is_usage(CK_ATTRIBUTE_TYPE type) {
    return (type >= CKA_ENCRYPT && type <= CKA_DERIVE) || (type >= CKA_EXTRACTABLE && type <= CKA_ALWAYS_SENSITIVE) ||
           type == CKA_ALWAYS_AUTHENTICATE;
}

static CK_RV get_one(const struct mock_object *o, CK_ATTRIBUTE *a) {
    const struct mock_attribute *have = mock_find(o, a->type), *modulus = mock_find(o, CKA_MODULUS);
    CK_ULONG number = mock_ulong(o, a->type, modulus == NULL ? 0 : (CK_ULONG)modulus->value.len * 8);
    CK_ULONG room = a->ulValueLen;
    CK_BBOOL usage = a->type == CKA_SIGN || a->type == CKA_VERIFY;
    struct span value = have == NULL ? span_of(&usage, sizeof usage) : have->value;

    a->ulValueLen = (CK_ULONG)-1;
    if (is_secret(a->type))
        return CKR_ATTRIBUTE_SENSITIVE;
    if (have == NULL && (modulus == NULL || (!is_usage(a->type) && a->type != CKA_MODULUS_BITS)))
        return CKR_ATTRIBUTE_TYPE_INVALID;
    if (mock_number(a->type))
        value = span_of(&number, sizeof number);
    if (a->pValue != NULL && room < value.len)
        return CKR_BUFFER_TOO_SMALL;
    if (a->pValue != NULL)
        memcpy(a->pValue, value.ptr, value.len);
    a->ulValueLen = (CK_ULONG)value.len;
    return CKR_OK;
}

static CK_RV mock_C_GetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *templ,
                                      CK_ULONG count) {
    AUTO(mock_object) o = {0};
    CK_RV rv = object_of(handle, object, &o);

    for (CK_ULONG i = 0, n = rv == CKR_OK ? count : 0; i < n; i++) {
        CK_RV one = get_one(&o, &templ[i]);
        rv = rv == CKR_OK ? one : rv;
    }
    return rv;
}

static bool all_match(const struct mock_object *o, const CK_ATTRIBUTE *templ, CK_ULONG count) {
    for (CK_ULONG i = 0; i < count; i++)
        if (!mock_matches(o, &templ[i]))
            return false;
    return true;
}

static CK_RV mock_C_FindObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *templ, CK_ULONG count) {
    CK_OBJECT_HANDLE all[MOCK_OBJECTS];
    struct session *s;
    CK_RV rv = session_of(handle, &s);

    if (rv == CKR_OK && s->finding)
        rv = CKR_OPERATION_ACTIVE;
    if (rv != CKR_OK)
        return rv;
    s->found_count = s->found_at = 0;
    size_t n = mock_handles(all);
    for (size_t i = 0; i < n; i++) {
        AUTO(mock_object) o = {0};
        if (object_of(handle, all[i], &o) == CKR_OK && all_match(&o, templ, count))
            s->found[s->found_count++] = all[i];
    }
    s->finding = true;
    return CKR_OK;
}

static CK_RV mock_C_FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *out, CK_ULONG room, CK_ULONG *count) {
    struct session *s;
    CK_RV rv = session_of(handle, &s);

    if (rv == CKR_OK && !s->finding)
        rv = CKR_OPERATION_NOT_INITIALIZED;
    if (rv != CKR_OK)
        return rv;
    for (*count = 0; *count < room && s->found_at < s->found_count; ++*count)
        out[*count] = s->found[s->found_at++];
    return CKR_OK;
}

static CK_RV mock_C_FindObjectsFinal(CK_SESSION_HANDLE handle) {
    struct session *s;
    CK_RV rv = session_of(handle, &s);

    if (rv == CKR_OK && !s->finding)
        rv = CKR_OPERATION_NOT_INITIALIZED;
    if (rv == CKR_OK)
        s->finding = false;
    return rv;
}

static CK_RV mock_C_SignInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    AUTO(mock_object) o = {0};
    struct session *s;
    CK_RV rv = session_of(handle, &s);

    if (rv == CKR_OK && !is_ours(mechanism->mechanism))
        rv = CKR_MECHANISM_INVALID;
    if (rv == CKR_OK)
        rv = user_in ? object_of(handle, key, &o) : CKR_USER_NOT_LOGGED_IN;
    if (rv == CKR_OK && mock_ulong(&o, CKA_CLASS, CKO_DATA) != CKO_PRIVATE_KEY)
        rv = CKR_KEY_HANDLE_INVALID;
    if (rv != CKR_OK)
        return rv;
    s->signing = mechanism->mechanism;
    s->key = key;
    return CKR_OK;
}

static BIGNUM *number_of(const struct mock_object *o, CK_ATTRIBUTE_TYPE type) {
    const struct mock_attribute *a = mock_find(o, type);

    return a == NULL ? NULL : BN_bin2bn(a->value.ptr, (int)a->value.len, NULL);
}

static RSA *key_of(const struct mock_object *o) {
    RSA *rsa = RSA_new();

    if (rsa != NULL &&
        RSA_set0_key(rsa, number_of(o, CKA_MODULUS), number_of(o, CKA_PUBLIC_EXPONENT),
                     number_of(o, CKA_PRIVATE_EXPONENT)) == 1 &&
        RSA_set0_factors(rsa, number_of(o, CKA_PRIME_1), number_of(o, CKA_PRIME_2)) == 1 &&
        RSA_set0_crt_params(rsa, number_of(o, CKA_EXPONENT_1), number_of(o, CKA_EXPONENT_2),
                            number_of(o, CKA_COEFFICIENT)) == 1)
        return rsa;
    RSA_free(rsa);
    return NULL;
}

/* What is asked for the length, or with too little room, goes on; anything else ends the operation. */
static CK_RV sign_with(RSA *rsa, struct session *s, const CK_BYTE *in, CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len) {
    /* DER of DigestInfo up to the digest itself (RFC 8017, 9.2). */
    static const uint8_t DIGEST_INFO[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                          0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    uint8_t info[sizeof DIGEST_INFO + SHA256_LEN];
    CK_ULONG room = *out_len, size = (CK_ULONG)RSA_size(rsa);

    *out_len = size;
    if (out == NULL)
        return CKR_OK;
    if (room < size)
        return CKR_BUFFER_TOO_SMALL;
    const uint8_t *data = in;
    if (s->signing == CKM_SHA256_RSA_PKCS) {
        struct sha256 h = sha256_of(span_of(in, len));
        memcpy(info, DIGEST_INFO, sizeof DIGEST_INFO);
        memcpy(info + sizeof DIGEST_INFO, h.bytes, sizeof h.bytes);
        data = info;
        len = sizeof info;
    }
    s->signing = 0;
    if (len > size - RSA_PKCS1_PADDING_SIZE)
        return CKR_DATA_LEN_RANGE;
    return RSA_private_encrypt((int)len, data, out, rsa, RSA_PKCS1_PADDING) == (int)size ? CKR_OK : CKR_DEVICE_ERROR;
}

static CK_RV mock_C_Sign(CK_SESSION_HANDLE handle, CK_BYTE *in, CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len) {
    AUTO(mock_object) o = {0};
    struct session *s;
    CK_RV rv = session_of(handle, &s);

    if (rv == CKR_OK && s->signing == 0)
        rv = CKR_OPERATION_NOT_INITIALIZED;
    if (rv == CKR_OK)
        rv = object_of(handle, s->key, &o);
    RSA *rsa = rv == CKR_OK ? key_of(&o) : NULL;
    if (rv == CKR_OK)
        rv = rsa == NULL ? CKR_KEY_HANDLE_INVALID : sign_with(rsa, s, in, len, out, out_len);
    RSA_free(rsa);
    return rv;
}

/* One call at a time. */
#define CALL_(name, params, args)                                                                                      \
    static CK_RV locked_##name params {                                                                                \
        pthread_mutex_lock(&lock);                                                                                     \
        CK_RV rv = mock_##name args;                                                                                   \
        pthread_mutex_unlock(&lock);                                                                                   \
        return rv;                                                                                                     \
    }
CALLS_OFTEN(DEFINE)

static CK_RV unsupported(void) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

P11_EXPORT CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    static CK_FUNCTION_LIST all = {.version = {2, 40}};

#define OFTEN(n, name, ...) all.name = locked_##name;
#define RARE(n, name, ...)  all.name = (CK_##name)(void (*)(void))unsupported;
    CALLS_OFTEN(OFTEN)
    CALLS_RARE(RARE)
    all.C_GetFunctionList = C_GetFunctionList;
    *list = &all;
    return CKR_OK;
}
