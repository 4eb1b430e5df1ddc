/* What a module answers: the names of PKCS#11 2.40's and 3.0's CK_RV values and the codes callers act on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p11/meaning.h"

#define NAME(rv)                                                                                                       \
    { rv, #rv }

static const struct {
    CK_RV rv;
    const char *name;
} names[] = {
    NAME(CKR_OK),
    NAME(CKR_CANCEL),
    NAME(CKR_HOST_MEMORY),
    NAME(CKR_SLOT_ID_INVALID),
    NAME(CKR_GENERAL_ERROR),
    NAME(CKR_FUNCTION_FAILED),
    NAME(CKR_ARGUMENTS_BAD),
    NAME(CKR_NO_EVENT),
    NAME(CKR_NEED_TO_CREATE_THREADS),
    NAME(CKR_CANT_LOCK),
    NAME(CKR_ATTRIBUTE_READ_ONLY),
    NAME(CKR_ATTRIBUTE_SENSITIVE),
    NAME(CKR_ATTRIBUTE_TYPE_INVALID),
    NAME(CKR_ATTRIBUTE_VALUE_INVALID),
    NAME(CKR_ACTION_PROHIBITED),
    NAME(CKR_DATA_INVALID),
    NAME(CKR_DATA_LEN_RANGE),
    NAME(CKR_DEVICE_ERROR),
    NAME(CKR_DEVICE_MEMORY),
    NAME(CKR_DEVICE_REMOVED),
    NAME(CKR_ENCRYPTED_DATA_INVALID),
    NAME(CKR_ENCRYPTED_DATA_LEN_RANGE),
    NAME(CKR_FUNCTION_CANCELED),
    NAME(CKR_FUNCTION_NOT_PARALLEL),
    NAME(CKR_FUNCTION_NOT_SUPPORTED),
    NAME(CKR_KEY_HANDLE_INVALID),
    NAME(CKR_KEY_SIZE_RANGE),
    NAME(CKR_KEY_TYPE_INCONSISTENT),
    NAME(CKR_KEY_NOT_NEEDED),
    NAME(CKR_KEY_CHANGED),
    NAME(CKR_KEY_NEEDED),
    NAME(CKR_KEY_INDIGESTIBLE),
    NAME(CKR_KEY_FUNCTION_NOT_PERMITTED),
    NAME(CKR_KEY_NOT_WRAPPABLE),
    NAME(CKR_KEY_UNEXTRACTABLE),
    NAME(CKR_MECHANISM_INVALID),
    NAME(CKR_MECHANISM_PARAM_INVALID),
    NAME(CKR_OBJECT_HANDLE_INVALID),
    NAME(CKR_OPERATION_ACTIVE),
    NAME(CKR_OPERATION_NOT_INITIALIZED),
    NAME(CKR_PIN_INCORRECT),
    NAME(CKR_PIN_INVALID),
    NAME(CKR_PIN_LEN_RANGE),
    NAME(CKR_PIN_EXPIRED),
    NAME(CKR_PIN_LOCKED),
    NAME(CKR_SESSION_CLOSED),
    NAME(CKR_SESSION_COUNT),
    NAME(CKR_SESSION_HANDLE_INVALID),
    NAME(CKR_SESSION_PARALLEL_NOT_SUPPORTED),
    NAME(CKR_SESSION_READ_ONLY),
    NAME(CKR_SESSION_EXISTS),
    NAME(CKR_SESSION_READ_ONLY_EXISTS),
    NAME(CKR_SESSION_READ_WRITE_SO_EXISTS),
    NAME(CKR_SIGNATURE_INVALID),
    NAME(CKR_SIGNATURE_LEN_RANGE),
    NAME(CKR_TEMPLATE_INCOMPLETE),
    NAME(CKR_TEMPLATE_INCONSISTENT),
    NAME(CKR_TOKEN_NOT_PRESENT),
    NAME(CKR_TOKEN_NOT_RECOGNIZED),
    NAME(CKR_TOKEN_WRITE_PROTECTED),
    NAME(CKR_UNWRAPPING_KEY_HANDLE_INVALID),
    NAME(CKR_UNWRAPPING_KEY_SIZE_RANGE),
    NAME(CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT),
    NAME(CKR_USER_ALREADY_LOGGED_IN),
    NAME(CKR_USER_NOT_LOGGED_IN),
    NAME(CKR_USER_PIN_NOT_INITIALIZED),
    NAME(CKR_USER_TYPE_INVALID),
    NAME(CKR_USER_ANOTHER_ALREADY_LOGGED_IN),
    NAME(CKR_USER_TOO_MANY_TYPES),
    NAME(CKR_WRAPPED_KEY_INVALID),
    NAME(CKR_WRAPPED_KEY_LEN_RANGE),
    NAME(CKR_WRAPPING_KEY_HANDLE_INVALID),
    NAME(CKR_WRAPPING_KEY_SIZE_RANGE),
    NAME(CKR_WRAPPING_KEY_TYPE_INCONSISTENT),
    NAME(CKR_RANDOM_SEED_NOT_SUPPORTED),
    NAME(CKR_RANDOM_NO_RNG),
    NAME(CKR_DOMAIN_PARAMS_INVALID),
    NAME(CKR_CURVE_NOT_SUPPORTED),
    NAME(CKR_BUFFER_TOO_SMALL),
    NAME(CKR_SAVED_STATE_INVALID),
    NAME(CKR_INFORMATION_SENSITIVE),
    NAME(CKR_STATE_UNSAVEABLE),
    NAME(CKR_CRYPTOKI_NOT_INITIALIZED),
    NAME(CKR_CRYPTOKI_ALREADY_INITIALIZED),
    NAME(CKR_MUTEX_BAD),
    NAME(CKR_MUTEX_NOT_LOCKED),
    NAME(CKR_NEW_PIN_MODE),
    NAME(CKR_NEXT_OTP),
    NAME(CKR_FUNCTION_REJECTED),
    NAME(CKR_DRIVER_CRASHED),
    NAME(CKR_DRIVER_EXITED),
    NAME(CKR_DRIVER_SILENT),
    NAME(CKR_DRIVER_NONSENSE),
    /* p11-kit's header lacks these, or numbers them otherwise than the OASIS header does. */
    {0x1a, "CKR_COPY_PROHIBITED"},
    {0x42, "CKR_AEAD_DECRYPT_FAILED"},
    {0x1b5, "CKR_EXCEEDED_MAX_ITERATIONS"},
    {0x1b6, "CKR_FIPS_SELF_TEST_FAILED"},
    {0x1b7, "CKR_LIBRARY_LOAD_FAILED"},
    {0x1b8, "CKR_PIN_TOO_WEAK"},
    {0x1b9, "CKR_PUBLIC_KEY_INVALID"},
    {0x201, "CKR_TOKEN_RESOURCE_EXCEEDED"},
    {0x202, "CKR_OPERATION_CANCEL_FAILED"},
    {0x203, "CKR_KEY_EXHAUSTED"},
};

