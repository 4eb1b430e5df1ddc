/* What this machine's runs did: a short file of steps for `capbu diag`. Never a PIN, key, name or number of a person.
 */
#pragma once

#include "p11/module.h"

/* Adds a line "TIME CODE STEP OUTCOME CKR_… reasons", keeping the newest only; a convenience, so it cannot fail.
   `step`, `outcome` ("-": not known yet) and `reason` are words of ours or of the server's list. Each support code that
   a person is shown must be in a line, for the hotline asks for it. */
void trail_add(const char *support, const char *step, const char *outcome, CK_RV rv, const char *reason);

/* Appends the lines. RC_NOT_FOUND: there are none. */
MUST enum rc trail_get(struct buf *out);
