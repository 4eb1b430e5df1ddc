/* The PIN's guards: what is known before it costs a try. */
#pragma once

#include "p11/token.h"

/* May a try be spent on this token at all? RC_PIN_LOCKED when it is locked, or when one try is left and `last_try` was
 * not given. */
MUST enum rc pin_allowed(const struct p11_token *t, bool last_try);

/* The rule alone: may these bytes be tried? */
enum pin_fault { PIN_FINE, PIN_BAD_LENGTH, PIN_BAD_CHARACTERS };
enum pin_fault pin_check(const struct p11_token *t, struct span pin);

/* One that tokens are sold with: works, and should be changed. */
bool pin_is_factory(struct span pin);