static _Thread_local CK_RV last_rv = CKR_OK;
static _Thread_local enum p11_op last_op;
static _Thread_local char of_driver[96]; /* what CKR_DRIVER_… means this time */

const char *p11_rv_name(CK_RV rv) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].rv == rv)
            return names[i].name;
    static _Thread_local char other[32];
    snprintf(other, sizeof other, "CKR_0x%lx", rv);
    return other;
}

CK_RV p11_rv_of_name(const char *name, size_t len) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
            return names[i].rv;
    return len > 6 && memcmp(name, "CKR_0x", 6) == 0 ? strtoul(name + 6, NULL, 16) : CKR_OK;
}

enum rc p11_check(CK_RV rv, const char *function) {
    if (rv == CKR_OK)
        return RC_OK;
    last_rv = rv;
    last_op = p11_op_of(function, strlen(function));
    enum rc rc = rv == CKR_PIN_INCORRECT ? RC_PIN_WRONG : rv == CKR_PIN_LOCKED ? RC_PIN_LOCKED : RC_TOKEN;
    if (p11_rv_of_driver(rv))
        FAIL(rc, "%s: %s (%s)", function, p11_rv_name(rv), of_driver);
    FAIL(rc, "%s: %s (0x%lx)", function, p11_rv_name(rv), rv);
}

bool p11_rv_of_driver(CK_RV rv) {
    return rv >= CKR_DRIVER_CRASHED && rv <= CKR_DRIVER_NONSENSE;
}

void p11_rv_tell(const char *detail) {
    (void)snprintf(of_driver, sizeof of_driver, "%s", detail);
}

static bool among(CK_RV rv, const CK_RV *all, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (all[i] == rv)
            return true;
    return false;
}
#define AMONG(rv, all) among(rv, all, sizeof(all) / sizeof((all)[0]))

bool p11_rv_lost(CK_RV rv) {
    static const CK_RV all[] = {CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT,        CKR_SESSION_HANDLE_INVALID,
                                CKR_SESSION_CLOSED, CKR_CRYPTOKI_NOT_INITIALIZED, CKR_SLOT_ID_INVALID,
                                CKR_HOST_MEMORY};
    return AMONG(rv, all);
}

bool p11_rv_of_call(CK_RV rv) {
    static const CK_RV all[] = {CKR_DATA_INVALID,           CKR_DATA_LEN_RANGE,
                                CKR_ARGUMENTS_BAD,          CKR_BUFFER_TOO_SMALL,
                                CKR_MECHANISM_INVALID,      CKR_MECHANISM_PARAM_INVALID,
                                CKR_FUNCTION_NOT_SUPPORTED, CKR_KEY_SIZE_RANGE,
                                CKR_KEY_TYPE_INCONSISTENT,  CKR_KEY_FUNCTION_NOT_PERMITTED};
    return AMONG(rv, all);
}

bool p11_rv_of_template(CK_RV rv) {
    static const CK_RV all[] = {CKR_ATTRIBUTE_VALUE_INVALID, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_READ_ONLY,
                                CKR_TEMPLATE_INCONSISTENT,   CKR_TEMPLATE_INCOMPLETE,    CKR_ARGUMENTS_BAD,
                                CKR_DATA_LEN_RANGE,          CKR_BUFFER_TOO_SMALL,       CKR_DATA_INVALID};
    return AMONG(rv, all);
}

CK_RV p11_last_rv(void) {
    return last_rv;
}

const struct p11_meaning *p11_last_meaning(void) {
    static _Thread_local struct p11_meaning last;

    if (last_rv == CKR_OK)
        return NULL;
    last = p11_meaning(last_op, last_rv);
    return &last;
}

void p11_rv_forget(void) {
    last_rv = CKR_OK;
}
