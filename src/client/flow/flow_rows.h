/* One row of the page's texts: what a screen is and says; shared by the files that hold the rows
 * (client/flow/flow_*.c). */
#pragma once

#include "client/flow/flow.h"

struct flow_words {
    const char *title, *text, *next;
};

struct flow_row {
    const char *code;
    enum flow_mood mood;
    int stage;
    unsigned actions;
    bool keep, polls, asks_again;
    struct flow_words in[2]; /* by enum lang */
};

extern const struct flow_row flow_look_rows[];  /* before SCREEN_PIN */
extern const struct flow_row flow_work_rows[];  /* from SCREEN_PIN on */
extern const struct flow_row flow_clean_rows[]; /* from SCREEN_CLEAN_ASK on */
