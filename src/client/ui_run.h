/* One run of the page: everything the worker knows, and what it can do. Used by the worker thread only. */
#pragma once

#include "base/digest.h"
#include "base/support_code.h"
#include "client/flow.h"
#include "client/places.h"
#include "client/ui_state.h"

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
    char assist[64];                /* "" self-care */
    char ticket[80];
    struct secret pin; /* kept while an attempt that it may finish is interrupted */
    int64_t pin_until;
    int resumes; /* with that PIN */
    bool pin_factory;
    struct buf new_cert; /* DER, once done */
    char hotline[64];    /* as the server told last */
    char detail[512];    /* the raw text of the last failure */
    char code[API_CODE]; /* the server's code of it */
    int64_t position, seconds;
    int again_s;                        /* seconds to the next question by itself, 0: none */
    struct sha256 plugged;              /* what is plugged in, as last seen */
    struct p11_module held[PLACES_MAX]; /* kept open: modules misbehave when they are initialised again and again */
    int held_count;
};

MUST enum rc ui_run_open(const struct options *o, struct ui_state *state, struct ui_run *out);
void ui_run_free(struct ui_run *r);

enum screen ui_run_screen(const struct ui_run *r);

/* Works until the page is closed. */
MUST enum rc ui_run_serve(struct ui_run *r);

/* The present state for the page (ui_view.c). */
MUST enum rc ui_view_publish(struct ui_run *r);
