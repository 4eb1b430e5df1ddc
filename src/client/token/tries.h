/* What a token last said of its PIN. Some modules tell the tries left only right after a wrong PIN and forget with the
   process (seen: OpenSC 0.23 on cards whose driver cannot ask for the state): the next run must know it all the same.
 */
#pragma once

#include "p11/token.h"

/* After a wrong PIN: asks the token what is left and remembers it for later runs. RC_PIN_LOCKED when that was the last
   try, else RC_PIN_WRONG; never RC_OK. */
MUST enum rc tries_after_wrong(struct p11_token *t);

/* Sets pin_count_low and pin_final_try as remembered, unless the token itself says how it stands. A locked PIN is not
   remembered: it may have been unlocked since, and the card refuses by itself. */
void tries_recall(struct p11_token *t);

void tries_forget(const struct p11_token *t); /* the PIN was right */
