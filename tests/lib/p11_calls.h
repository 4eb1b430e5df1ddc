/* All functions of PKCS#11 2.40 as lists of (number of arguments, name, their types), for modules made by macros. The
   includer defines CALL_(name, params, args): what CALLS(DEFINE) makes of each. */
#pragma once

#define CRYPTOKI_EXPORTS 1 /* a module offers C_GetFunctionList, it does not take it from another */
#include "p11/module.h"

#define P11_EXPORT __attribute__((visibility("default")))

#define SES CK_SESSION_HANDLE
#define OBJ CK_OBJECT_HANDLE
#define IN  CK_BYTE_PTR, CK_ULONG     /* bytes and their length */
#define OUT CK_BYTE_PTR, CK_ULONG_PTR /* room and its length */
#define TPL CK_ATTRIBUTE_PTR, CK_ULONG
#define MEC CK_MECHANISM_PTR

/* What a small token needs, and the rest. */
#define CALLS_OFTEN(X)                                                                                                 \
    X(1, C_Initialize, void *)                                                                                         \
    X(1, C_Finalize, void *)                                                                                           \
    X(1, C_GetInfo, CK_INFO *)                                                                                         \
    X(3, C_GetSlotList, CK_BBOOL, CK_SLOT_ID *, CK_ULONG *)                                                            \
    X(2, C_GetSlotInfo, CK_SLOT_ID, CK_SLOT_INFO *)                                                                    \
    X(2, C_GetTokenInfo, CK_SLOT_ID, CK_TOKEN_INFO *)                                                                  \
    X(3, C_GetMechanismList, CK_SLOT_ID, CK_MECHANISM_TYPE *, CK_ULONG *)                                              \
    X(3, C_GetMechanismInfo, CK_SLOT_ID, CK_MECHANISM_TYPE, CK_MECHANISM_INFO *)                                       \
    X(4, C_InitToken, CK_SLOT_ID, IN, CK_BYTE *)                                                                       \
    X(3, C_InitPIN, SES, IN)                                                                                           \
    X(5, C_OpenSession, CK_SLOT_ID, CK_FLAGS, void *, CK_NOTIFY, SES *)                                                \
    X(1, C_CloseSession, SES)                                                                                          \
    X(1, C_CloseAllSessions, CK_SLOT_ID)                                                                               \
    X(2, C_GetSessionInfo, SES, CK_SESSION_INFO *)                                                                     \
    X(4, C_Login, SES, CK_USER_TYPE, IN)                                                                               \
    X(1, C_Logout, SES)                                                                                                \
    X(4, C_CreateObject, SES, TPL, OBJ *)                                                                              \
    X(2, C_DestroyObject, SES, OBJ)                                                                                    \
    X(4, C_GetAttributeValue, SES, OBJ, TPL)                                                                           \
    X(4, C_SetAttributeValue, SES, OBJ, TPL)                                                                           \
    X(3, C_FindObjectsInit, SES, TPL)                                                                                  \
    X(4, C_FindObjects, SES, OBJ *, CK_ULONG, CK_ULONG *)                                                              \
    X(1, C_FindObjectsFinal, SES)                                                                                      \
    X(3, C_SignInit, SES, MEC, OBJ)                                                                                    \
    X(5, C_Sign, SES, IN, OUT)

