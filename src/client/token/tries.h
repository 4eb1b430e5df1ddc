/* What a token last said of its PIN. Some modules tell the tries left only right after a wrong PIN and forget with the
   process (seen: OpenSC 0.23 on cards whose driver cannot ask for the state): the next run must know it all the same.
 */
#pragma once

#include "p11/token.h"
#include "pki/cert/cert.h"

struct tries_of { /* what is remembered is bound to this */
    struct span first, second;
};

/* To the key of a certificate on the token: there are tokens that all have the same serial number. */
static inline struct tries_of tries_of_key(const struct cert *c) {
    return (struct tries_of){c->modulus, c->point};
}

/* Where no certificate is seen yet: to all that the token tells of itself. A view into `t`. */
static inline struct tries_of tries_of_token(const struct p11_token *t) {
    return (struct tries_of){span_str(t->serial), span_str(t->label)};
}

/* After a login that was refused (`rv`): asks the token what is left and remembers it for later runs. RC_PIN_LOCKED
   when that was the last try, else RC_PIN_WRONG; never RC_OK. */
MUST enum rc tries_after_wrong(struct p11_token *t, struct tries_of of, CK_RV rv);

/* Sets pin_count_low, pin_final_try and pin_doubtful as remembered, unless the token itself says how it stands. A
   locked PIN is not remembered: it may have been unlocked since, and the card refuses by itself. */
void tries_recall(struct p11_token *t, struct tries_of of);

void tries_forget(struct tries_of of); /* the PIN was right */
