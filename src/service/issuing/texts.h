/* What subscribers are told about verdicts and refusals, in Vietnamese and English: the one place of these texts, so
   that none exists in one language only and each says what to do. */
#pragma once

#include "base/lang.h"
#include "service/issuing/screen.h"

/* Why a renewal is refused although the verdict alone would not refuse it. */
enum refusal {
    REFUSAL_NOT_OPEN_YET,        /* R3 */
    REFUSAL_HALTED,              /* an operator stopped the phase */
    REFUSAL_OTHER_CERTIFICATE,   /* oldCertID names another certificate than the one that signed */
    REFUSAL_NEW_KEY_NOT_ALLOWED, /* R5.9 */
    REFUSAL_OTHER_KEY,           /* issued already, for another key than the one now asked for */
    REFUSAL_NOT_RENEWABLE,       /* its subject or extensions do not fit the profile of the new certificate */
    REFUSAL_NOT_SIGNED,          /* reserved, and the CA key's helper refuses to sign it */
    REFUSAL_ASKED_OFTEN,         /* in so many transactions that no more of them are kept */
    REFUSAL_CONSENT_MISSING,     /* the campaign wants one in every request (R5.10) */
    REFUSAL_CONSENT_UNKNOWN,     /* to a text that we do not have */
    REFUSAL_CONSENT_OLD,         /* given long ago, or in the future */
    REFUSAL_ASSIST_UNKNOWN,      /* there is no such code */
    REFUSAL_ASSIST_EXPIRED,
    REFUSAL_ASSIST_USED_UP,
    REFUSAL_COUNT
};
const char *refusal_code(enum refusal r); /* "not-open-yet" ... */
const char *text_refusal(enum lang lang, enum refusal r);

/* For one issued by the new CA it says that it has its full term already (R2.6). */
const char *text_reason(enum lang lang, enum reason r, enum issuer issuer);

/* Appends the `message` of a check: verdict, dates, opening, what to do now, and the hotline where it helps. */
MUST enum rc text_verdict(enum lang lang, const struct campaign *c, const struct screened *v, struct buf *out);

/* The text of a refusal in both languages, Vietnamese first; a sentence that would not fit whole is left out. */
#define TEXT_SHORT 512
void text_short_reasons(uint32_t reasons, enum issuer issuer, const char *hotline, char out[TEXT_SHORT]);
/* `opens_on` is told with REFUSAL_NOT_OPEN_YET, unless DAY_NONE. */
void text_short_refusal(enum refusal r, int32_t opens_on, const char *hotline, char out[TEXT_SHORT]);
