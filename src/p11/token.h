/* Tokens as a person knows them: label, serial, PIN state; sessions that end by themselves. */
#pragma once

#include "p11/module.h"

#define TOKENS_MAX 512

struct p11_token { /* values copied out of CK_TOKEN_INFO: blanks trimmed, NUL-terminated */
    const struct p11_module *module;
    CK_SLOT_ID slot;
    char label[33];
    char manufacturer[33];
    char model[17];
    char serial[17];
    char firmware[8]; /* "1.0" */
    unsigned min_pin, max_pin;
    bool pin_count_low, pin_final_try, pin_locked, pin_not_set, protected_path, write_protected, initialized;
    bool pin_to_change;  /* … before it can be used, perhaps: some set it without need */
    bool pin_doubtful;   /* remembered, not the token's: the last login was refused without a reason */
    int64_t free_public; /* bytes of free memory, -1 unknown */
};

struct p11_session {
    const struct p11_module *module;
    CK_SESSION_HANDLE handle; /* 0: not open */
    bool logged_in;           /* by p11_login */
    struct span pin;          /* of that login, the caller's: for keys that want it again (p11/sign.h) */
};

/* All tokens present in this module's slots; uninitialised ones too (see `initialized`). RC_TOKEN, RC_LIMIT. */
MUST enum rc p11_tokens(const struct p11_module *m, struct p11_token *out, size_t cap, size_t *count);

/* Reads the token's state again, from the same slot. RC_TOKEN when it is gone, RC_NOT_FOUND when another token is there
 * now. */
MUST enum rc p11_token_refresh(struct p11_token *t);

MUST enum rc p11_session_open(const struct p11_token *t, bool writable, struct p11_session *s);
void p11_session_free(struct p11_session *s);

/* One C_Login(CKU_USER), never repeated. The caller has checked length and tries left. pin.ptr NULL: protected path.
   CKR_USER_ALREADY_LOGGED_IN is success. RC_PIN_WRONG also where the token does not say what was wrong (p11_last_rv is
   not CKR_PIN_INCORRECT then): many answer a wrong PIN so. `pin` must outlive the session's signatures. */
MUST enum rc p11_login(struct p11_session *s, struct span pin);

/* What C_Login's answer means, as above. */
MUST enum rc p11_login_check(CK_RV rv);
