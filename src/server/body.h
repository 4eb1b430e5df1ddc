/* The JSON bodies that callers send, as plain structs. */
#pragma once

#include "base/buf.h"
#include "server/queue.h"
#include "store/issue.h"

#define CERT_BODY_MAX 8192 /* bytes of DER in "certificate", as pki/cert/cert.h's CERT_LIMIT */

struct check_body { /* POST /api/v1/check */
    struct buf certificate;
};
void check_body_free(struct check_body *b);
MUST enum rc check_body_parse(struct span text, struct check_body *out);

struct after_body { /* POST /api/v1/receipt, and with `marks` POST /api/v1/marks */
    struct buf certificate;
    char secret[2 * ISSUE_SECRET_LEN + 1]; /* "": none */
    uint32_t marks;                        /* bits of rules/mark.h */
};
void after_body_free(struct after_body *b);
MUST enum rc after_body_parse(struct span text, bool with_marks, struct after_body *out);

/* What tells the model of a token that is of no known one: its driver's file name, and what it says of itself
   (CK_TOKEN_INFO's lengths in UTF-8) but for its label, which may be a person's name. */
struct unknown_token {
    bool given;
    char module[65], manufacturer[97], model[49], firmware[17];
};

struct begin_body { /* POST /api/v1/begin; texts are "" when absent */
    struct buf certificate;
    bool consent_given; /* R5.10 */
    char consent_text[33];
    char client_version[33];
    char device_model[65];
    struct unknown_token unknown;
    char channel[17];
    char assist[33];
    char ticket[TICKET_TEXT];
};
void begin_body_free(struct begin_body *b);
MUST enum rc begin_body_parse(struct span text, struct begin_body *out);
