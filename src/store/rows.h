/* How certs and issued rows lie in a result: the column lists and their readers; and questions that one row answers.
   For the files of the store only. */
#pragma once

#include "base/digest.h"
#include "store/certs.h"

#define CERT_COLUMNS                                                                                                   \
    "c.id, c.issuer_key, c.serial, c.contract, c.tax_code, c.name, c.province, c.device, c.contract_from, "            \
    "c.contract_to, c.status, c.status_at, c.token_serial, c.email, c.phone, c.am, c.agent, c.der, c.mac, c.row_hash"
#define CERT_COLUMN_COUNT 20

#define ISSUED_COLUMNS                                                                                                 \
    "i.old_id, i.old_serial, i.new_serial, i.tax_code, i.not_before, i.not_after, i.owed_days, i.cut_days, "           \
    "i.contract_end, i.channel, i.reserved_at, i.issued_at, i.confirmed_at, i.tbs, i.der, "                            \
    "i.consent_at, i.consent_text, i.consent_lang, i.holder, i.marks, i.marks_at, i.request_hash"

/* Read the columns from `at` on into `out`, whose buffers are used again; on failure it is valid but half written. */
MUST enum rc rows_cert(const struct db_row *r, int at, struct cert_row *out);
MUST enum rc rows_issued(const struct db_row *r, int at, struct issued_row *out);

/* The one row there is. RC_NOT_FOUND: none, in the words of `missing`. */
MUST enum rc rows_one(struct db *db, const char *sql, const struct db_values *args,
                      enum rc (*row)(void *arg, const struct db_row *r), void *arg, const char *missing);
/* Is there a row? RC_NOT_FOUND: no. */
MUST enum rc rows_there(struct db *db, const char *sql, const struct db_values *args);
/* Is a new certificate reserved, or issued, for this old one? RC_NOT_FOUND: no. */
MUST enum rc rows_reserved(struct db *db, int64_t old_id);

/* SHA-256 over every column of a record and its DER, in lower-case hex: tells "unchanged" without comparing them. */
MUST enum rc rows_hash(const struct cert_row *r, struct buf *scratch, char out[2 * SHA256_LEN + 1]);

MUST enum rc rows_channel(const struct db_row *r, int column, enum channel *out);
int32_t rows_get_day(const struct db_row *r, int column);
struct db_value rows_day(int32_t day); /* DAY_NONE gives DB_NULL */
