/* One run of the page: everything the worker knows, and what it can do. Used by the worker thread only. */
#pragma once

#include "base/digest.h"
#include "base/support_code.h"
#include "client/flow/cause.h"
#include "client/flow/flow.h"
#include "client/flow/receipts.h"
#include "client/token/plugs.h"
#include "client/ui/ui_state.h"

#define UI_SERIAL 48

struct ui_run {
    const struct options *options;
    struct ui_state *state;
    enum lang lang;
    struct http http;
    char support[SUPPORT_CODE_TEXT];
    struct survey survey;
    struct flow_facts facts;
    const struct survey_item *item; /* inside `survey`; NULL: none chosen */
    char chosen[UI_SERIAL];         /* its serial, kept when the token goes; "" none */
    char chosen_token[33];          /* and its token's */
    char agreed[UI_SERIAL];         /* whose data were confirmed */
    char assist[ASSIST_MAX + 1];    /* "" self-care */
    char ticket[80];
    struct secret pin; /* kept while an attempt that it may finish is interrupted */
    int64_t pin_until;
    int resumes; /* with that PIN */
    bool pin_factory;
    struct buf new_cert;      /* DER, once done */
    char after[UI_SERIAL];    /* the renewal that ui_after has looked after; "" none */
    struct receipt receipt;   /* of it, when there is one */
    char cleaning[UI_SERIAL]; /* the old certificate that is to go, "" none */
    bool clean_agreed;
    bool marked;               /* marks were ticked that the server does not know */
    char hotline[API_HOTLINE]; /* as the server told last */
    char why[CAUSE_TEXT];      /* err_text of the last failure: told in the language of the moment */
    char code[API_CODE];       /* the server's code of it */
    int64_t position, seconds;
    int again_s; /* seconds to the next question by itself, 0: none */
    struct plugs plugs;
};

MUST enum rc ui_run_open(const struct options *o, struct ui_state *state, struct ui_run *out);
void ui_run_free(struct ui_run *r);

enum screen ui_run_screen(const struct ui_run *r);

/* Works until the page is closed. */
MUST enum rc ui_run_serve(struct ui_run *r);

/* The parts of a run, for each other. */

/* Shows the present state (ui_view.c). One that cannot be told is no reason to stop: the next one will be. */
void ui_publish(struct ui_run *r);
/* A line of the trail (trail.h). */
void ui_note(struct ui_run *r, const char *step, CK_RV rv, const char *reason);
void ui_why(struct ui_run *r);                    /* keeps err_text for the details */
void ui_lang(struct ui_run *r, const char *name); /* "en", else Vietnamese */

/* Everything anew, from the tokens on; what the person said of a certificate that is still there stays said
   (ui_look.c). */
void ui_look(struct ui_run *r);
void ui_choose(struct ui_run *r, const struct survey_item *i);

/* The new certificate whose checklist is shown, and its serial; false: none (ui_after.c). */
bool ui_done_cert(const struct ui_run *r, struct cert *out);
bool ui_done_serial(const struct ui_run *r, char out[UI_SERIAL]);
/* On a screen that says "done": the receipt is found, marks are told; `quiet`: the person pauses. */
void ui_after(struct ui_run *r, bool quiet);
void ui_mark(struct ui_run *r, const char *item, bool done);

/* What the present screen offers, as far as it is allowed. The rest of ui_clean.c: the wish or the word to remove the
   old certificate, whether it can be seen, and that it is over. */
unsigned ui_actions(const struct ui_run *r);
void ui_clean(struct ui_run *r);
void ui_clean_look(struct ui_run *r);
void ui_clean_forget(struct ui_run *r);
void ui_cleaned(struct ui_run *r);

/* One attempt with r->pin, to its end (ui_work.c). */
void ui_work(struct ui_run *r);
