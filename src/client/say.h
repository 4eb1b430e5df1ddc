/* What capbu says to people, in Vietnamese and English: one table, so that no text exists in one language only. */
#pragma once

#include "client/options.h"

enum say {
    SAY_USAGE,
    SAY_NO_SERVER, /* nobody to ask: whom to call, in brackets, or nothing */
    SAY_NO_MODULE, /* no PKCS#11 driver was found */
    SAY_NO_TOKEN,
    SAY_NO_CERTIFICATE, /* a token, but nothing on it that could be owed */
    SAY_SEVERAL,        /* choose with --serial */
    SAY_SEVERAL_RECEIPTS,
    SAY_SEVERAL_OLD, /* which one is to go */
    SAY_WHOSE,       /* company, tax code and token, of one to choose from */
    SAY_NO_SUCH_SERIAL,
    SAY_NO_KEY, /* certificate without its private key on this token */
    SAY_MODULE_FAILED,
    SAY_MODULE_FAREWELL,
    SAY_TOKEN_LINE,
    SAY_CERT_LINE,
    SAY_UNREADABLE,   /* certificates on a token that cannot be read: whose, how many */
    SAY_TOKEN_FAILED, /* a token is there, but does not answer: whose, what helps, why */
    SAY_TOKEN_SHUT,   /* it may show its certificates after the PIN only */
    SAY_NO_SERVICE,   /* no token, and no pcscd */
    SAY_OWED,         /* old end, contract end, new end, days, and whether it is unfinished */
    SAY_NOT_OPEN,
    SAY_HALTED,
    SAY_ASSISTED_ONLY, /* open today with an assist code only: whom to ask for one */
    SAY_SELF_ONLY,     /* open today without one only */
    SAY_REFUSED,
    SAY_HELD,
    SAY_NOTHING_LEFT,
    SAY_FULL_TERM,    /* issued by the new CA (R2.6) */
    SAY_CONFIRM_DATA, /* the text agreed to (R5.10), [y/N] */
    SAY_CANCELLED,    /* by the person, and only then */
    SAY_PIN,          /* prompt */
    SAY_PIN_PAD,      /* to be typed on the token's own */
    SAY_PIN_FACTORY,
    SAY_PIN_LENGTH,
    SAY_PIN_CHARACTERS,
    SAY_PIN_WRONG,
    SAY_PIN_MAYBE,        /* an answer that may mean a wrong PIN: what helps, the reason */
    SAY_PIN_MAYBE_BEFORE, /* and that was so the last time */
    SAY_PIN_CHANGE,       /* must be changed first: what helps, the reason */
    SAY_PIN_FILE,         /* its first line is no text */
    SAY_PIN_ODD_LENGTH,   /* outside what the token tells, and tried only when agreed to */
    SAY_PIN_LAST_TRY,
    SAY_PIN_LOCKED,
    SAY_PIN_COUNT_LOW,
    SAY_WAITING, /* place in the queue and seconds */
    SAY_STEP_REQUEST,
    SAY_STEP_WRITE, /* do not unplug */
    SAY_STEP_CONFIRM,
    SAY_DONE,
    SAY_CHECKLIST, /* what to register where, and by when (domain.md) */
    SAY_SERVER_AWAY,
    SAY_SERVER_REFUSED,
    SAY_TOKEN_STOPPED, /* what helps, and the reason */
    SAY_HELP,
    SAY_NOTHING_TO_RESUME,
    SAY_CLEAN_NOT_ALLOWED,
    SAY_NOTHING_TO_CLEAN,
    SAY_CLEAN_NOT_READY,
    SAY_CLEANED,
    SAY_NO_BROWSER,      /* the address is on stdout */
    SAY_CLEAN_FAILED,    /* in the middle of it: what helps, and the reason */
    SAY_BARE_TOKEN,      /* a key and no certificate */
    SAY_TOKEN_TAKEN,     /* another capbu is at work on it */
    SAY_DEVICES_REFUSED, /* a publication that is not believed */
    SAY_RECEIPT,         /* both serials, tax code, contract end, new end, confirmed at, consent at and its text */
    SAY_RECEIPT_HOLDS,
    SAY_ASSIST_OR_ALONE,
    SAY_ASSIST_NEEDED,
    SAY_RECEIPT_UNPINNED,
    SAY_RECEIPT_OTHER_CA,
    SAY_NO_RECEIPT,
    SAY_PROXY_PASSWORD, /* prompt */
    SAY_TOO_OLD,        /* this program: its version, the oldest served, where to get a new one */
    SAY_NEWER,          /* there is a newer program; a hint */
    SAY_SERVER_TRUST,   /* what answers is not our server */
    SAY_SERVER_CLOCK,   /* or this machine's clock is wrong */
    SAY_BUG,
    SAY_SUPPORT, /* the code to read out, and to whom, in brackets, or nothing */
    SAY_PLAIN,   /* what is wrong, in a line */
    SAY_UNKNOWN_COMMAND,
    SAY_UNKNOWN_COMMAND_NEAR,
    SAY_COUNT
};

/* A printf format; its arguments are the same, in the same order, in both languages (tests/unit/client checks it). */
const char *say_text(enum lang lang, enum say what);

/* Prints one of them, with a newline unless it is a prompt. */
void say_err(enum lang lang, enum say what, ...);
void say_out(enum lang lang, enum say what, ...);

const char *say_last(void); /* the last line of say_err, prompts left out; "" for none. Of the main thread */
