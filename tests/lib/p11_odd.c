/* A PKCS#11 module that wraps another one ($ODD_MODULE) and misbehaves as drivers and tokens in the field do. $ODD
   names the ways, separated by commas: any of the rows below, and several at once. $ODD_LOG=F gets a line "C_Name CKR"
   for each call that spends a PIN try, writes or signs. */
#include "p11/module.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row a behaviour: its word, and who reported it or its kind. */
#define WAYS(X)                                                                                                        \
    X(BAIL_ID, "bail-id", "SoftHSMv2#128: reading leaves off at the first attribute missing (here CKA_ID)")            \
    X(BAIL_LABEL, "bail-label", "the same at CKA_LABEL")                                                               \
    X(BAIL_WIPE, "bail-wipe", "one attribute missing, and all of the group is said to be")                             \
    X(BAIL_SAME, "bail-same", "one attribute missing, the others zeroed and said to be as long as the room")           \
    X(SILENT_LABEL, "silent-label", "success, but CKA_LABEL was not written")                                          \
    X(EXACT_ROOM, "exact-room", "refuses room that is not exactly what it needs")                                      \
    X(ALONE, "alone", "one attribute at a time")                                                                       \
    X(PAD_FF, "pad-ff", "tpm2-tools#3474: the certificate's file is longer, its rest ff")                              \
    X(PAD_00, "pad-00", "the same with zeroes")                                                                        \
    X(BROKEN, "broken", "nitrokey-3-firmware#578: an object that cannot be read (its label begins so)")                \
    X(BROKEN_DEVICE, "broken-device", "the same, blamed on the device")                                                \
    X(FIND_TWICE, "find-twice", "each object is told twice")                                                           \
    X(FINAL_FAILS, "final-fails", "C_FindObjectsFinal is an error")                                                    \
    X(LOGIN_FIRST, "login-first", "fortify#460: nothing may be searched before a login")                               \
    X(PRIVATE_CERTS, "private-certs", "certificates show after the login only")                                        \
    X(PRIVATE_ALL, "private-all", "all objects do")                                                                    \
    X(NO_PUBLIC, "no-public", "no public key objects")                                                                 \
    X(SLOTS_PRESENT, "slots-present", "C_GetSlotList(TRUE) shows nothing, (FALSE) does")                               \
    X(SLOTS_EMPTY, "slots-empty", "slots without a token are told as with one, and answer with an error")              \
    X(RELABEL, "relabel", "a second driver calls the same token otherwise")                                            \
    X(ONE_SERIAL, "one-serial", "yubico-piv-tool#101: every token says 1234")                                          \
    X(NO_RSA_PKCS, "no-rsa-pkcs", "pvpkcs11#42: CKM_SHA256_RSA_PKCS only")                                             \
    X(PSS_ONLY, "pss-only", "RSA keys sign by PSS only")                                                               \
    X(NO_RSA_GENERAL, "no-rsa-general", "CKM_RSA_PKCS is refused at C_Sign with a general error")                      \
    X(ALWAYS_AUTH, "always-auth", "each signature wants a context-specific login")                                     \
    X(SHORT_SIGNATURE, "short-signature", "OpenSC#1283: a leading zero byte is cut")                                   \
    X(DER_ECDSA, "der-ecdsa", "pkcs11-provider#639: an ECDSA signature as DER")                                        \
    X(LABEL_32, "label-32", "OpenSC#1632: at most 32 bytes of CKA_LABEL")                                              \
    X(LABEL_NONE, "label-none", "no CKA_LABEL is taken")                                                               \
    X(NO_PRIVATE, "no-private", "no CKA_PRIVATE is taken")                                                             \
    X(BARE, "bare", "nothing is taken that is not needed")                                                             \
    X(ONE_SESSION, "one-session", "libp11#579: one session at a time")                                                 \
    X(CLOSE_LOGOUT, "close-logout", "closing any session ends the login")                                              \
    X(HIDE_MADE, "hide-made", "OpenSC#3066: what was made shows to another process only")                              \
    X(LOST_ONCE, "lost-once", "OpenSC#596: the login is lost once, in front of a signature")                           \
    X(PIN_GENERAL, "pin-general", "OpenSC#871, ePass2003: a wrong PIN is a general error")                             \
    X(PIN_FAILED, "pin-failed", "the same, CKR_FUNCTION_FAILED")                                                       \
    X(PIN_INVALID, "pin-invalid", "the same, CKR_PIN_INVALID")                                                         \
    X(PIN_LENGTH, "pin-length", "the same, CKR_PIN_LEN_RANGE")                                                         \
    X(PIN_VENDOR, "pin-vendor", "the same, a vendor's own code")                                                       \
    X(PIN_EXPIRED, "pin-expired", "OpenSC#3490: the PIN has to be changed first")                                      \
    X(PIN_TO_CHANGE, "pin-to-change", "CKF_USER_PIN_TO_BE_CHANGED is set")                                             \
    X(PIN_NOT_INIT, "pin-not-init", "tpm2-pkcs11#235: CKF_USER_PIN_INITIALIZED is never set")                          \
    X(NOT_INIT, "not-init", "CKF_TOKEN_INITIALIZED is never set")                                                      \
    X(MAX_PIN, "max-pin", "OpenSC#1655: the longest PIN is told too small")                                            \
    X(PIN_SWAPPED, "pin-swapped", "the shortest PIN is longer than the longest")                                       \
    X(FLAGS_QUIET, "flags-quiet", "nothing is told of tries left")

