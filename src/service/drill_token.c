/* Makes software tokens. */
#include "service/drill_token.h"

#include <string.h>

#include "pki/cert.h"

#define SO_PIN "12345678" /* a drill's token guards nothing */

/* The slot whose token has that label; NULL: the first uninitialised one. */
static enum rc token_find(const struct p11_module *m, const char *label, struct p11_token *out) {
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

enum rc drill_token_make(const struct p11_module *m, const char *label, struct span pin, struct p11_session *s) {
    struct p11_token t;
    CK_UTF8CHAR so[] = SO_PIN, padded[32];
    AUTO(p11_session) made = {0};

    if (strlen(label) > sizeof padded)
        FAIL(RC_LIMIT, "a token's label has at most %zu bytes: %s", sizeof padded, label);
    memset(padded, ' ', sizeof padded);
    memcpy(padded, label, strlen(label));
    if (token_find(m, label, &t) == RC_OK)
        FAIL(RC_EXISTS, "there is a token \"%s\" already: start from an empty token folder", label);
    TRY(token_find(m, NULL, &t));
    TRY(p11_check(m->fn->C_InitToken(t.slot, so, sizeof so - 1, padded), "C_InitToken"));
    TRY(token_find(m, label, &t)); /* the slot's number changes with the first initialisation */
    TRY(pin_set(&t, pin));
    TRY(p11_session_open(&t, true, &made));
    TRY(p11_login(&made, pin));
    *s = made;
    made = (struct p11_session){0};
    return RC_OK;
}

static CK_ATTRIBUTE attr(CK_ATTRIBUTE_TYPE type, const void *value, size_t len) {
    return (CK_ATTRIBUTE){type, p11_arg(value), len};
}

static enum rc public_half(const struct p11_session *s, struct span id, struct p11_key *key) {
    struct p11_key all[OBJECTS_MAX];
    size_t count = 0;

    TRY(p11_keys_list(s, false, all, OBJECTS_MAX, &count));
    for (size_t i = 0; i < count; i++) {
        if (!span_eq(span_of(all[i].id, all[i].id_len), id))
            continue;
        *key = all[i];
        return RC_OK;
    }
    FAIL(RC_TOKEN, "the new key is not on the token");
}

enum rc drill_token_key(const struct p11_session *s, int bits, struct span id, const char *label, struct p11_key *key) {
    static const uint8_t exponent[] = {1, 0, 1};
    const CK_BBOOL yes = CK_TRUE;
    CK_ULONG size = (CK_ULONG)bits;
    CK_MECHANISM how = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_OBJECT_HANDLE made[2];
    CK_ATTRIBUTE public[] = {
        attr(CKA_TOKEN, &yes, sizeof yes),          attr(CKA_VERIFY, &yes, sizeof yes),
        attr(CKA_MODULUS_BITS, &size, sizeof size), attr(CKA_PUBLIC_EXPONENT, exponent, sizeof exponent),
        attr(CKA_LABEL, label, strlen(label)),      attr(CKA_ID, id.ptr, id.len)};
    CK_ATTRIBUTE private[] = {attr(CKA_TOKEN, &yes, sizeof yes),     attr(CKA_PRIVATE, &yes, sizeof yes),
                              attr(CKA_SENSITIVE, &yes, sizeof yes), attr(CKA_SIGN, &yes, sizeof yes),
                              attr(CKA_LABEL, label, strlen(label)), attr(CKA_ID, id.ptr, id.len)};

    TRY(p11_check(s->module->fn->C_GenerateKeyPair(s->handle, &how, public, sizeof public / sizeof public[0], private,
                                                   sizeof private / sizeof private[0], &made[0], &made[1]),
                  "C_GenerateKeyPair"));
    return public_half(s, id, key);
}

enum rc drill_token_cert(const struct p11_session *s, struct span der, struct span id, const char *label) {
    struct cert c;
    CK_OBJECT_HANDLE made;

    TRY(cert_parse(der, &c));
    struct p11_cert_attrs a = {
        .subject = c.subject, .issuer = c.issuer, .serial = c.serial_der, .value = der, .id = id, .label = label};
    return p11_cert_create(s, &a, &made);
}
