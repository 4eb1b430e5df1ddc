/* A token that shows its certificates after the PIN only. */
#pragma once

#include "base/secret.h"
#include "client/term/cmd.h"

/* Where one token is shut, and somebody gives its PIN: looks into it, and asks the server anew. `pin` has the PIN then.
   EXIT_DONE, also when there is nothing to open or nobody to ask; else it is said why. */
enum exit_status unlock(const struct options *o, struct http *h, struct survey *s, struct secret *pin);
