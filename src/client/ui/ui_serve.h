/* The page's worker, on top of all it can do. */
#pragma once

#include "client/ui/ui_run.h"

/* Works until the page is closed. */
MUST enum rc ui_serve(struct ui_run *r);
