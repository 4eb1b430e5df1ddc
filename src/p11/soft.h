/* Makes software tokens for drills and tests: initialises a free slot, sets the PIN, generates keys. Never used on a
 * subscriber's token. */
#pragma once

#include "p11/object.h"

/* The token with that label; NULL: the first slot that is not initialised. RC_NOT_FOUND. */
MUST enum rc soft_find(const struct p11_module *m, const char *label, struct p11_token *out);

/* Initialises the module's next free slot. RC_EXISTS: there is a token of that label. */
MUST enum rc soft_token(const struct p11_module *m, const char *label, struct span pin, struct p11_token *out);

/* A key pair as token objects, the private half sensitive. `parameter` is CKA_MODULUS_BITS or CKA_EC_PARAMS. */
MUST enum rc soft_pair(const struct p11_session *s, CK_MECHANISM_TYPE mechanism, CK_ATTRIBUTE parameter, struct span id,
                       const char *label);
MUST enum rc soft_rsa(const struct p11_session *s, unsigned bits, struct span id, const char *label);
