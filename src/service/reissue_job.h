/* One renewal on its way through the issuing core: what is known of it so far (service/reissue*.c only). */
#pragma once

#include "service/reissue.h"

struct job {
    const struct reissue *core;
    const struct reissue_request *req;
    int64_t now;
    struct cert old_cert; /* the presented one; spans into the request */
    struct screen_records records;
    struct screened verdict;
    bool has_consent;
    struct consent_row consent;
    struct buf certificate; /* the new one */
};
void job_free(struct job *j);

/* The channel that counts: the consent's, else the subscriber alone (R5.10). */
enum channel job_channel(const struct job *j);
bool job_new_key(const struct job *j); /* another key than the old one is asked for */

/* JSON for audit lines: what the note says, channel, consent, support code. */
struct job_note {
    const char *code;       /* of a refusal, else NULL */
    const char *why;        /* what the code leaves open, for who looks into it; "" or NULL: nothing */
    const char *new_serial; /* of what was reserved or issued, else NULL */
    struct span bytes;      /* to be signed, or the certificate: their hash is told; else empty */
};
MUST enum rc job_detail(const struct job *j, const struct job_note *note, struct buf *out);

/* Makes sure of a reservation, then of a certificate, in j->certificate. RC_REFUSED: *not_renewable is set and nothing
   is reserved; all others as reissue_run. */
MUST enum rc job_issue(struct job *j, bool *not_renewable);
