/* The page's look: what is plugged in, and what the server says of it. */
#pragma once

#include "client/ui/ui_run.h"

/* Everything anew, from the tokens on; what the person said of a certificate that is still there stays said, but for
   the wish to spend the last try: that is asked again. */
void ui_look(struct ui_run *r);
