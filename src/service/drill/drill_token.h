/* A drill's software tokens: initialised, with a fresh key pair and a certificate, through any PKCS#11 module that lets
 * us. */
#pragma once

#include "p11/object.h"

/* A session on a new token, logged in; the module's next free slot is initialised. */
MUST enum rc drill_token_make(const struct p11_module *m, const char *label, struct span pin, struct p11_session *s);

/* A new RSA key pair on it; *key gets its public half. */
MUST enum rc drill_token_key(const struct p11_session *s, int bits, struct span id, const char *label,
                             struct p11_key *key);

/* The certificate beside the key, with all attributes. */
MUST enum rc drill_token_cert(const struct p11_session *s, struct span der, struct span id, const char *label);