enum way {
#define ROW(name, word, about) name,
    WAYS(ROW)
#undef ROW
        WAY_COUNT
};

static const char *const WORDS[] = {
#define ROW(name, word, about) word,
    WAYS(ROW)
#undef ROW
};

static CK_FUNCTION_LIST real;

static bool is(enum way w) {
    const char *at = getenv("ODD");
    size_t len = strlen(WORDS[w]);

    for (; at != NULL && *at != 0; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
        if (strcspn(at, ",") == len && strncmp(at, WORDS[w], len) == 0)
            return true;
    return false;
}

/* A word that is none would make a test that cannot fail. */
static bool known(const char *word, size_t len) {
    for (size_t i = 0; i < WAY_COUNT; i++)
        if (strlen(WORDS[i]) == len && strncmp(WORDS[i], word, len) == 0)
            return true;
    return len == 0;
}

static void check_words(void) {
    for (const char *at = getenv("ODD"); at != NULL && *at != 0;) {
        size_t len = strcspn(at, ",");
        if (!known(at, len)) {
            fprintf(stderr, "capbu-odd: no such way: %.*s\n", (int)len, at);
            abort();
        }
        at += len + (at[len] == ',');
    }
}

static CK_RV logged(const char *name, CK_RV rv) {
    const char *path = getenv("ODD_LOG");
    FILE *f = path == NULL ? NULL : fopen(path, "a");

    if (f != NULL) {
        fprintf(f, "%s %s\n", name, p11_rv_name(rv));
        fclose(f);
    }
    return rv;
}

/* --- slots and tokens --- */

#define EMPTY_SLOT 0x70000000UL

static CK_RV slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
    if (is(SLOTS_PRESENT) && present) {
        *count = 0;
        return CKR_OK;
    }
    CK_ULONG room = *count, extra = is(SLOTS_EMPTY) ? 3 : 0;
    CK_SLOT_ID own[64];
    CK_ULONG n = 64;
    CK_RV rv = real.C_GetSlotList(present, own, &n);
    *count = n + extra;
    if (rv != CKR_OK || slots == NULL)
        return rv;
    if (room < n + extra)
        return CKR_BUFFER_TOO_SMALL;
    for (CK_ULONG i = 0; i < extra; i++)
        slots[i] = EMPTY_SLOT + i;
    memcpy(slots + extra, own, n * sizeof *own);
    return CKR_OK;
}

