/* Tokens, sessions and the one login. */
#include "p11/token.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define SLOTS_MAX 1024
#define PIN_CAP   255 /* no PIN is longer, whatever the token says */

/* Fields of CK_TOKEN_INFO are blank-padded, some modules put NULs. What is hidden could drive a terminal. */
static void copy_field(char *dst, const CK_UTF8CHAR *src, size_t len) {
    const CK_UTF8CHAR *nul = memchr(src, 0, len);
    if (nul != NULL)
        len = (size_t)(nul - src);
    while (len > 0 && src[len - 1] == ' ')
        len--;
    memcpy(dst, src, len);
    dst[len] = 0;
    utf8_tame(dst);
}

static void copy_info(const CK_TOKEN_INFO *info, struct p11_token *t) {
    copy_field(t->label, info->label, sizeof info->label);
    copy_field(t->manufacturer, info->manufacturerID, sizeof info->manufacturerID);
    copy_field(t->model, info->model, sizeof info->model);
    copy_field(t->serial, info->serialNumber, sizeof info->serialNumber);
    snprintf(t->firmware, sizeof t->firmware, "%u.%u", info->firmwareVersion.major, info->firmwareVersion.minor);
    t->min_pin = info->ulMinPinLen > PIN_CAP ? 0 : (unsigned)info->ulMinPinLen;
    t->max_pin = info->ulMaxPinLen == 0 || info->ulMaxPinLen > PIN_CAP ? PIN_CAP : (unsigned)info->ulMaxPinLen;
    if (t->min_pin > t->max_pin) { /* both cannot be */
        t->min_pin = 0;
        t->max_pin = PIN_CAP;
    }
    t->pin_to_change = info->flags & CKF_USER_PIN_TO_BE_CHANGED;
    t->pin_count_low = info->flags & CKF_USER_PIN_COUNT_LOW;
    t->pin_final_try = info->flags & CKF_USER_PIN_FINAL_TRY;
    t->pin_locked = info->flags & CKF_USER_PIN_LOCKED;
    t->pin_not_set = !(info->flags & CKF_USER_PIN_INITIALIZED);
    t->protected_path = info->flags & CKF_PROTECTED_AUTHENTICATION_PATH;
    t->write_protected = info->flags & CKF_WRITE_PROTECTED;
    /* Some modules never set the flag: a name, or a PIN, is as good. */
    t->initialized = (info->flags & (CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED)) != 0 || t->label[0] != '\0';
    t->free_public = info->ulFreePublicMemory > LONG_MAX ? -1 : (int64_t)info->ulFreePublicMemory;
}

static enum rc read_token(const struct p11_module *m, CK_SLOT_ID slot, struct p11_token *out) {
    CK_TOKEN_INFO info = {0};
    TRY(p11_check(m->fn->C_GetTokenInfo(slot, &info), "C_GetTokenInfo"));
    struct p11_token t = {.module = m, .slot = slot};
    copy_info(&info, &t);
    *out = t;
    return RC_OK;
}

static enum rc slots_ask(const struct p11_module *m, bool present, CK_SLOT_ID *slots, CK_ULONG *count) {
    CK_BBOOL how = present ? CK_TRUE : CK_FALSE;
    CK_ULONG n = 0;
    /* Asking for the count is what makes a module look for new readers (PKCS#11 2.40, 5.5). */
    TRY(p11_check(m->fn->C_GetSlotList(how, NULL, &n), "C_GetSlotList"));
    if (n > SLOTS_MAX)
        FAIL(RC_LIMIT, "%s reports %lu slots with a token, at most %d are looked at", m->path, n, SLOTS_MAX);
    n = SLOTS_MAX;
    TRY(p11_check(m->fn->C_GetSlotList(how, slots, &n), "C_GetSlotList"));
    if (n > SLOTS_MAX)
        FAIL(RC_TOKEN, "%s: C_GetSlotList says it wrote %lu slots into room for %d", m->path, n, SLOTS_MAX);
    *count = n;
    return RC_OK;
}

/* Some modules tell of tokens only among all slots, or only after those were asked for. *sure: of each it is said that
   a token is in it. */
static enum rc slots_list(const struct p11_module *m, CK_SLOT_ID *slots, CK_ULONG *count, bool *sure) {
    CK_ULONG n = 0;
    enum rc rc = slots_ask(m, true, slots, &n);
    *sure = (rc == RC_OK && n > 0) || rc == RC_LIMIT;
    if (!*sure) {
        enum rc all = slots_ask(m, false, slots, &n);
        if (all == RC_OK)
            rc = RC_OK;
    }
    TRY(rc);
    *count = n;
    return RC_OK;
}

enum rc p11_tokens(const struct p11_module *m, struct p11_token *out, size_t cap, size_t *count) {
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG slot_count = 0;
    bool sure = false;
    TRY(slots_list(m, slots, &slot_count, &sure));
    size_t n = 0;
    enum rc failed = RC_OK;
    for (CK_ULONG i = 0; i < slot_count; i++) {
        struct p11_token t;
        enum rc rc = read_token(m, slots[i], &t);
        if (rc != RC_OK) { /* pulled out just now, or a card this module cannot read: the others still count */
            CK_RV rv = p11_last_rv();
            if (sure && rv != CKR_TOKEN_NOT_PRESENT && rv != CKR_TOKEN_NOT_RECOGNIZED)
                failed = rc;
            continue;
        }
        if (n == cap)
            FAIL(RC_LIMIT, "more than %zu tokens in %s", cap, m->path);
        out[n++] = t;
    }
    if (n == 0 && failed != RC_OK)
        return failed;
    *count = n;
    return RC_OK;
}

enum rc p11_token_refresh(struct p11_token *t) {
    struct p11_token now;
    TRY(read_token(t->module, t->slot, &now));
    if (strcmp(now.serial, t->serial) != 0 || strcmp(now.manufacturer, t->manufacturer) != 0 ||
        strcmp(now.model, t->model) != 0)
        FAIL(RC_NOT_FOUND, "another token is in the reader now: %s instead of %s", now.serial, t->serial);
    *t = now;
    return RC_OK;
}

enum rc p11_session_open(const struct p11_token *t, bool writable, struct p11_session *s) {
    CK_SESSION_HANDLE handle = 0;
    CK_FLAGS flags = CKF_SERIAL_SESSION | (writable ? CKF_RW_SESSION : 0);
    TRY(p11_check(t->module->fn->C_OpenSession(t->slot, flags, NULL, NULL, &handle), "C_OpenSession"));
    if (handle == 0)
        FAIL(RC_TOKEN, "C_OpenSession gave the handle 0");
    *s = (struct p11_session){.module = t->module, .handle = handle};
    return RC_OK;
}

void p11_session_free(struct p11_session *s) {
    if (s->handle != 0)
        (void)s->module->fn->C_CloseSession(s->handle);
    *s = (struct p11_session){0};
}

enum rc p11_login_check(CK_RV rv) {
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
        return RC_OK;
    enum rc rc = p11_check(rv, "C_Login");
    if (rc != RC_TOKEN || p11_rv_lost(rv) || p11_rv_before_pin(rv))
        return rc;
    FAIL(RC_PIN_WRONG, "C_Login: %s (0x%lx): the PIN may have been wrong, and a try may be gone", p11_rv_name(rv), rv);
}

enum rc p11_login(struct p11_session *s, struct span pin) {
    TRY(p11_login_check(s->module->fn->C_Login(s->handle, CKU_USER, p11_arg(pin.ptr), pin.len)));
    s->logged_in = true;
    s->pin = pin;
    return RC_OK;
}
