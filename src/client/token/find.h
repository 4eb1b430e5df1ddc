/* What is plugged in: every token and certificate that any module shows, paired with its key, without a PIN. */
#pragma once

#include "client/token/places.h"
#include "p11/object.h"
#include "pki/cert/cert.h"

#define FIND_TOKENS_MAX     1024 /* over all modules */
#define FIND_CANDIDATES_MAX 4096

struct find_module {
    struct p11_module module;
    char failed[256]; /* why it is left out; "" when it works */
};

struct find_token {
    struct p11_token token;           /* initialised ones only */
    bool twin;                        /* another module shows the same token, and all that this one shows */
    size_t good;                      /* certificates that could be read */
    int unreadable;                   /* certificates that the token does not give, or that are none */
    bool shut;                        /* it shows its objects, or its certificates, after the login only */
    const struct device_model *model; /* NULL: unknown; survey.h sets it */
    size_t keys, certs;               /* public keys and certificates it shows without login */
    char failed[256];                 /* why its objects could not be listed, else "" */
};

struct find_candidate {
    const struct find_token *at;
    struct cert cert; /* views into `der` */
    struct buf der;
    char label[128];
    uint8_t id[CKA_ID_MAX]; /* the certificate object's CKA_ID */
    size_t id_len;
    bool key_seen; /* its public key is on the token. Without login the absence of one proves nothing: many tokens show
                      the private key only, and that only after login */
    uint8_t key_id[CKA_ID_MAX]; /* that key's CKA_ID, else the certificate's: a hint */
    size_t key_id_len;
};

struct find { /* zero-initialised is empty; everything points into it, so it must not be copied */
    struct find_module *modules;
    size_t module_count;
    struct find_token *tokens;
    size_t token_count;
    struct find_candidate *candidates;
    size_t candidate_count;
};
void find_free(struct find *f); /* closes the modules too */

/* Walks all modules. One that does not load, a token that does not answer and a certificate that is none are noted and
   stop nothing. A certificate seen through two modules, or twice on one token, is one candidate, by the module that
   shows its key. CA certificates are listed too (cert.facts.ca). RC_LIMIT: more than all this can hold. */
MUST enum rc find_run(const struct places *places, struct find *out);

/* Looks into a token that is `shut`, with its PIN: one C_Login. What it shows then is added; candidates may move. Codes
   as p11_login's; RC_LIMIT. */
MUST enum rc find_unlock(struct find *f, struct find_token *t, struct span pin);
