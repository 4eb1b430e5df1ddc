/* How an attempt ended, as a value: what the terminal prints and what the page shows both start from it. */
#pragma once

#include "client/net/http.h"
#include "p11/module.h"

enum outcome {
    OUTCOME_DONE,
    OUTCOME_CANCELLED,  /* by the person, and only then */
    OUTCOME_NOWHERE,    /* there is nowhere to ask for the PIN */
    OUTCOME_PIN_UNFIT,  /* its length or characters cannot be right; not tried */
    OUTCOME_PIN_WRONG,  /* CKR_PIN_INCORRECT and nothing else */
    OUTCOME_PIN_MAYBE,  /* the token did not say what was wrong with the login: perhaps that, and a try may be gone */
    OUTCOME_PIN_CHANGE, /* it must be changed first */
    OUTCOME_PIN_LAST,   /* one try is left and was not to be spent */
    OUTCOME_PIN_LOCKED,
    OUTCOME_NO_KEY, /* the certificate's private key is not on this token */
    OUTCOME_TOKEN_GONE,
    OUTCOME_TOKEN_FULL,
    OUTCOME_TOKEN_FAILED,
    OUTCOME_TAKEN, /* by another capbu on this machine */
    OUTCOME_AWAY,  /* the server */
    OUTCOME_PROXY,
    OUTCOME_CLOCK,
    OUTCOME_TRUST,
    OUTCOME_BUSY,
    OUTCOME_NOT_OPEN,
    OUTCOME_HALTED,
    OUTCOME_TOO_OLD, /* this program */
    OUTCOME_ASSIST,  /* the assist code */
    OUTCOME_REFUSED,
    OUTCOME_BUG,
    OUTCOME_COUNT
};

/* What a failed call means. `code`: the server's reason code, "" when it gave none; `rv`: the thread's last failed
   CK_RV of the attempt. What only the caller can know (cancelled, nothing tried, last try, taken) is not told here. */
enum outcome outcome_of(enum rc rc, const char *code, enum http_trouble trouble, CK_RV rv);

/* Its stable name for logs and bundles: "token-full". */
const char *outcome_name(enum outcome o);
