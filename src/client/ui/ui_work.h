/* The page's attempt at a renewal or a removal. */
#pragma once

#include "client/ui/ui_run.h"

/* One attempt with r->pin, to its end. */
void ui_work(struct ui_run *r);
