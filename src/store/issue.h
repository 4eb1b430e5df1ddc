/* Issuing, recorded before it is signed: reserve (serial, window, exact bytes), store (signature), confirm. One new
 * certificate per old one. */
#pragma once

#include "store/certs.h"

/* What was issued for an old certificate. RC_NOT_FOUND when nothing was reserved. */
MUST enum rc issue_get(struct db *db, int64_t old_id, struct issued_row *out);
MUST enum rc issue_by_new_serial(struct db *db, const char *new_serial, struct issued_row *out);
/* By either of its serial numbers, for people who have but one; of two old ones alike the first. */
MUST enum rc issue_by_serial(struct db *db, const char *serial, struct issued_row *out);

/* Records the reservation and its audit line; reserved_at is tx->now. RC_EXISTS when one is there already: then use
 * that one, its bytes are what gets signed (nothing was written, the transaction goes on). RC_BUSY: the new serial is
 * taken by another, draw again. RC_NOT_FOUND: no such old certificate. */
MUST enum rc issue_reserve(struct tx *tx, const struct issued_row *r, const char *campaign_hash, const char *detail);

/* Adds the signed certificate; the bytes it was made from are in it, so they need not be kept beside it any longer.
 * Idempotent for the same bytes. RC_EXISTS when others are there already: then those are the certificate (nothing was
 * written, the transaction goes on). RC_BUG: not reserved. */
MUST enum rc issue_store(struct tx *tx, int64_t old_id, const char *old_serial, struct span der, const char *detail);

struct confirmation {
    int64_t old_id;
    const char *old_serial;
    bool accepted;
    struct span receipt; /* accepted: what the subscriber gets to keep */
    const char *secret;  /* and by which it asks again */
    const char *detail;
    bool first; /* set: it was not confirmed before */
};
/* Sets confirmed_at and the receipt once and audits; a second time changes nothing and is RC_OK. accepted=false audits
 * "not-installed" only, ISSUE_ASKED_MOST times at most. */
MUST enum rc issue_confirm(struct tx *tx, struct confirmation *c);

#define ISSUE_SECRET_LEN 16 /* bytes, written as hex */
struct kept_row {           /* what the subscriber was given with the acknowledgement */
    struct buf receipt;
    char secret[2 * ISSUE_SECRET_LEN + 1]; /* "": confirmed before there were any */
};
void kept_row_free(struct kept_row *k);
MUST enum rc issue_kept(struct db *db, int64_t old_id, struct kept_row *out); /* RC_NOT_FOUND */
/* Gives what was confirmed without a secret this one; the first one counts. */
MUST enum rc issue_secret(struct tx *tx, int64_t old_id, const char *secret);

/* The systems the subscriber has told (rules/mark.h); audits when it is news. The last state counts. RC_LIMIT: it
 * changed MARK_CHANGES times already (nothing was written, the transaction goes on). */
#define MARK_CHANGES 24
MUST enum rc issue_mark(struct tx *tx, const struct issued_row *r, uint32_t marks, const char *detail);

MUST enum rc issue_each(struct db *db, enum rc (*row)(void *arg, const struct issued_row *r),
                        void *arg); /* issued ones, by reserved_at */

/* CMP transactions, so that state survives a restart between kur and certConf; never dropped, as evidence of what the
   subscriber signed (doc/operations.md says how much room they take). */
struct cmp_tx_row {
    int64_t old_id;
    char old_serial[2 * SERIAL_MAX + 2];
    struct buf request, response; /* read back only: what was answered, empty when nothing was yet */
};
void cmp_tx_row_free(struct cmp_tx_row *r);
/* The request, before anything is signed for it. The same request again is RC_OK. RC_EXISTS:
   another request has that transaction (nothing was written, the transaction goes on). */
MUST enum rc cmp_tx_open(struct tx *tx, struct span transaction, const struct cmp_tx_row *r);
/* One more transaction for what is reserved already. RC_LIMIT: there were ISSUE_ASKED_MOST (nothing was written, the
   transaction goes on). */
#define ISSUE_ASKED_MOST 100
MUST enum rc issue_ask_again(struct tx *tx, int64_t old_id);
/* The response to a request that is there. RC_EXISTS: it has one already. RC_NOT_FOUND: no request. */
MUST enum rc cmp_tx_answer(struct tx *tx, struct span transaction, struct span response);
MUST enum rc cmp_tx_get(struct db *db, struct span transaction, struct cmp_tx_row *out); /* RC_NOT_FOUND */

/* Consent and channel of the request that a reservation was made for (R5.10). */
struct consent_row {
    int64_t old_id, at;
    enum channel channel;
    char assist[33]; /* the code, "" for none; kept as its hash, so not there when read back */
    char client_version[33], device_model[65], text_id[33];
    char lang[3];          /* "vi" "en": in which the text was shown */
    char support_code[16]; /* of the request, for the audit only: not there when read back */
    char holder[65];       /* whose code it was, "" for none; told by the code's row, not written */
};
/* Records and audits one, in the transaction that reserves. */
MUST enum rc consent_put(struct tx *tx, const struct consent_row *r, const char *old_serial);
