/* Where the page's HTTP threads and the one worker meet: the last published state, the commands of the person, and
   whether anybody is still looking. Thread-safe. */
#pragma once

#include "base/secret.h"
#include "client/options.h"

enum ui_kind {
    UI_LANG,   /* text: vi en */
    UI_MARK,   /* text: an item of the checklist; flag: ticked */
    UI_CHOOSE, /* text: a serial */
    UI_AGREE,  /* text: the assist code, "" none */
    UI_PIN,
    UI_LAST_TRY,
    UI_RETRY,
    UI_CANCEL,
    UI_RESTART,
    UI_CLEAN, /* the old certificate is to go; a second time: really */
    UI_PROXY  /* text: its address; name: of the login, pin: its password */
};

struct ui_command {
    enum ui_kind kind;
    long seq; /* of the state the person saw when giving it */
    char text[256];
    char name[128];
    bool flag;
    struct secret pin;
};
void ui_command_free(struct ui_command *c);

struct ui_state;

MUST enum rc ui_state_new(struct ui_state **out);
void ui_state_free(struct ui_state *s);
OWN(ui_state)

/* The worker's side. `json`: an object's members without braces; replaces what was there. */
MUST enum rc ui_state_publish(struct ui_state *s, const char *json);
/* Waits up to `ms` for a command; true: `out` has one (the caller frees it). */
bool ui_state_take(struct ui_state *s, int ms, struct ui_command *out);
/* Ends the worker's present wait, or its next one: there is something to look at. From any thread. */
void ui_state_poke(struct ui_state *s);
/* Nobody has asked for a while: the page was closed, or never opened. */
bool ui_state_abandoned(struct ui_state *s);
/* Ends every wait, for good. */
void ui_state_end(struct ui_state *s);

/* The HTTP threads' side: the state after number `after`, at the latest in `ms`. `gone` is asked now and then whether
   the one who waits has hung up, as a page does that is closed or dies; NULL: nobody asks. */
MUST enum rc ui_state_wait(struct ui_state *s, long after, int ms, bool (*gone)(void *arg), void *arg, struct buf *out);
/* Takes the command over. RC_BUSY: it answers a state that is past, or one that was answered already; so a double click
   never spends two PIN tries. Language and marks always fit. */
MUST enum rc ui_state_post(struct ui_state *s, struct ui_command *c);
/* The page says it is being left; a reload comes back at once. */
void ui_state_leave(struct ui_state *s);
