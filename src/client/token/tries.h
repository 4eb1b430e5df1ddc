/* What a token last said of its PIN. Some modules tell the tries left only right after a wrong PIN and forget with the
   process (seen: OpenSC 0.23 on cards whose driver cannot ask for the state): the next run must know it all the same.
 */
#pragma once

#include "p11/token.h"
#include "pki/cert/cert.h"

/* After a login that was refused (`rv`): asks the token what is left and remembers it for later runs. RC_PIN_LOCKED
   when that was the last try, else RC_PIN_WRONG; never RC_OK. What is remembered is bound to the key of `cert`, a
   certificate on the token: there are tokens that all have the same serial number. */
MUST enum rc tries_after_wrong(struct p11_token *t, const struct cert *cert, CK_RV rv);

/* Sets pin_count_low, pin_final_try and pin_doubtful as remembered, unless the token itself says how it stands. A
   locked PIN is not remembered: it may have been unlocked since, and the card refuses by itself. */
void tries_recall(struct p11_token *t, const struct cert *cert);

void tries_forget(const struct cert *cert); /* the PIN was right */
