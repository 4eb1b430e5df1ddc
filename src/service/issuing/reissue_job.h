/* One renewal on its way through the issuing core: what is known of it so far (service/issuing/reissue*.c only). */
#pragma once

#include "service/issuing/reissue.h"
#include "service/issuing/texts.h"

/* What is held against a request; `code` empty: nothing. */
struct decision {
    char code[REASONS_TEXT];
    char text[TEXT_SHORT];
    char why[256]; /* for the audit */
    bool try_later;
};

struct job {
    const struct reissue *core;
    const struct reissue_request *req;
    int64_t now;
    struct cert old_cert; /* the presented one; spans into the request */
    struct screen_records records;
    struct screened verdict;
    bool has_consent;             /* given, or the one that the reservation has */
    struct consent_row consent;   /* its channel counts either way (R5.10) */
    enum refusal consent_refused; /* REFUSAL_COUNT: nothing is held against it */
    bool request_kept;            /* the very same request is in the store already */
    struct decision refusal;
    struct buf certificate; /* the new one */
    struct buf response;    /* the answer that is kept for it; there at once when the request was answered before */
};
void job_free(struct job *j);

bool job_new_key(const struct job *j); /* another key than the old one is asked for */
bool job_refused(const struct job *j);
bool job_proven(
    const struct job *j); /* the old certificate is of one of the two CAs: who has its key is a subscriber */

/* JSON for audit lines: what the note says, channel, consent, support code. */
struct job_note {
    const char *code;       /* of a refusal, else NULL */
    const char *why;        /* what the code leaves open, for who looks into it; "" or NULL: nothing */
    const char *new_serial; /* of what was reserved or issued, else NULL */
    struct span bytes;      /* to be signed, or the certificate: their hash is told; else empty */
    const char *request;    /* hash of the request that it is reserved for, "" for none; else NULL */
};
MUST enum rc job_detail(const struct job *j, const struct job_note *note, struct buf *out);

/* Reads the records and judges by them, anew each time. */
MUST enum rc job_judge(struct db *db, struct job *j);
void job_refuse_reasons(struct job *j, uint32_t reasons);
void job_refuse_by(struct job *j, enum refusal r);
MUST enum rc job_audit_refusal(struct tx *tx, const struct job *j);
MUST enum rc job_record_refusal(struct job *j); /* the same in a transaction of its own */
