/* What a module's answer means by the call it answers: what happened, what of the PIN's tries, what helps. A table, and
   pure. */
#pragma once

#include "p11/module.h"

enum p11_op { /* what we ask of modules */
              P11_START,
              P11_LOOK, /* slots and tokens */
              P11_SESSION,
              P11_LOGIN,
              P11_READ, /* objects and their attributes */
              P11_SIGN,
              P11_CREATE,
              P11_CHANGE, /* attributes */
              P11_DESTROY,
              P11_OP_COUNT
};

enum p11_what {
    WHAT_PULLED,
    WHAT_ABSENT,
    WHAT_CUT, /* the session is gone */
    WHAT_FOREIGN,
    WHAT_FULL,
    WHAT_SHORT, /* of memory to work with: the token */
    WHAT_MEMORY,
    WHAT_DEVICE,
    WHAT_GENERAL, /* it does not say */
    WHAT_VENDOR,  /* a code of its maker's */
    WHAT_LOGIN_LOST,
    WHAT_SHUT, /* it shows nothing before the login */
    WHAT_READ_ONLY,
    WHAT_PIN_WRONG,
    WHAT_PIN_LOCKED,
    WHAT_PIN_EXPIRED,
    WHAT_PIN_WEAK,
    WHAT_PIN_LENGTH,
    WHAT_PIN_ODD,
    WHAT_PIN_UNSET,
    WHAT_OTHERS, /* another program has it */
    WHAT_STUCK,  /* an earlier step has not ended */
    WHAT_CANCELLED,
    WHAT_CANNOT, /* no such function */
    WHAT_MECHANISM,
    WHAT_NOT_ALLOWED, /* the key may not sign */
    WHAT_OBJECT_GONE,
    WHAT_TEMPLATE, /* the token does not take an object like this */
    WHAT_UNLOADED, /* the driver was not started, or ended */
    WHAT_BROKEN,   /* the driver is not whole */
    WHAT_CALL,     /* it does not take the call */
    WHAT_STRAY,    /* an answer to another question */
    WHAT_CRASHED,  /* these four: the driver, in a process of its own */
    WHAT_EXITED,
    WHAT_SILENT,
    WHAT_NONSENSE,
    WHAT_COUNT
};

enum p11_try { /* of the PIN's tries, after a login */
               TRY_KEPT,
               TRY_PERHAPS, /* one may be gone: the token does not say that the PIN was not looked at */
               TRY_SPENT,
               TRY_LAST /* none is left */
};

enum p11_help {
    HELP_AGAIN, /* the same once more may do */
    HELP_REPLUG,
    HELP_DRIVER, /* another one, or anew */
    HELP_SERVICE,
    HELP_MEMORY,
    HELP_OTHERS, /* close them */
    HELP_PIN,    /* no blind try */
    HELP_CHANGE_PIN,
    HELP_BRANCH,
    HELP_FULL, /* delete nothing, call */
    HELP_HOTLINE,
    HELP_COUNT
};

struct p11_meaning {
    enum p11_what what;
    enum p11_try attempt;
    enum p11_help help;
};

/* Of any `rv` but CKR_OK, those of makers and later standards too. */
struct p11_meaning p11_meaning(enum p11_op op, CK_RV rv);

/* Of p11_last_rv and its call; NULL: there is none. Thread-local, until the next call. */
const struct p11_meaning *p11_last_meaning(void);

/* May the same again, after what is told, end otherwise? */
bool p11_help_again(enum p11_help help);

/* "C_Sign" is P11_SIGN; what is not ours to call counts as P11_LOOK. */
enum p11_op p11_op_of(const char *function, size_t len);
