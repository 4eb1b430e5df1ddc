/* A simulated token for tests: SoftHSM2 with its configuration and tokens in a temporary folder, gone at the end. */
#pragma once

#include "base/fs.h"
#include "p11/object.h"

#define SOFTHSM_SO_PIN "12345678"

struct softhsm {
    char dir[PATH_CAP]; /* "": not open */
    struct p11_module module;
};

/* The real module: $CAPBU_SOFTHSM, else Debian's place. */
const char *softhsm_path(void);

/* Makes the folder, sets SOFTHSM2_CONF in this process and loads `module_path` (NULL: softhsm_path(); a shim is told
   the real module by SHIM_MODULE). RC_NOT_FOUND: SoftHSM is not installed, skip the test. */
MUST enum rc softhsm_open(struct softhsm *h, const char *module_path);
void softhsm_free(struct softhsm *h);

/* Only the folder and SOFTHSM2_CONF, for tests whose programs load the module themselves. */
MUST enum rc softhsm_dir(struct softhsm *h);

/* Unloads the module and loads `module_path` instead: the tokens stay. */
MUST enum rc softhsm_reload(struct softhsm *h, const char *module_path);

/* C_InitToken and C_InitPIN on a free slot. */
MUST enum rc softhsm_token(struct softhsm *h, const char *label, const char *pin, struct p11_token *out);
MUST enum rc softhsm_find(const struct softhsm *h, const char *label, struct p11_token *out);

/* A writable session, logged in. */
MUST enum rc softhsm_login(const struct p11_token *t, const char *pin, struct p11_session *s);

/* Key pairs as token objects with that CKA_ID: made on the token, or from PKCS#1 / PKCS#8 DER. */
MUST enum rc softhsm_make_rsa(const struct p11_session *s, unsigned bits, struct span id, const char *label);
MUST enum rc softhsm_make_p256(const struct p11_session *s, struct span id, const char *label);
MUST enum rc softhsm_put_rsa(const struct p11_session *s, struct span private_key_der, struct span id,
                             const char *label);

/* A certificate object. What is not DER of a certificate is stored with made-up names. */
MUST enum rc softhsm_put_cert(const struct p11_session *s, struct span der, struct span id, const char *label);