static void flags_of(CK_TOKEN_INFO *i) {
    if (is(PIN_TO_CHANGE))
        i->flags |= CKF_USER_PIN_TO_BE_CHANGED;
    if (is(PIN_NOT_INIT))
        i->flags &= ~(CK_FLAGS)CKF_USER_PIN_INITIALIZED;
    if (is(NOT_INIT) && i->label[0] != ' ')
        i->flags &= ~(CK_FLAGS)CKF_TOKEN_INITIALIZED;
    if (is(FLAGS_QUIET))
        i->flags &= ~(CK_FLAGS)(CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
    if (is(MAX_PIN))
        i->ulMinPinLen = 1, i->ulMaxPinLen = 3;
    if (is(PIN_SWAPPED))
        i->ulMinPinLen = 16, i->ulMaxPinLen = 2;
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *i) {
    if (is(SLOTS_EMPTY) && slot >= EMPTY_SLOT && slot < EMPTY_SLOT + 3) /* SoftHSM numbers its own up to 7fffffff */
        return CKR_DEVICE_ERROR;
    CK_RV rv = real.C_GetTokenInfo(slot, i);
    if (rv != CKR_OK)
        return rv;
    flags_of(i);
    if (is(RELABEL)) {
        memcpy(i->label, "User PIN                        ", 32);
        memcpy(i->manufacturerID, "EnterSafe                       ", 32);
    }
    if (is(ONE_SERIAL))
        memcpy(i->serialNumber, "1234            ", 16);
    return rv;
}

/* --- sessions and the login --- */

static int sessions;

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify, CK_SESSION_HANDLE *out) {
    if (is(ONE_SESSION) && sessions > 0)
        return CKR_SESSION_COUNT;
    CK_RV rv = real.C_OpenSession(slot, flags, app, notify, out);
    sessions += rv == CKR_OK;
    return rv;
}

static CK_RV close_session(CK_SESSION_HANDLE s) {
    if (is(CLOSE_LOGOUT))
        (void)real.C_Logout(s);
    CK_RV rv = real.C_CloseSession(s);
    sessions -= rv == CKR_OK;
    return rv;
}

static bool context;

static CK_RV login_answer(CK_RV rv) {
    static const struct {
        enum way way;
        CK_RV rv;
    } odd[] = {{PIN_GENERAL, CKR_GENERAL_ERROR},
               {PIN_FAILED, CKR_FUNCTION_FAILED},
               {PIN_INVALID, CKR_PIN_INVALID},
               {PIN_LENGTH, CKR_PIN_LEN_RANGE},
               {PIN_VENDOR, 0x80000001}};

    for (size_t k = 0; k < sizeof odd / sizeof odd[0] && rv == CKR_PIN_INCORRECT; k++)
        if (is(odd[k].way))
            return odd[k].rv;
    return rv;
}

static CK_RV login(CK_SESSION_HANDLE s, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG len) {
    if (user == CKU_CONTEXT_SPECIFIC && is(ALWAYS_AUTH)) {
        context = true;
        return logged("C_Login/context", CKR_OK);
    }
    if (is(PIN_EXPIRED))
        return logged("C_Login", CKR_PIN_EXPIRED);
    return logged("C_Login", login_answer(real.C_Login(s, user, pin, len)));
}

static bool logged_in(CK_SESSION_HANDLE s) {
    CK_SESSION_INFO info;

    return real.C_GetSessionInfo(s, &info) == CKR_OK &&
           (info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS);
}

/* --- objects --- */

static CK_OBJECT_CLASS wanted;
static CK_OBJECT_HANDLE made[64];
static int made_count;

static CK_RV find_init(CK_SESSION_HANDLE s, CK_ATTRIBUTE *t, CK_ULONG n) {
    if (is(LOGIN_FIRST) && !logged_in(s))
        return CKR_USER_NOT_LOGGED_IN;
    wanted = n == 1 && t[0].type == CKA_CLASS ? *(CK_OBJECT_CLASS *)t[0].pValue : (CK_OBJECT_CLASS)-1;
    return real.C_FindObjectsInit(s, t, n);
}

static bool hidden(CK_SESSION_HANDLE s) {
    return (!logged_in(s) && (is(PRIVATE_ALL) || (is(PRIVATE_CERTS) && wanted == CKO_CERTIFICATE))) ||
           (is(NO_PUBLIC) && wanted == CKO_PUBLIC_KEY);
}

static CK_ULONG without_made(CK_OBJECT_HANDLE *out, CK_ULONG n) {
    CK_ULONG kept = 0;

    for (CK_ULONG i = 0; i < n; i++) {
        bool hide = false;
        for (int k = 0; k < made_count && is(HIDE_MADE); k++)
            hide |= made[k] == out[i];
        if (!hide)
            out[kept++] = out[i];
    }
    return kept;
}

static CK_RV find(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE *out, CK_ULONG max, CK_ULONG *n) {
    CK_ULONG told = 0;

    *n = 0;
    do {
        CK_RV rv = hidden(s) ? CKR_OK : real.C_FindObjects(s, out, is(FIND_TWICE) ? max / 2 : max, &told);
        if (rv != CKR_OK || told == 0)
            return rv;
        *n = without_made(out, told);
    } while (*n == 0);
    if (is(FIND_TWICE)) {
        memcpy(out + *n, out, *n * sizeof *out);
        *n *= 2;
    }
    return CKR_OK;
}

