/* The operator's records read back: one by key, serial or tax code, and all of them in import order. */
#include "store/certs.h"

#include "store/rows.h"

#define BATCH 500 /* rows a statement: no snapshot is held for long and memory stays constant */

#define NO_RECORD "there is no such certificate in the records"

static enum rc take_one(void *arg, const struct db_row *r) {
    struct cert_row *out = arg;
    AUTO(cert_row) got = {0};
    TRY(rows_cert(r, 0, &got));
    struct cert_row before = *out;
    *out = got;
    got = before;
    return RC_OK;
}

enum rc certs_find(struct db *db, const char *tax_code, const char *serial, struct cert_row *out) {
    return rows_one(
        db, "SELECT " CERT_COLUMNS " FROM certs c WHERE c.serial = $1 AND c.tax_code = $2 ORDER BY c.id LIMIT 1",
        DB_ARGS(db_text(serial), db_text(tax_code)), take_one, out, NO_RECORD);
}

static enum rc int_row(void *arg, const struct db_row *r) {
    *(int64_t *)arg = db_get_int(r, 0);
    return RC_OK;
}

enum rc certs_count_serial(struct db *db, const char *serial, int64_t *count) {
    return db_one(db, "SELECT count(*) FROM certs WHERE serial = $1", DB_ARGS(db_text(serial)), int_row, count);
}

enum rc certs_by_serial(struct db *db, const char *serial, struct cert_row *out) {
    return rows_one(db, "SELECT " CERT_COLUMNS " FROM certs c WHERE c.serial = $1 ORDER BY c.id LIMIT 1",
                    DB_ARGS(db_text(serial)), take_one, out, NO_RECORD);
}

struct reading {
    enum rc (*row)(void *arg, const struct cert_row *r, const struct issued_row *issued);
    void *arg;
    struct cert_row cert;
    struct issued_row issued;
    int rows;
};

static void reading_free(struct reading *rd) {
    cert_row_free(&rd->cert);
    issued_row_free(&rd->issued);
}

static enum rc each_row(void *arg, const struct db_row *r) {
    struct reading *rd = arg;
    bool has_issued = r->v[CERT_COLUMN_COUNT].type != DB_NULL;
    TRY(rows_cert(r, 0, &rd->cert));
    if (has_issued)
        TRY(rows_issued(r, CERT_COLUMN_COUNT, &rd->issued));
    rd->rows++;
    return rd->row(rd->arg, &rd->cert, has_issued ? &rd->issued : NULL);
}

static enum rc keep_row(void *arg, const struct cert_row *r, const struct issued_row *issued) {
    (void)r;
    *(bool *)arg = issued != NULL;
    return RC_OK;
}

/* Gives the rows read away to the caller, and takes what he had to be freed. */
static void swap(struct reading *rd, struct cert_row *out, struct issued_row *issued, bool has_issued) {
    struct cert_row cert = *out;
    *out = rd->cert;
    rd->cert = cert;
    if (!has_issued)
        return;
    struct issued_row before = *issued;
    *issued = rd->issued;
    rd->issued = before;
}

enum rc certs_get(struct db *db, const char *issuer_key, const char *serial, struct cert_row *out,
                  struct issued_row *issued, bool *has_issued) {
    bool has = false;
    AUTO(reading) rd = {.row = keep_row, .arg = &has};
    TRY(db_query(db,
                 "SELECT " CERT_COLUMNS ", " ISSUED_COLUMNS " FROM certs c LEFT JOIN issued i ON i.old_id = c.id "
                 "WHERE c.serial = $1 AND c.issuer_key = $2",
                 DB_ARGS(db_text(serial), db_text(issuer_key)), each_row, &rd));
    if (rd.rows == 0)
        FAIL(RC_NOT_FOUND, NO_RECORD);
    swap(&rd, out, issued, has);
    *has_issued = has;
    return RC_OK;
}

enum rc certs_each(struct db *db, int64_t after_id, int64_t to_id,
                   enum rc (*row)(void *arg, const struct cert_row *r, const struct issued_row *issued), void *arg) {
    AUTO(reading) rd = {.row = row, .arg = arg, .cert.id = after_id};
    do {
        rd.rows = 0;
        TRY(db_query(db,
                     "SELECT " CERT_COLUMNS ", " ISSUED_COLUMNS " FROM certs c LEFT JOIN issued i ON i.old_id = c.id "
                     "WHERE c.id > $1 AND c.id <= $2 ORDER BY c.id LIMIT $3",
                     DB_ARGS(db_int(rd.cert.id), db_int(to_id), db_int(BATCH)), each_row, &rd));
    } while (rd.rows == BATCH);
    return RC_OK;
}

enum rc certs_max_id(struct db *db, int64_t *id) {
    return db_one(db, "SELECT CAST(max(id) AS BIGINT) FROM certs", DB_NO_ARGS, int_row, id);
}
