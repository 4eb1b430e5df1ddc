/* One renewal, from consent to certConf: the only room that spends a PIN try and writes to a token. */
#pragma once

#include "client/options.h"
#include "client/survey.h"

/* RC_OK: the new certificate is on the token and confirmed. `new_cert` (empty at first) gets its DER as soon as it is
   issued. Every failure leaves the old certificate usable, and running again goes on from where this run stopped:
   RC_PIN_WRONG/RC_PIN_LOCKED: nothing was sent. RC_TOKEN: not written. RC_NETWORK/RC_BUSY: server away. RC_REFUSED: the
   server said no; `code` then has its reason code. RC_NOT_FOUND: the private key is not on this token. RC_USAGE:
   nowhere to ask for the PIN. */
MUST enum rc enrol_run(const struct options *o, struct http *h, const struct survey_item *item, struct buf *new_cert,
                       char code[API_CODE]);

/* Removes the old certificate from the token (R5.11); the caller has asked policy and server. Same codes. */
MUST enum rc enrol_clean(const struct options *o, const struct survey_item *item);
