/* What the page says helps when token or driver failed: the table of client/flow/advice.h in place of a screen's own
   words. */
#pragma once

#include "base/jsonw.h"
#include "client/ui/ui_run.h"

/* The screen's `next` as the failure wants it; others stay as they are. */
void ui_advice_view(const struct ui_run *r, enum screen s, struct flow_view *v);

/* "advice": what happened, and the names of what helps and of what a try cost; null where it is none of the token's. */
void ui_advice_put(struct jsonw *w, const struct ui_run *r, enum screen s);