#define CALLS_RARE(X)                                                                                                  \
    X(5, C_SetPIN, SES, IN, IN)                                                                                        \
    X(3, C_GetOperationState, SES, OUT)                                                                                \
    X(5, C_SetOperationState, SES, IN, OBJ, OBJ)                                                                       \
    X(5, C_CopyObject, SES, OBJ, TPL, OBJ *)                                                                           \
    X(3, C_GetObjectSize, SES, OBJ, CK_ULONG *)                                                                        \
    X(3, C_EncryptInit, SES, MEC, OBJ)                                                                                 \
    X(5, C_Encrypt, SES, IN, OUT)                                                                                      \
    X(5, C_EncryptUpdate, SES, IN, OUT)                                                                                \
    X(3, C_EncryptFinal, SES, OUT)                                                                                     \
    X(3, C_DecryptInit, SES, MEC, OBJ)                                                                                 \
    X(5, C_Decrypt, SES, IN, OUT)                                                                                      \
    X(5, C_DecryptUpdate, SES, IN, OUT)                                                                                \
    X(3, C_DecryptFinal, SES, OUT)                                                                                     \
    X(2, C_DigestInit, SES, MEC)                                                                                       \
    X(5, C_Digest, SES, IN, OUT)                                                                                       \
    X(3, C_DigestUpdate, SES, IN)                                                                                      \
    X(2, C_DigestKey, SES, OBJ)                                                                                        \
    X(3, C_DigestFinal, SES, OUT)                                                                                      \
    X(3, C_SignUpdate, SES, IN)                                                                                        \
    X(3, C_SignFinal, SES, OUT)                                                                                        \
    X(3, C_SignRecoverInit, SES, MEC, OBJ)                                                                             \
    X(5, C_SignRecover, SES, IN, OUT)                                                                                  \
    X(3, C_VerifyInit, SES, MEC, OBJ)                                                                                  \
    X(5, C_Verify, SES, IN, IN)                                                                                        \
    X(3, C_VerifyUpdate, SES, IN)                                                                                      \
    X(3, C_VerifyFinal, SES, IN)                                                                                       \
    X(3, C_VerifyRecoverInit, SES, MEC, OBJ)                                                                           \
    X(5, C_VerifyRecover, SES, IN, OUT)                                                                                \
    X(5, C_DigestEncryptUpdate, SES, IN, OUT)                                                                          \
    X(5, C_DecryptDigestUpdate, SES, IN, OUT)                                                                          \
    X(5, C_SignEncryptUpdate, SES, IN, OUT)                                                                            \
    X(5, C_DecryptVerifyUpdate, SES, IN, OUT)                                                                          \
    X(5, C_GenerateKey, SES, MEC, TPL, OBJ *)                                                                          \
    X(8, C_GenerateKeyPair, SES, MEC, TPL, TPL, OBJ *, OBJ *)                                                          \
    X(6, C_WrapKey, SES, MEC, OBJ, OBJ, OUT)                                                                           \
    X(8, C_UnwrapKey, SES, MEC, OBJ, IN, TPL, OBJ *)                                                                   \
    X(6, C_DeriveKey, SES, MEC, OBJ, TPL, OBJ *)                                                                       \
    X(3, C_SeedRandom, SES, IN)                                                                                        \
    X(3, C_GenerateRandom, SES, IN)                                                                                    \
    X(1, C_GetFunctionStatus, SES)                                                                                     \
    X(1, C_CancelFunction, SES)                                                                                        \
    X(3, C_WaitForSlotEvent, CK_FLAGS, CK_SLOT_ID *, void *)

#define CALLS(X) CALLS_OFTEN(X) CALLS_RARE(X)

#define DEFINE(n, ...)                   DEFINE_(n, __VA_ARGS__)
#define DEFINE_(n, ...)                  CALL##n(__VA_ARGS__)
#define CALL1(f, A)                      CALL_(f, (A a), (a))
#define CALL2(f, A, B)                   CALL_(f, (A a, B b), (a, b))
#define CALL3(f, A, B, C)                CALL_(f, (A a, B b, C c), (a, b, c))
#define CALL4(f, A, B, C, D)             CALL_(f, (A a, B b, C c, D d), (a, b, c, d))
#define CALL5(f, A, B, C, D, E)          CALL_(f, (A a, B b, C c, D d, E e), (a, b, c, d, e))
#define CALL6(f, A, B, C, D, E, F)       CALL_(f, (A a, B b, C c, D d, E e, F g), (a, b, c, d, e, g))
#define CALL8(f, A, B, C, D, E, F, G, H) CALL_(f, (A a, B b, C c, D d, E e, F g, G h, H i), (a, b, c, d, e, g, h, i))
