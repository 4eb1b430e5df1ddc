/* Ends the page when the process is to end (process.h); and the program when its page was closed and the worker does
   not come back: some drivers never return from a call. What was under way is taken up by the next run, as after any
   other death. */
#pragma once

#include "client/ui/ui_state.h"

#define UI_GUARD_MS 30000 /* for a write that was under way when the page was closed, and for the driver's own end */

struct ui_guard;

/* `door`: a file that goes with the program, "" none; it and `state` outlive the guard. */
MUST enum rc ui_guard_new(struct ui_state *state, const char *door, struct ui_guard **out);
void ui_guard_free(struct ui_guard *g);
OWN(ui_guard)
