/* What the page does once a renewal is done. */
#pragma once

#include "client/ui/ui_run.h"

/* On a screen that says "done": the receipt is found, marks are told; `quiet`: the person pauses. */
void ui_after(struct ui_run *r, bool quiet);
/* A mark of the checklist was ticked or taken back. */
void ui_mark(struct ui_run *r, const char *item, bool done);