static CK_RV find_final(CK_SESSION_HANDLE s) {
    CK_RV rv = real.C_FindObjectsFinal(s);
    return is(FINAL_FAILS) ? CKR_GENERAL_ERROR : rv;
}

static CK_RV bail_at(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE *t, CK_ULONG n, CK_ATTRIBUTE_TYPE missing) {
    for (CK_ULONG i = 0; i < n; i++) {
        if (t[i].type == missing) {
            t[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
            return CKR_ATTRIBUTE_TYPE_INVALID;
        }
        CK_RV rv = real.C_GetAttributeValue(s, o, &t[i], 1);
        if (rv != CKR_OK)
            return rv;
    }
    return CKR_OK;
}

static CK_RV bail(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE *t, CK_ULONG n) {
    if (is(BAIL_ID) || is(BAIL_LABEL))
        return bail_at(s, o, t, n, is(BAIL_ID) ? CKA_ID : CKA_LABEL);
    if (n == 1)
        return real.C_GetAttributeValue(s, o, t, n);
    for (CK_ULONG i = 0; i < n && is(BAIL_SAME); i++)
        memset(t[i].pValue, 0, t[i].ulValueLen);
    for (CK_ULONG i = 0; i < n && is(BAIL_WIPE); i++)
        t[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return is(ALONE) ? CKR_ARGUMENTS_BAD : CKR_ATTRIBUTE_TYPE_INVALID;
}

#define PADDED 3000UL /* bytes of a certificate's file */

static void pad(CK_ATTRIBUTE *t, CK_ULONG room) {
    if (t->pValue != NULL && room >= PADDED && t->ulValueLen < PADDED)
        memset((char *)t->pValue + t->ulValueLen, is(PAD_FF) ? 0xff : 0, PADDED - t->ulValueLen);
    t->ulValueLen = PADDED;
}

/* What is right, and then made wrong. */
static CK_RV twist(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_OBJECT_CLASS class, CK_ATTRIBUTE *t, CK_ULONG n) {
    CK_ULONG room[16];

    for (CK_ULONG i = 0; i < n && i < 16; i++)
        room[i] = t[i].ulValueLen;
    for (CK_ULONG i = 0; i < n && is(EXACT_ROOM); i++) {
        CK_ATTRIBUTE length = {t[i].type, NULL, 0};
        bool known = t[i].pValue != NULL && real.C_GetAttributeValue(s, o, &length, 1) == CKR_OK;
        if (t[i].type == CKA_VALUE && (is(PAD_FF) || is(PAD_00)))
            length.ulValueLen = PADDED;
        if (known && length.ulValueLen != t[i].ulValueLen)
            return CKR_ARGUMENTS_BAD;
    }
    CK_ULONG kept = is(SILENT_LABEL) && n > 0 && t[n - 1].type == CKA_LABEL ? n - 1 : n;
    CK_RV rv = kept == 0 ? CKR_OK : real.C_GetAttributeValue(s, o, t, kept);
    for (CK_ULONG i = 0; i < n && i < 16 && rv == CKR_OK && class == CKO_CERTIFICATE; i++)
        if (t[i].type == CKA_VALUE && (is(PAD_FF) || is(PAD_00)))
            pad(&t[i], room[i]);
    return rv;
}

static CK_RV get(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, CK_ATTRIBUTE *t, CK_ULONG n) {
    CK_OBJECT_CLASS class = 0;
    char label[256] = "";
    CK_ATTRIBUTE c = {CKA_CLASS, &class, sizeof class}, l = {CKA_LABEL, label, sizeof label - 1};

    (void)real.C_GetAttributeValue(s, o, &c, 1);
    (void)real.C_GetAttributeValue(s, o, &l, 1);
    if ((is(BROKEN) || is(BROKEN_DEVICE)) && class == CKO_CERTIFICATE && strncmp(label, "broken", 6) == 0)
        return is(BROKEN) ? CKR_GENERAL_ERROR : CKR_DEVICE_ERROR;
    bool bails = is(BAIL_ID) || is(BAIL_LABEL) || is(BAIL_WIPE) || is(BAIL_SAME) || is(ALONE);
    if (bails && class == CKO_CERTIFICATE)
        return bail(s, o, t, n);
    return twist(s, o, class, t, n);
}

static bool disliked(const CK_ATTRIBUTE *a) {
    static const CK_ATTRIBUTE_TYPE needed[] = {CKA_CLASS, CKA_CERTIFICATE_TYPE, CKA_TOKEN, CKA_SUBJECT, CKA_ID,
                                               CKA_VALUE};
    bool need = false;

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        need |= needed[i] == a->type;
    return (is(LABEL_32) && a->type == CKA_LABEL && a->ulValueLen > 32) || (is(LABEL_NONE) && a->type == CKA_LABEL) ||
           (is(NO_PRIVATE) && a->type == CKA_PRIVATE) || (is(BARE) && !need);
}

static CK_RV create(CK_SESSION_HANDLE s, CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *o) {
    for (CK_ULONG i = 0; i < n; i++)
        if (disliked(&t[i]))
            return logged("C_CreateObject", CKR_ATTRIBUTE_VALUE_INVALID);
    CK_RV rv = real.C_CreateObject(s, t, n, o);
    if (rv == CKR_OK && made_count < 64)
        made[made_count++] = *o;
    return logged("C_CreateObject", rv);
}

/* --- signing --- */

static CK_MECHANISM_TYPE mechanism;

static bool foreign(CK_MECHANISM_TYPE m) {
    bool raw = m == CKM_RSA_PKCS || m == CKM_RSA_X_509;
    return (is(NO_RSA_PKCS) && raw) || (is(PSS_ONLY) && (raw || m == CKM_SHA256_RSA_PKCS));
}

static CK_RV sign_init(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE key) {
    static bool lost;

    if (foreign(m->mechanism))
        return CKR_MECHANISM_INVALID;
    if (is(LOST_ONCE) && !lost) {
        lost = true;
        (void)real.C_Logout(s);
        return CKR_USER_NOT_LOGGED_IN;
    }
    context = false;
    mechanism = m->mechanism;
    return real.C_SignInit(s, m, key);
}

static void as_der(CK_BYTE *out, CK_ULONG *len) {
    CK_BYTE rs[64], *p = out + 2;

    memcpy(rs, out, sizeof rs);
    for (int k = 0; k < 2; k++) {
        int zero = rs[32 * k] >= 0x80;
        *p++ = 2, *p++ = (CK_BYTE)(32 + zero);
        if (zero)
            *p++ = 0;
        memcpy(p, rs + 32 * k, 32), p += 32;
    }
    out[0] = 0x30, out[1] = (CK_BYTE)(p - out - 2), *len = (CK_ULONG)(p - out);
}

static CK_RV sign(CK_SESSION_HANDLE s, CK_BYTE *in, CK_ULONG n, CK_BYTE *out, CK_ULONG *len) {
    if (is(ALWAYS_AUTH) && !context)
        return logged("C_Sign", CKR_USER_NOT_LOGGED_IN);
    CK_ULONG room = *len;
    CK_RV rv = real.C_Sign(s, in, n, out, len);
    if (rv == CKR_OK && is(NO_RSA_GENERAL) && mechanism == CKM_RSA_PKCS)
        rv = CKR_GENERAL_ERROR;
    if (rv == CKR_OK && is(DER_ECDSA) && *len == 64 && room >= 72)
        as_der(out, len);
    if (rv == CKR_OK && is(SHORT_SIGNATURE) && out[0] == 0)
        memmove(out, out + 1, --*len);
    return logged("C_Sign", rv);
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    static CK_FUNCTION_LIST odd;
    const char *path = getenv("ODD_MODULE");
    void *handle = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList given = handle == NULL ? NULL : (CK_C_GetFunctionList)dlsym(handle, "C_GetFunctionList");
    CK_FUNCTION_LIST *fn = NULL;

    check_words();
    if (given == NULL || given(&fn) != CKR_OK)
        return CKR_GENERAL_ERROR;
    real = odd = *fn;
    odd.C_GetSlotList = slot_list;
    odd.C_GetTokenInfo = token_info;
    odd.C_OpenSession = open_session;
    odd.C_CloseSession = close_session;
    odd.C_Login = login;
    odd.C_FindObjectsInit = find_init;
    odd.C_FindObjects = find;
    odd.C_FindObjectsFinal = find_final;
    odd.C_GetAttributeValue = get;
    odd.C_CreateObject = create;
    odd.C_SignInit = sign_init;
    odd.C_Sign = sign;
    *list = &odd;
    return CKR_OK;
}
