/* The screens a person may see, from the first look at what is plugged in to the end. */
#pragma once

enum screen {
    SCREEN_NO_SERVER, /* this program was told of none */
    SCREEN_LOOKING,
    SCREEN_NO_DRIVER,
    SCREEN_DRIVER_FAILED,
    SCREEN_NO_TOKEN,
    SCREEN_DRIVER_BLIND, /* a token is plugged in, but no driver sees it */
    SCREEN_TOKEN_UNREADABLE,
    SCREEN_NO_CERTIFICATE, /* none that could be owed: a CA's only */
    SCREEN_BARE,           /* a key and no certificate */
    SCREEN_EMPTY,          /* neither */
    SCREEN_SEVERAL_TOKENS,
    SCREEN_SEVERAL_CERTIFICATES,
    SCREEN_OTHER_COMPANY, /* not-old-issuer, bad-signature or unknown-certificate */
    SCREEN_NOT_ELIGIBLE,
    SCREEN_NOT_OPEN,
    SCREEN_ASSISTED_ONLY, /* open today with an assist code only ... */
    SCREEN_SELF_ONLY,     /* ... or without one only */
    SCREEN_HALTED,
    SCREEN_HELD,
    SCREEN_CONFIRM,
    SCREEN_RESUME, /* begun earlier, or issued but not on this token */
    SCREEN_PIN,
    SCREEN_PIN_PAD,
    SCREEN_PIN_LENGTH,
    SCREEN_PIN_CHARACTERS,
    SCREEN_PIN_WRONG,
    SCREEN_PIN_LAST, /* asks whether the last try is to be spent */
    SCREEN_PIN_LOCKED,
    SCREEN_PIN_MAYBE, /* perhaps: the token does not say */
    SCREEN_PIN_CHANGE,
    SCREEN_WAITING,
    SCREEN_REQUEST,
    SCREEN_PAD_NOW, /* the PIN is to be typed on the token */
    SCREEN_SIGN,
    SCREEN_WRITE,
    SCREEN_TELL, /* certConf */
    SCREEN_TOKEN_GONE,
    SCREEN_TOKEN_FULL,
    SCREEN_TOKEN_FAILED,
    SCREEN_TAKEN, /* by another capbu */
    SCREEN_NO_KEY,
    SCREEN_AWAY,
    SCREEN_PROXY,
    SCREEN_CLOCK,
    SCREEN_TRUST,
    SCREEN_BUSY,
    SCREEN_TOO_OLD,
    SCREEN_ASSIST,        /* the code does not do, and none is needed ... */
    SCREEN_ASSIST_NEEDED, /* ... or one is */
    SCREEN_REFUSED,
    SCREEN_BUG,
    SCREEN_CANCELLED,
    SCREEN_DONE,
    SCREEN_ALREADY_DONE,
    SCREEN_CLEAN_ASK, /* the old certificate may leave the token (R5.11); its words and those below: flow_clean.c */
    SCREEN_CLEAN_PIN,
    SCREEN_CLEANING,
    SCREEN_CLEANED,
    SCREEN_CLEAN_FAILED,
    SCREEN_COUNT
};
