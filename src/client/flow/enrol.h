/* One renewal, from consent to certConf: the only room that spends a PIN try and writes to a token. It prints nothing
   and asks through hooks, so that the terminal and the page drive the same steps. */
#pragma once

#include "base/secret.h"
#include "client/flow/outcome.h"
#include "client/flow/survey.h"
#include "pki/cmp/cmp_keep.h"

enum enrol_step { ENROL_REQUEST, ENROL_SIGN, ENROL_WRITE, ENROL_CONFIRM };

const char *enrol_step_name(enum enrol_step step); /* "request" "sign" "write" "confirm" */

struct enrol_hooks {
    /* Gives the PIN to try, once. RC_PIN_WRONG: what was typed cannot be right (nothing is tried). RC_USAGE: there is
       nowhere to ask. Not called for a token with a PIN pad. */
    enum rc (*pin)(void *arg, const struct p11_token *token, struct secret *pin);
    void (*step)(void *arg, enum enrol_step step);
    /* In the queue: waits `seconds`, while it is some `about` until our turn; false: the person has had enough. */
    bool (*waiting)(void *arg, int64_t position, int64_t about, int64_t seconds);
    void *arg;
    /* NULL, or: from now on the token waits for the PIN to be typed on its own pad. */
    void (*pad)(void *arg, const struct p11_token *token);
};

struct enrol { /* zero-initialise, then set the first six */
    const struct survey_item *item;
    struct http *http;
    const char *assist; /* NULL: self-care */
    bool last_try;      /* spend the last PIN try */
    const struct enrol_hooks *hooks;
    enum lang lang;        /* that the consent was shown in */
    struct span known_pin; /* the token took it just now, so it is not asked for again; ptr NULL: ask */
    char ticket[80];       /* the place in the queue: give it to the next attempt */
    struct buf new_cert;   /* DER, as soon as it is issued */
    struct cmp_keep keep;  /* of enrol_receipt */
    char code[API_CODE];   /* the server's reason code when it refused */
    bool pin_tried;        /* the token was asked: whatever it answered, the PIN may have cost a try */
    bool pin_right;        /* the token took the PIN */
    bool pin_factory;      /* and it is one that tokens are sold with */
    enum outcome outcome;
    CK_RV rv; /* the token's last bad answer, CKR_OK when none */
};
void enrol_free(struct enrol *e);

/* RC_OK: the new certificate is on the token and confirmed. Every failure leaves the old certificate usable, and
   running again goes on from where this run stopped; `outcome` says what it means, err_text the details. RC_PIN_WRONG
   and RC_PIN_LOCKED: nothing was written. RC_TOKEN: not written. RC_NETWORK, RC_BUSY: server away, or (outcome) another
   capbu at work on the token. RC_REFUSED: the server said no, or the person cancelled (outcome). RC_NOT_FOUND: the
   private key is not on this token, or another token is in its place. RC_USAGE: nowhere to ask for the PIN. */
MUST enum rc enrol_run(struct enrol *e);

/* Removes the old certificate from the token (R5.11); the caller has asked policy and server. Same codes;
   RC_REFUSED, RC_CRYPTO: the new one is not fit to stay alone. */
MUST enum rc enrol_clean(struct enrol *e);

/* Has the receipt given once more, to the key of the certificate that is there: `keep` has it, and is empty when the
   server has none. Same codes. */
MUST enum rc enrol_receipt(struct enrol *e);
