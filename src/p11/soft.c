/* Makes software tokens through the standard's own calls. */
#include "p11/soft.h"

#include <string.h>

#define SO_PIN     "12345678" /* such a token guards nothing */
#define LABEL_SIZE 32

enum rc soft_find(const struct p11_module *m, const char *label, struct p11_token *out) {
    struct p11_token all[TOKENS_MAX];
    size_t count = 0;

    TRY(p11_tokens(m, all, TOKENS_MAX, &count));
    for (size_t i = 0; i < count; i++) {
        if (label == NULL ? all[i].initialized : strcmp(all[i].label, label) != 0)
            continue;
        *out = all[i];
        return RC_OK;
    }
    FAIL(RC_NOT_FOUND, "%s: %s", m->path, label == NULL ? "no free slot for another token" : label);
}

static enum rc pin_set(const struct p11_token *t, struct span pin) {
    const CK_FUNCTION_LIST *fn = t->module->fn;
    CK_UTF8CHAR so[] = SO_PIN;
    AUTO(p11_session) s = {0};

    TRY(p11_session_open(t, true, &s));
    TRY(p11_check(fn->C_Login(s.handle, CKU_SO, so, sizeof so - 1), "C_Login"));
    TRY(p11_check(fn->C_InitPIN(s.handle, p11_arg(pin.ptr), pin.len), "C_InitPIN"));
    return p11_check(fn->C_Logout(s.handle), "C_Logout");
}

enum rc soft_token(const struct p11_module *m, const char *label, struct span pin, struct p11_token *out) {
    struct p11_token t;
    CK_UTF8CHAR so[] = SO_PIN, padded[LABEL_SIZE];

    if (strlen(label) > sizeof padded)
        FAIL(RC_LIMIT, "a token's label has at most %d bytes: %s", LABEL_SIZE, label);
    memset(padded, ' ', sizeof padded);
    memcpy(padded, label, strlen(label));
    if (soft_find(m, label, &t) == RC_OK)
        FAIL(RC_EXISTS, "there is a token \"%s\" already: start from an empty token folder", label);
    TRY(soft_find(m, NULL, &t));
    TRY(p11_check(m->fn->C_InitToken(t.slot, so, sizeof so - 1, padded), "C_InitToken"));
    TRY(soft_find(m, label, &t)); /* the slot's number changes with the first initialisation */
    TRY(pin_set(&t, pin));
    return soft_find(m, label, out);
}

static CK_ATTRIBUTE attr(CK_ATTRIBUTE_TYPE type, const void *value, size_t len) {
    return (CK_ATTRIBUTE){type, p11_arg(value), len};
}

enum rc soft_pair(const struct p11_session *s, CK_MECHANISM_TYPE mechanism, CK_ATTRIBUTE parameter, struct span id,
                  const char *label) {
    static const uint8_t exponent[] = {1, 0, 1};
    const CK_BBOOL yes = CK_TRUE;
    CK_MECHANISM how = {mechanism, NULL, 0};
    CK_OBJECT_HANDLE made[2];
    CK_ATTRIBUTE public[] = {attr(CKA_TOKEN, &yes, sizeof yes),
                             attr(CKA_VERIFY, &yes, sizeof yes),
                             attr(CKA_LABEL, label, strlen(label)),
                             attr(CKA_ID, id.ptr, id.len),
                             parameter,
                             attr(CKA_PUBLIC_EXPONENT, exponent, sizeof exponent)}; /* RSA only: the last */
    CK_ATTRIBUTE private[] = {attr(CKA_TOKEN, &yes, sizeof yes),     attr(CKA_PRIVATE, &yes, sizeof yes),
                              attr(CKA_SENSITIVE, &yes, sizeof yes), attr(CKA_SIGN, &yes, sizeof yes),
                              attr(CKA_LABEL, label, strlen(label)), attr(CKA_ID, id.ptr, id.len)};
    CK_ULONG public_count = sizeof public / sizeof public[0] - (parameter.type != CKA_MODULUS_BITS);

    return p11_check(s->module->fn->C_GenerateKeyPair(s->handle, &how, public, public_count, private,
                                                      sizeof private / sizeof private[0], &made[0], &made[1]),
                     "C_GenerateKeyPair");
}

enum rc soft_rsa(const struct p11_session *s, unsigned bits, struct span id, const char *label) {
    CK_ULONG size = bits;

    return soft_pair(s, CKM_RSA_PKCS_KEY_PAIR_GEN, attr(CKA_MODULUS_BITS, &size, sizeof size), id, label);
}
