/* The operator's records: one row per old certificate (issuer key or digest, and serial) with the contract it was sold
 * under. */
#pragma once

#include "rules/facts.h"
#include "store/tx.h"

/* Columns that an import may leave out. */
#define CERT_TOKEN_SERIAL  (1u << 0)
#define CERT_EMAIL         (1u << 1)
#define CERT_PHONE         (1u << 2)
#define CERT_AM            (1u << 3)
#define CERT_AGENT         (1u << 4)
#define CERT_CONTRACT_FROM (1u << 5)
#define CERT_STATUS_AT     (1u << 6)

struct cert_row {
    int64_t id;                          /* import order, from 1; 0: not stored yet */
    char issuer_key[2 * KEY_ID_MAX + 1]; /* as cert_issuer_key has it: AKI or digest */
    char serial[2 * SERIAL_MAX + 2];     /* upper-case hex without leading zeros */
    char contract[65], tax_code[20], name[257];
    uint8_t province;
    enum device device;
    int32_t contract_from, contract_to; /* DAY_NONE when absent */
    enum status status;
    int32_t status_at; /* day, DAY_NONE when absent */
    char token_serial[65], email[129], phone[33], am[65], agent[65];
    struct buf der;
    char row_hash[65]; /* over all else, by certs_put */
    char mac[65];      /* by which one knows that capbu wrote it, lower-case hex; "" none. Filled in by certs_put */
    uint32_t untold;   /* to certs_put: of these columns nothing is said, and what is stored stays; 0 when read */
};
void cert_row_free(struct cert_row *r);

/* What a verdict rests on, and is sealed of a row. */
struct cert_claim {
    const char *issuer_key, *serial, *tax_code;
    int32_t contract_from, contract_to, status_at;
    enum status status;
    const char *row_hash;
};
struct cert_claim certs_claim(const struct cert_row *r);

/* RC_REFUSED: the row is not the one that its row_hash was made of. */
MUST enum rc certs_check_hash(const struct cert_row *r);

/* Who has the key for it. */
struct cert_sealer {
    enum rc (*mac)(void *arg, const struct cert_claim *c, char out[65]);
    void *arg;
};

enum put_result { PUT_NEW, PUT_CHANGED, PUT_SAME };

/* Inserts or updates the rows of one batch in one transaction, fills in their ids and tells of each what happened. The
   DER of a stored certificate never changes: same key and serial with other DER is RC_EXISTS for that row (`result`
   untouched, `conflict[i]` true) and the others go on. A stored row whose seal does not hold counts as changed, and
   nothing of what is sealed is kept of it. `sealer` NULL: rows get no seal, and none is asked for. */
MUST enum rc certs_put(struct tx *tx, struct cert_row *rows, size_t count, const struct cert_sealer *sealer,
                       enum put_result *result, bool *conflict);

/* What to do with a database that has lost its seal. */
#define CERTS_SEALED_BEFORE                                                                                            \
    "a database without a seal on its audit was rewritten; keep it as evidence and put the last good copy back"

/* Seals all that is stored, whatever it says: capbuctl audit adopt only. RC_REFUSED: a record has a seal, so this
   database was sealed before, and what stands in it now is not to be believed. */
MUST enum rc certs_seal_all(struct tx *tx, const struct cert_sealer *sealer);

/* What certs_put would do with each row, as if it came alone; nothing is written. Columns left untold are filled in.
   stops[i]: an active certificate would be suspended or revoked. */
MUST enum rc certs_compare(struct db *db, struct cert_row *rows, size_t count, const struct cert_sealer *sealer,
                           enum put_result *result, bool *conflict, bool *stops);

/* By serial and tax code, whatever the issuer ("am I affected?"). */
MUST enum rc certs_find(struct db *db, const char *tax_code, const char *serial, struct cert_row *out);
MUST enum rc certs_count_serial(struct db *db, const char *serial, int64_t *count); /* of whatever issuer */
/* Any row with that serial: for the text of a refusal. */
MUST enum rc certs_by_serial(struct db *db, const char *serial, struct cert_row *out);

struct issued_row {
    int64_t old_id;
    char old_serial[2 * SERIAL_MAX + 2], new_serial[2 * SERIAL_MAX + 2], tax_code[20];
    int64_t not_before, not_after;
    int32_t owed_days, cut_days;
    int64_t contract_end;
    enum channel channel;
    int64_t reserved_at, issued_at, confirmed_at; /* INSTANT_NONE: not yet. The state is derived from them */
    struct buf tbs;                               /* recorded before it is signed; empty once it is in `der` */
    struct buf der;                               /* empty until issued */
    int64_t consent_at;                           /* INSTANT_NONE: nobody told of a consent */
    char consent_text[33], consent_lang[3]; /* which text was agreed to (rules/consent_text.h), in which language */
    char holder[65];                        /* who helped, "" nobody */
    char request_hash[65];                  /* SHA-256 of the request that asked for it, lower-case hex; "" not kept */
    uint32_t marks;                         /* bits of rules/mark.h: told of the new certificate */
    int64_t marks_at;                       /* INSTANT_NONE: none was ever told */
};
void issued_row_free(struct issued_row *r);

/* A certificate's record, and what was issued for it, in one look: `issued` is untouched unless *has_issued.
 * RC_NOT_FOUND: no such record. */
MUST enum rc certs_get(struct db *db, const char *issuer_key, const char *serial, struct cert_row *out,
                       struct issued_row *issued, bool *has_issued);

/* Rows in import order, with what was issued for each (`issued` NULL when nothing). One pass, constant memory; spans
   and buffers are the callee's and valid until the function returns. `after_id`..: rows with after_id < id ≤ to_id, so
   that several threads may share the work. */
MUST enum rc certs_each(struct db *db, int64_t after_id, int64_t to_id,
                        enum rc (*row)(void *arg, const struct cert_row *r, const struct issued_row *issued),
                        void *arg);
MUST enum rc certs_max_id(struct db *db, int64_t *id);
