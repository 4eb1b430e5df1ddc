/* One run of the page: everything the worker knows. Used by the worker thread only. */
#pragma once

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
    size_t odd_len; /* of what was typed last, when the token tells another length; typed again it is tried */
    int resumes;    /* with that PIN */
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

/* `h`: whom to ask and how; its line is used by this run alone from now on. */
MUST enum rc ui_run_open(const struct options *o, const struct http *h, struct ui_state *state, struct ui_run *out);
void ui_run_free(struct ui_run *r);

enum screen ui_run_screen(const struct ui_run *r);

/* Another support code: a run begins, or begins anew. */
void ui_support(struct ui_run *r);
/* A line of the trail (trail.h). */
void ui_note(struct ui_run *r, const char *step, CK_RV rv, const char *reason);
void ui_why(struct ui_run *r);                    /* keeps err_text for the details */
void ui_lang(struct ui_run *r, const char *name); /* "en", else Vietnamese */

/* What the present screen offers, as far as it is allowed. */
unsigned ui_actions(const struct ui_run *r);

/* The certificate that this run is about. */
void ui_choose(struct ui_run *r, const struct survey_item *i);
bool ui_is_chosen(const struct ui_run *r, const struct survey_item *i); /* also before it was found again */
