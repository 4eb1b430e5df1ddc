/* Fills in digests (declared in store/certs_digest.h), row by row: there are few, of other CAs all of them. */
#include "store/certs_digest.h"

#include "base/digest.h"
#include "store/rows.h"

static enum rc take_row(void *arg, const struct db_row *r) {
    return rows_cert(r, 0, arg);
}

static enum rc fill(struct db *db, struct cert_row *row, struct buf *scratch) {
    char hash[2 * SHA256_LEN + 1];
    sha256_hex(sha256_of(buf_span(&row->der)), row->issuer_key);
    TRY(rows_hash(row, scratch, hash));
    return db_exec(db, "UPDATE certs SET issuer_key = $2, row_hash = $3 WHERE id = $1",
                   DB_ARGS(db_int(row->id), db_text(row->issuer_key), db_text(hash)), NULL);
}

enum rc certs_digest_fill(struct db *db) {
    AUTO(cert_row) row = {0};
    AUTO(buf) scratch = {0};
    for (;;) {
        enum rc rc = rows_one(
            db, "SELECT " CERT_COLUMNS " FROM certs c WHERE c.issuer_key = '' AND c.id > $1 ORDER BY c.id LIMIT 1",
            DB_ARGS(db_int(row.id)), take_row, &row, "no more");
        if (rc == RC_NOT_FOUND)
            return RC_OK;
        TRY(rc);
        TRY(fill(db, &row, &scratch));
    }
}
