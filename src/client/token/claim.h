/* One capbu at a time on a token: between listing it and writing to it nobody else of ours may come in. */
#pragma once

#include "p11/token.h"
#include "pki/cert/cert.h"

/* Holds the key of `c` on the token against other processes of this person until `fd` is closed. By the key, for there
   are tokens that all have the same serial number. RC_BUSY: another one has it. A machine on which nothing can be kept
   has no claims: RC_OK, and `fd` stays -1. */
MUST enum rc claim_take(const struct p11_token *t, const struct cert *c, int *fd);
