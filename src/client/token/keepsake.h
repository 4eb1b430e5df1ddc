/* A copy of an old certificate that had to leave its full token before the new one came (FULL_DELETE_FIRST): should the
   power go just then, the next run on this computer finds by it which certificate the token's key belongs to. Bound to
   the key: there are tokens that all have the same serial number. */
#pragma once

#include "p11/object.h"
#include "pki/cert/cert.h"

/* Durable when it returns RC_OK. One for a key; a later one takes its place. */
MUST enum rc keepsake_put(const struct p11_token *t, const struct p11_cert *old);

/* Takes over what is kept of a token (handle 0): of the `keys` that it shows, or, where it shows none before the login,
   of whatever calls itself so. `take` may move the certificate away. Those of earlier versions are found too. */
void keepsake_each(const struct p11_token *t, const struct p11_key *keys, size_t key_count,
                   void (*take)(void *arg, struct p11_cert *kept), void *arg);

void keepsake_remove(const struct p11_token *t, const struct cert *old);
