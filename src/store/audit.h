/* The audit: append-only and hash-chained, refusals included; written in the same transaction as what it tells of. */
#pragma once

#include "base/digest.h"
#include "store/tx.h"

/* Event kinds are short nouns: "init" "import" "phase" "assist" "consent" "refused" "reserved" "issued" "confirmed"
 * "not-installed" … */
struct audit_event {
    const char *kind;
    const char *old_serial; /* upper-case hex, NULL when it is not about one certificate */
    const char *actor;      /* "subscriber", "capbuctl:USER", address class …; never personal data */
    const char *detail;     /* JSON object text, "{}" */
};

/* hash_n = SHA-256(hash_{n-1} || canonical line n). A NULL actor is "subscriber", a NULL detail "{}". */
MUST enum rc audit_put(struct tx *tx, const struct audit_event *e);

/* The chain's end: read once per transaction when the first line is put, written once before the commit. */
struct audit_head {
    bool loaded; /* zero-initialise */
    int64_t seq;
    struct sha256 hash;
};
MUST enum rc audit_flush(struct db *db, const struct audit_head *head); /* store/writer.c and store.c */

struct audit_line {
    int64_t seq;
    int64_t at;
    struct span kind, old_serial, actor, detail; /* text */
    struct sha256 prev, hash;
};
MUST enum rc audit_each(struct db *db, enum rc (*line)(void *arg, const struct audit_line *l), void *arg);

/* Recomputes the chain from the first line to the head kept beside it. RC_REFUSED with the first broken seq in
 * err_text; *lines = checked. */
MUST enum rc audit_verify(struct db *db, int64_t *lines);

/* One JSON line for `audit export`, without the newline. */
MUST enum rc audit_format(const struct audit_line *l, struct buf *out);
