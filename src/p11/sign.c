/* C_SignInit, C_Sign, and between them the login of a key that wants one each time. */
#include "p11/sign.h"

static CK_RV begin(const struct p11_session *s, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism) {
    CK_MECHANISM how = {mechanism, NULL, 0};

    return s->module->fn->C_SignInit(s->handle, &how, key);
}

/* A PIN that is refused here ends the attempt: RC_PIN_…, which nobody repeats. */
static enum rc login_again(const struct p11_session *s) {
    return p11_login_check(s->module->fn->C_Login(s->handle, CKU_CONTEXT_SPECIFIC, p11_arg(s->pin.ptr), s->pin.len));
}

enum rc p11_sign(const struct p11_session *s, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, struct span in,
                 uint8_t *out, size_t *out_len) {
    CK_ULONG len = *out_len;

    TRY(p11_check(begin(s, key, mechanism), "C_SignInit"));
    CK_RV rv = s->module->fn->C_Sign(s->handle, p11_arg(in.ptr), in.len, out, &len);
    if (rv == CKR_USER_NOT_LOGGED_IN && s->logged_in) {
        rv = begin(s, key, mechanism); /* the operation ended with its refusal; some leave it open */
        if (rv != CKR_OPERATION_ACTIVE)
            TRY(p11_check(rv, "C_SignInit"));
        TRY(login_again(s));
        len = *out_len;
        rv = s->module->fn->C_Sign(s->handle, p11_arg(in.ptr), in.len, out, &len);
    }
    TRY(p11_check(rv, "C_Sign"));
    if (len > *out_len)
        FAIL(RC_TOKEN, "C_Sign says it wrote %lu bytes into room for %zu", len, *out_len);
    *out_len = len;
    return RC_OK;
}
