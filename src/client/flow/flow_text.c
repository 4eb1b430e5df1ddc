/* What a screen says, and plainly what to do next: finds its row among those of flow_look.c, flow_work.c, flow_clean.c.
 */
#include "client/flow/flow_rows.h"

static const struct flow_row *row_of(enum screen s) {
    if (s >= SCREEN_COUNT)
        s = SCREEN_BUG;
    if (s < SCREEN_PIN)
        return &flow_look_rows[s];
    return s < SCREEN_CLEAN_ASK ? &flow_work_rows[s - SCREEN_PIN] : &flow_clean_rows[s - SCREEN_CLEAN_ASK];
}

struct flow_view flow_view(enum screen s, enum lang lang) {
    const struct flow_row *r = row_of(s);
    const struct flow_words *w = &r->in[lang];

    return (struct flow_view){r->code,  r->mood,       r->stage, r->actions, r->keep,
                              r->polls, r->asks_again, w->title, w->text,    w->next};
}
