/* From codes, CK_RVs and the server's words to what a person has to know. */
#include "client/flow/outcome.h"

#include <string.h>

static const char *const NAMES[OUTCOME_COUNT] = {
    [OUTCOME_DONE] = "done",
    [OUTCOME_CANCELLED] = "cancelled",
    [OUTCOME_NOWHERE] = "nowhere-to-ask",
    [OUTCOME_PIN_UNFIT] = "pin-unfit",
    [OUTCOME_PIN_WRONG] = "pin-wrong",
    [OUTCOME_PIN_MAYBE] = "pin-maybe-wrong",
    [OUTCOME_PIN_CHANGE] = "pin-to-change",
    [OUTCOME_PIN_LAST] = "pin-last-try",
    [OUTCOME_PIN_LOCKED] = "pin-locked",
    [OUTCOME_NO_KEY] = "no-key",
    [OUTCOME_TOKEN_GONE] = "token-gone",
    [OUTCOME_TOKEN_FULL] = "token-full",
    [OUTCOME_TOKEN_FAILED] = "token-failed",
    [OUTCOME_TAKEN] = "token-taken",
    [OUTCOME_AWAY] = "server-away",
    [OUTCOME_PROXY] = "proxy",
    [OUTCOME_CLOCK] = "clock",
    [OUTCOME_TRUST] = "trust",
    [OUTCOME_BUSY] = "busy",
    [OUTCOME_NOT_OPEN] = "not-open-yet",
    [OUTCOME_HALTED] = "halted",
    [OUTCOME_TOO_OLD] = "client-too-old",
    [OUTCOME_ASSIST] = "assist",
    [OUTCOME_REFUSED] = "refused",
    [OUTCOME_BUG] = "bug",
};

const char *outcome_name(enum outcome o) {
    return o < OUTCOME_COUNT ? NAMES[o] : "bug";
}

static enum outcome of_token(CK_RV rv) {
    switch (rv) {
    case CKR_PIN_EXPIRED:
        return OUTCOME_PIN_CHANGE;
    case CKR_DEVICE_MEMORY:
        return OUTCOME_TOKEN_FULL;
    case CKR_DEVICE_REMOVED:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
        return OUTCOME_TOKEN_GONE;
    default:
        return OUTCOME_TOKEN_FAILED;
    }
}

static enum outcome of_network(enum http_trouble trouble) {
    switch (trouble) {
    case HTTP_PROXY:
    case HTTP_PROXY_LOGIN:
        return OUTCOME_PROXY;
    case HTTP_CLOCK:
        return OUTCOME_CLOCK;
    case HTTP_TRUST:
        return OUTCOME_TRUST;
    case HTTP_FINE:
    case HTTP_AWAY:
        break;
    }
    return OUTCOME_AWAY;
}

static enum outcome of_refusal(const char *code) {
    const struct {
        const char *code;
        enum outcome outcome;
    } known[] = {{"not-open-yet", OUTCOME_NOT_OPEN},  {"halted", OUTCOME_HALTED},
                 {"client-too-old", OUTCOME_TOO_OLD}, {"assist-unknown", OUTCOME_ASSIST},
                 {"assist-expired", OUTCOME_ASSIST},  {"assist-used-up", OUTCOME_ASSIST},
                 {"assist-needed", OUTCOME_ASSIST}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].code, code) == 0)
            return known[i].outcome;
    return OUTCOME_REFUSED;
}

enum outcome outcome_of(enum rc rc, const char *code, enum http_trouble trouble, CK_RV rv) {
    switch (rc) {
    case RC_OK:
        return OUTCOME_DONE;
    case RC_USAGE:
        return OUTCOME_NOWHERE;
    case RC_PIN_WRONG:
        return rv == CKR_OK || rv == CKR_PIN_INCORRECT ? OUTCOME_PIN_WRONG : OUTCOME_PIN_MAYBE;
    case RC_PIN_LOCKED:
        return OUTCOME_PIN_LOCKED;
    case RC_NETWORK:
        return of_network(trouble);
    case RC_BUSY:
        return OUTCOME_BUSY;
    case RC_REFUSED:
    case RC_CRYPTO:
        return of_refusal(code);
    case RC_NOT_FOUND:
        return OUTCOME_NO_KEY;
    case RC_TOKEN:
    case RC_IO:
        return of_token(rv);
    case RC_INPUT:
    case RC_LIMIT:
    case RC_EXISTS:
    case RC_DB:
    case RC_BUG:
        break;
    }
    return OUTCOME_BUG;
}
