/* The guided run as data: which screen a person sees, as a pure function of what is known. No I/O, no clock. */
#pragma once

#include "client/flow/enrol.h"
#include "client/flow/screen.h"
#include "client/token/pin.h"

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
    bool no_server; /* there is nobody to ask */
    bool looked;    /* the first look at drivers and tokens is over */
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

/* What does not depend on the case at hand. `lang` picks the texts; never NULL; flow_fill.h fills their gaps. */
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
