/* Who is owed a new certificate (R2): facts in, verdict with every reason out. Pure. */
#pragma once

#include "rules/campaign.h"

/* In the order interfaces.md prints them. */
enum reason {
    REASON_UNKNOWN_CERTIFICATE,
    REASON_NOT_OLD_ISSUER,           /* R2.1, stands alone */
    REASON_BAD_SIGNATURE,            /* R2.1, stands alone */
    REASON_SUSPENDED,                /* R2.2 */
    REASON_REVOKED,                  /* R2.2 */
    REASON_EXPIRED,                  /* R2.2 */
    REASON_EXPIRY_DIFFERS,           /* R2.3 */
    REASON_ISSUED_ON_CONNECTION_DAY, /* R5.2 */
    REASON_ISSUED_AFTER_CONNECTION,  /* R2.5, R2.6 */
    REASON_CONTRACT_NOT_LONGER,      /* R2.4 */
    REASON_KEY_TOO_WEAK,
    REASON_ALREADY_COMPENSATED,
    REASON_BEYOND_NEW_CA, /* R5.7 */
    REASON_NOT_RENEWABLE, /* the certificate itself: facts.unfit */
    REASON_ISSUED_BEFORE, /* stands alone: the signed journal has it, the records do not */
    REASON_COUNT
};

enum verdict_kind { VERDICT_ELIGIBLE, VERDICT_REFUSED, VERDICT_HELD, VERDICT_DONE };

struct verdict {
    enum verdict_kind kind;
    uint32_t reasons; /* bit (1 << enum reason) */
    int64_t old_not_after;
    int64_t new_not_after; /* INSTANT_NONE when refused */
    int32_t owed_days;     /* contract_to - expiry day; 0 when refused */
    int32_t cut_days;      /* of these, days cut off by the new CA's end (policy cut) and still owed (R5.7) */
};

/* Judges one certificate at an instant. Of a done case the caller puts in the dates of what was issued.
   Unknown (case.known false) is looked at after the issuer: a foreign certificate is `not-old-issuer`. */
struct verdict eligibility_check(const struct campaign *c, const struct cert_facts *cert,
                                 const struct case_facts *subject, int64_t now);

const char *reason_name(enum reason r);
bool reason_from(const char *name, enum reason *r);
const char *verdict_name(enum verdict_kind k); /* "eligible" "refused" "held" "done" */

#define REASONS_TEXT 256
/* Names joined by ';' in the order of the enum, "" for none. */
void reasons_format(uint32_t reasons, char out[REASONS_TEXT]);
