/* A subscriber's simulated token, reached through the fault shim: a key, the old certificate, and a new one not yet
   written. */
#pragma once

#include "lib/must.h"
#include "lib/softhsm.h"
#include "pki/ca/mint.h"

#define CARD_PIN   "8gK-grep-me"
#define CARD_LABEL "CTY TNHH Mẫu"
#define SPAN(a)    span_of(a, sizeof(a))

struct card {
    struct softhsm h;
    struct p11_token token;
    struct buf old_der, new_der;
    char log[PATH_CAP], state[PATH_CAP]; /* files in h.dir */
};
void card_free(struct card *c);

extern const uint8_t card_key_id[3];

/* Makes the CAs once for all tests of a program; cmocka group set-up. */
int card_cas(void **state);
int card_cas_end(void **state);
struct span card_ca(bool new_ca); /* DER */

/* Skips the test when SoftHSM is not installed. `ec`: a P-256 key. */
void card_open(struct card *c, bool ec);

/* A subscriber certificate of the old or the new CA for the token's key. */
void card_mint(const struct card *c, bool by_new_ca, uint8_t serial, struct buf *der);

/* What the programme issues for the old certificate: SHA-256, same subject and key. */
void card_renew(const struct card *c, struct buf *der);

/* What is on the token, seen without any fault by a fresh session. */
struct card_sees {
    size_t certs, old_certs, new_certs;
    struct p11_cert fresh; /* the new certificate; der empty */
    bool signs;            /* the key under the old certificate's public key */
};
void card_look(const struct card *c, struct card_sees *out);

/* As after pulling it out: no session, no login. */
void card_pull(const struct card *c);

/* Lines of the shim's log that begin a call of `function`. */
size_t card_calls(const struct card *c, const char *function);
