/* The subscriber's consent inside the signed request (R5.10): what was agreed to, when, and whose help it comes by. In
   generalInfo under OID_CONSENT; the form is told in doc/protocol.md. */
#pragma once

#include "pki/cmp/cmp_msg.h"

struct cmp_consent {
    bool given;
    int64_t number;            /* of the text, from a client that says no more; 0: text_id says which */
    char text_id[33], lang[3]; /* rules/consent_text.h; "vi" or "en" */
    int64_t at;                /* when it was given, by the client's word; INSTANT_NONE with `number` */
    char client_version[33], device_model[65];
    char ticket[80], assist[33]; /* begin's, and an account manager's; "" for none */
};

/* Not given when the message has none. RC_INPUT with what is wrong with one that it has. */
MUST enum rc cmp_consent_get(const struct cmp_msg *m, struct cmp_consent *out);

/* The value to put into generalInfo, DER. */
MUST enum rc cmp_consent_write(const struct cmp_consent *c, struct buf *out);
