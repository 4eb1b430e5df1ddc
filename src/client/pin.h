/* The PIN: asked for late, checked before it costs a try, kept in locked memory and nowhere else. */
#pragma once

#include "base/secret.h"
#include "client/options.h"
#include "p11/token.h"

/* May a try be spent on this token at all? RC_PIN_LOCKED when it is locked, or when one try is left and `last_try` was
 * not given. */
MUST enum rc pin_allowed(const struct p11_token *t, bool last_try);

/* The PIN from --pin-file, --pin-stdin or the terminal (no echo), checked against the token's own limits. RC_PIN_WRONG:
   length or characters cannot be right, nothing was tried; the text for the person is said already. RC_USAGE: there is
   nowhere to ask. */
MUST enum rc pin_take(const struct options *o, const struct p11_token *t, struct secret *pin);

/* The rule alone: may these bytes be tried? */
enum pin_fault { PIN_FINE, PIN_BAD_LENGTH, PIN_BAD_CHARACTERS };
enum pin_fault pin_check(const struct p11_token *t, struct span pin);
