/* Brings back what was issued and is missing in the records (service/site/gaps.h): the certificate itself is the proof.
 */
#pragma once

#include "service/issuing/late.h"
#include "service/issuing/receipt.h"
#include "service/site/gaps.h"

struct recover_source {
    const char *name;                             /* for the audit: "client" "export" "certificate" */
    const char *actor;                            /* for the audit too: who brings it need not be its subscriber */
    enum channel channel;                         /* as far as it is known, else CHANNEL_SELF */
    const char *holder;                           /* "" nobody */
    int64_t reserved_at, issued_at, confirmed_at; /* INSTANT_NONE: not known */
    const struct responder
        *responder; /* makes the receipt of a confirmed one anew; NULL: its holder confirms it again */
    const char *old_serial, *tax_code; /* of the old certificate; "" not told */
    struct late *late;                 /* takes what neither journal nor database knows; NULL: that is left alone */
};

/* Of a certificate alone nothing else is known. */
#define RECOVER_UNKNOWN                                                                                                \
    .channel = CHANNEL_SELF, .holder = "", .reserved_at = INSTANT_NONE, .issued_at = INSTANT_NONE,                     \
    .confirmed_at = INSTANT_NONE, .old_serial = "", .tax_code = ""

enum recovered {
    RECOVERED_NOT,       /* it is none that is missing, or no certificate of the new CA that was signed here */
    RECOVERED_TAKEN,     /* it fills a gap, and is recorded now */
    RECOVERED_COMPLETED, /* somebody had shown it: what else an export tells of it is recorded now */
    RECOVERED_ENTERED,   /* neither journal nor database knew it: both do now */
    RECOVERED_HELD,      /* neither knows it, and the journal cannot be written now: late_why */
    RECOVERED_BLOCKED    /* it is missing, and the database or the journal has another one in its place: it stays so */
};

/* RC_NOT_FOUND: the record of its old certificate is missing too. */
MUST enum rc recover_certificate(struct site *s, struct span der, const struct recover_source *from, int64_t now,
                                 enum recovered *what);

/* For what a client shows, who may be anybody: certificates are public. Of a record that is missing nothing is said. */
MUST enum rc recover_shown(struct site *s, struct span der, int64_t now);
