/* The guided run as data: which screen a person sees, as a pure function of what is known. No I/O, no clock. */
#pragma once

#include "client/flow/enrol.h"
#include "client/token/pin.h"

enum screen {
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

enum flow_action { /* buttons; a set of bits */
                   ACTION_RETRY = 1,
                   ACTION_CHOOSE = 2,
                   ACTION_AGREE = 4,
                   ACTION_PIN = 8,
                   ACTION_LAST_TRY = 16,
                   ACTION_CANCEL = 32,
                   ACTION_RESTART = 64,
                   ACTION_ASSIST = 128,
                   ACTION_CLEAN = 256,
                   ACTION_PROXY = 512
};

enum flow_mood { MOOD_WORK, MOOD_ASK, MOOD_INFO, MOOD_STOP, MOOD_DONE };
enum flow_server { SERVER_UNASKED, SERVER_ASKED, SERVER_FAILED };

struct flow_facts {
    bool looked; /* the first look at drivers and tokens is over */
    int drivers, drivers_failed, tokens, tokens_failed, certificates;
    int bare, empty; /* tokens that show a key and no certificate; that show neither */
    bool usb_token;  /* the system sees a smart-card device */
    enum flow_server server;
    int due, due_tokens, done, later, other_way, held, refused;
    bool too_old, assisted;         /* this program, for what is due; an assist code was given */
    bool foreign, halted;           /* of the refused: not our customer's certificate; of the later: halted */
    bool chosen, unfinished, alone; /* the one certificate of this run: begun earlier; open without a code, too */
    bool agreed;                    /* data confirmed, consent given (R5.10) */
    struct p11_token token;         /* the chosen one's state */
    bool last_try_accepted;         /* the person wants the last try spent */
    enum pin_fault pin_fault;       /* of what was typed last */
    bool may_clean;                 /* policy and server let an old certificate go */
    bool cleaning, clean_agreed;    /* that is what this run is about now; the person has said so twice */
    bool working, waiting;          /* an attempt is under way; in the queue */
    enum enrol_step step;
    enum outcome outcome; /* of the last look or attempt, OUTCOME_COUNT: none */
};

enum screen flow_screen(const struct flow_facts *f);

/* What does not depend on the case at hand. `lang` picks the texts; never NULL. */
struct flow_view {
    const char *code; /* stable, kebab-case */
    enum flow_mood mood;
    int stage;        /* 1 token, 2 data, 3 PIN, 4 writing, 5 done */
    unsigned actions; /* enum flow_action */
    bool keep;        /* the token must stay in */
    bool polls;       /* looks by itself whether the token came, went or came back */
    bool asks_again;  /* tries the server again by itself */
    const char *title, *text, *next;
};
struct flow_view flow_view(enum screen s, enum lang lang);
const char *flow_mood_name(enum flow_mood m);
