/* The calls of PKCS#11 that src/p11/ makes, to a driver in a process of its own: as the standard says, and CKR_DRIVER_…
   when the process is not there to answer. */
#pragma once

#include "driver/driver_host.h"

CK_RV calls_slots(struct driver_host *h, CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count);
CK_RV calls_slot_info(struct driver_host *h, CK_SLOT_ID slot, CK_SLOT_INFO *info);
CK_RV calls_token_info(struct driver_host *h, CK_SLOT_ID slot, CK_TOKEN_INFO *info);
CK_RV calls_mechanisms(struct driver_host *h, CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count);
CK_RV calls_mechanism_info(struct driver_host *h, CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info);
CK_RV calls_session_open(struct driver_host *h, CK_SLOT_ID slot, CK_FLAGS flags, CK_SESSION_HANDLE *session);
CK_RV calls_session_close(struct driver_host *h, CK_SESSION_HANDLE session);
CK_RV calls_session_info(struct driver_host *h, CK_SESSION_HANDLE session, CK_SESSION_INFO *info);
CK_RV calls_login(struct driver_host *h, CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG len);
CK_RV calls_logout(struct driver_host *h, CK_SESSION_HANDLE session);
CK_RV calls_create(struct driver_host *h, CK_SESSION_HANDLE session, CK_ATTRIBUTE *a, CK_ULONG count,
                   CK_OBJECT_HANDLE *made);
CK_RV calls_destroy(struct driver_host *h, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object);
CK_RV calls_read(struct driver_host *h, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a,
                 CK_ULONG count);
CK_RV calls_set(struct driver_host *h, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a,
                CK_ULONG count);
CK_RV calls_find_init(struct driver_host *h, CK_SESSION_HANDLE session, CK_ATTRIBUTE *a, CK_ULONG count);
CK_RV calls_find(struct driver_host *h, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *out, CK_ULONG most,
                 CK_ULONG *count);
CK_RV calls_find_final(struct driver_host *h, CK_SESSION_HANDLE session);
CK_RV calls_sign_init(struct driver_host *h, CK_SESSION_HANDLE session, CK_MECHANISM *m, CK_OBJECT_HANDLE key);
CK_RV calls_sign(struct driver_host *h, CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len, CK_BYTE *out,
                 CK_ULONG *out_len);
CK_RV calls_wait(struct driver_host *h, CK_FLAGS flags, CK_SLOT_ID *slot);
