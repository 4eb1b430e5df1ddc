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

/* hash_n = SHA-256(hash_{n-1} || canonical line n): who has an export can follow it. A NULL actor is "subscriber", a
 * NULL detail "{}". */
MUST enum rc audit_put(struct tx *tx, const struct audit_event *e);

/* The chain's end, as it is kept beside it. Its MAC is what nobody has who only rewrites the database. */
struct audit_end {
    int64_t seq;
    struct sha256 hash, mac;
    bool sealed; /* false: there is no MAC */
};

/* The end within a transaction: read when the first line is put, written once before the commit. */
struct audit_head { /* zero-initialise */
    bool loaded;
    struct audit_end from, to;
    struct buf lines;  /* each a uint32_t (this machine's byte order) and so many bytes */
    struct buf claims; /* what must hold, one behind the other */
};
void audit_head_free(struct audit_head *head);

/* Who has the key. Gives the MAC of head->to when that of head->from holds, and all claims. RC_NETWORK: who has it is
   away; RC_DB: the end does not hold; RC_REFUSED: a claim does not. */
struct audit_linker {
    enum rc (*link)(void *arg, const struct audit_head *head, struct sha256 *mac);
    void (*kept)(void *arg, int64_t seq); /* it is committed; NULL: nobody needs to know */
    void *arg;
};

/* Loads the head without a line: its seal is then checked and made again. */
MUST enum rc audit_touch(struct tx *tx);

/* What a transaction goes by and only who seals can judge. The store does not look into it; all are of one
   size. When it does not hold, nothing is committed: RC_REFUSED, of that write alone. */
MUST enum rc audit_claim(struct tx *tx, struct span claim);

/* store/writer.c and store.c, in this order. Without a linker nothing is sealed, and what is sealed cannot be gone on
   with. */
MUST enum rc audit_seal(struct audit_head *head, const struct audit_linker *linker);
MUST enum rc audit_flush(struct db *db, const struct audit_head *head);

struct audit_line {
    int64_t seq;
    int64_t at;
    struct span kind, old_serial, actor, detail; /* text */
    struct sha256 prev, hash;
};
MUST enum rc audit_each(struct db *db, enum rc (*line)(void *arg, const struct audit_line *l), void *arg);

/* Recomputes the chain from the first line to the head kept beside it. RC_REFUSED with the first broken seq in
 * err_text. *end: where it ended; whether its seal holds is for who has the key. */
MUST enum rc audit_verify(struct db *db, struct audit_end *end);

/* One JSON line for `audit export`, without the newline. */
MUST enum rc audit_format(const struct audit_line *l, struct buf *out);

/* The value of a text member of a detail that one of our programs wrote, without anything in it that is escaped. */
struct span audit_member(struct span detail, const char *key);
