/* A copy of an old certificate that had to leave its full token before the new one came (FULL_DELETE_FIRST): should the
   power go just then, the next run on this computer finds by it which certificate the token's key belongs to. */
#pragma once

#include "p11/object.h"

/* Durable when it returns RC_OK. One for a token; a later one takes its place. */
MUST enum rc keepsake_put(const struct p11_token *t, const struct p11_cert *old);

/* What is kept of this token, with handle 0. RC_NOT_FOUND. The caller frees it. */
MUST enum rc keepsake_get(const struct p11_token *t, struct p11_cert *out);

void keepsake_remove(const struct p11_token *t);
