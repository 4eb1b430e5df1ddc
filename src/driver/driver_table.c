/* One small function per call and driver, made by macros. What src/p11/ never calls is not there. */
#include "driver/driver_table.h"

#include <stdlib.h>

#include "driver/driver_calls.h"

static struct driver_host *hosts[DRIVERS_MAX];

#define SES CK_SESSION_HANDLE

#define FUNCTIONS(N)                                                                                                   \
    static CK_RV slots_##N(CK_BBOOL a, CK_SLOT_ID *b, CK_ULONG *c) {                                                   \
        return calls_slots(hosts[N], a, b, c);                                                                         \
    }                                                                                                                  \
    static CK_RV slot_info_##N(CK_SLOT_ID a, CK_SLOT_INFO *b) {                                                        \
        return calls_slot_info(hosts[N], a, b);                                                                        \
    }                                                                                                                  \
    static CK_RV token_info_##N(CK_SLOT_ID a, CK_TOKEN_INFO *b) {                                                      \
        return calls_token_info(hosts[N], a, b);                                                                       \
    }                                                                                                                  \
    static CK_RV mechanisms_##N(CK_SLOT_ID a, CK_MECHANISM_TYPE *b, CK_ULONG *c) {                                     \
        return calls_mechanisms(hosts[N], a, b, c);                                                                    \
    }                                                                                                                  \
    static CK_RV mechanism_info_##N(CK_SLOT_ID a, CK_MECHANISM_TYPE b, CK_MECHANISM_INFO *c) {                         \
        return calls_mechanism_info(hosts[N], a, b, c);                                                                \
    }                                                                                                                  \
    static CK_RV open_##N(CK_SLOT_ID a, CK_FLAGS b, void *c, CK_NOTIFY d, SES *e) {                                    \
        (void)c, (void)d;                                                                                              \
        return calls_session_open(hosts[N], a, b, e);                                                                  \
    }                                                                                                                  \
    static CK_RV close_##N(SES a) {                                                                                    \
        return calls_session_close(hosts[N], a);                                                                       \
    }                                                                                                                  \
    static CK_RV session_info_##N(SES a, CK_SESSION_INFO *b) {                                                         \
        return calls_session_info(hosts[N], a, b);                                                                     \
    }                                                                                                                  \
    static CK_RV login_##N(SES a, CK_USER_TYPE b, CK_BYTE *c, CK_ULONG d) {                                            \
        return calls_login(hosts[N], a, b, c, d);                                                                      \
    }                                                                                                                  \
    static CK_RV logout_##N(SES a) {                                                                                   \
        return calls_logout(hosts[N], a);                                                                              \
    }                                                                                                                  \
    static CK_RV create_##N(SES a, CK_ATTRIBUTE *b, CK_ULONG c, CK_OBJECT_HANDLE *d) {                                 \
        return calls_create(hosts[N], a, b, c, d);                                                                     \
    }                                                                                                                  \
    static CK_RV destroy_##N(SES a, CK_OBJECT_HANDLE b) {                                                              \
        return calls_destroy(hosts[N], a, b);                                                                          \
    }                                                                                                                  \
    static CK_RV read_##N(SES a, CK_OBJECT_HANDLE b, CK_ATTRIBUTE *c, CK_ULONG d) {                                    \
        return calls_read(hosts[N], a, b, c, d);                                                                       \
    }                                                                                                                  \
    static CK_RV set_##N(SES a, CK_OBJECT_HANDLE b, CK_ATTRIBUTE *c, CK_ULONG d) {                                     \
        return calls_set(hosts[N], a, b, c, d);                                                                        \
    }                                                                                                                  \
    static CK_RV find_init_##N(SES a, CK_ATTRIBUTE *b, CK_ULONG c) {                                                   \
        return calls_find_init(hosts[N], a, b, c);                                                                     \
    }                                                                                                                  \
    static CK_RV find_##N(SES a, CK_OBJECT_HANDLE *b, CK_ULONG c, CK_ULONG *d) {                                       \
        return calls_find(hosts[N], a, b, c, d);                                                                       \
    }                                                                                                                  \
    static CK_RV find_final_##N(SES a) {                                                                               \
        return calls_find_final(hosts[N], a);                                                                          \
    }                                                                                                                  \
    static CK_RV sign_init_##N(SES a, CK_MECHANISM *b, CK_OBJECT_HANDLE c) {                                           \
        return calls_sign_init(hosts[N], a, b, c);                                                                     \
    }                                                                                                                  \
    static CK_RV sign_##N(SES a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e) {                                    \
        return calls_sign(hosts[N], a, b, c, d, e);                                                                    \
    }                                                                                                                  \
    static CK_RV wait_##N(CK_FLAGS a, CK_SLOT_ID *b, void *c) {                                                        \
        (void)c;                                                                                                       \
        return calls_wait(hosts[N], a, b);                                                                             \
    }

#define LIST(N)                                                                                                        \
    [N] = {.version = {2, 40},                                                                                         \
           .C_GetSlotList = slots_##N,                                                                                 \
           .C_GetSlotInfo = slot_info_##N,                                                                             \
           .C_GetTokenInfo = token_info_##N,                                                                           \
           .C_GetMechanismList = mechanisms_##N,                                                                       \
           .C_GetMechanismInfo = mechanism_info_##N,                                                                   \
           .C_OpenSession = open_##N,                                                                                  \
           .C_CloseSession = close_##N,                                                                                \
           .C_GetSessionInfo = session_info_##N,                                                                       \
           .C_Login = login_##N,                                                                                       \
           .C_Logout = logout_##N,                                                                                     \
           .C_CreateObject = create_##N,                                                                               \
           .C_DestroyObject = destroy_##N,                                                                             \
           .C_GetAttributeValue = read_##N,                                                                            \
           .C_SetAttributeValue = set_##N,                                                                             \
           .C_FindObjectsInit = find_init_##N,                                                                         \
           .C_FindObjects = find_##N,                                                                                  \
           .C_FindObjectsFinal = find_final_##N,                                                                       \
           .C_SignInit = sign_init_##N,                                                                                \
           .C_Sign = sign_##N,                                                                                         \
           .C_WaitForSlotEvent = wait_##N},

/* clang-format off */
#define EACH(X)                                                                                                        \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)                              \
    X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
/* clang-format on */

EACH(FUNCTIONS)

static CK_FUNCTION_LIST lists[DRIVERS_MAX] = {EACH(LIST)};

enum rc table_host(ptrdiff_t number, struct driver_host **out) {
    struct driver_host *h = calloc(1, sizeof *h);

    if (h == NULL)
        FAIL(RC_LIMIT, "out of memory");
    host_init(h);
    hosts[number] = h;
    *out = h;
    return RC_OK;
}

CK_FUNCTION_LIST *table_list(ptrdiff_t number) {
    return &lists[number];
}
