/* How certs and issued rows lie in a result: the column lists and their readers. */
#include "store/rows.h"

#include "base/day.h"

void cert_row_free(struct cert_row *r) {
    buf_free(&r->der);
}

void issued_row_free(struct issued_row *r) {
    buf_free(&r->tbs);
    buf_free(&r->der);
}

struct db_value rows_day(int32_t day) {
    return day == DAY_NONE ? db_null() : db_int(day);
}

int32_t rows_get_day(const struct db_row *r, int column) {
    return r->v[column].type == DB_NULL ? DAY_NONE : (int32_t)db_get_int(r, column);
}

static enum rc get_device(const struct db_row *r, int column, enum device *out) {
    char name[16];
    TRY(db_get_text(r, column, name, sizeof name));
    if (name[0] == '\0')
        *out = DEVICE_NONE;
    else if (!device_from(name, out))
        FAIL(RC_DB, "the database names an unknown device \"%s\"", name);
    return RC_OK;
}

static enum rc get_status(const struct db_row *r, int column, enum status *out) {
    char name[16];
    TRY(db_get_text(r, column, name, sizeof name));
    if (!status_from(name, out))
        FAIL(RC_DB, "the database names an unknown status \"%s\"", name);
    return RC_OK;
}

enum rc rows_channel(const struct db_row *r, int column, enum channel *out) {
    char name[16];
    TRY(db_get_text(r, column, name, sizeof name));
    if (!channel_from(name, out))
        FAIL(RC_DB, "the database names an unknown channel \"%s\"", name);
    return RC_OK;
}

static enum rc get_people(const struct db_row *r, int at, struct cert_row *out) {
    TRY(db_get_text(r, at, out->token_serial, sizeof out->token_serial));
    TRY(db_get_text(r, at + 1, out->email, sizeof out->email));
    TRY(db_get_text(r, at + 2, out->phone, sizeof out->phone));
    TRY(db_get_text(r, at + 3, out->am, sizeof out->am));
    return db_get_text(r, at + 4, out->agent, sizeof out->agent);
}

enum rc rows_cert(const struct db_row *r, int at, struct cert_row *out) {
    out->id = db_get_int(r, at);
    TRY(db_get_text(r, at + 1, out->issuer_key, sizeof out->issuer_key));
    TRY(db_get_text(r, at + 2, out->serial, sizeof out->serial));
    TRY(db_get_text(r, at + 3, out->contract, sizeof out->contract));
    TRY(db_get_text(r, at + 4, out->tax_code, sizeof out->tax_code));
    TRY(db_get_text(r, at + 5, out->name, sizeof out->name));
    out->province = (uint8_t)db_get_int(r, at + 6);
    TRY(get_device(r, at + 7, &out->device));
    out->contract_from = rows_get_day(r, at + 8);
    out->contract_to = rows_get_day(r, at + 9);
    TRY(get_status(r, at + 10, &out->status));
    out->status_at = rows_get_day(r, at + 11);
    TRY(get_people(r, at + 12, out));
    TRY(db_get_text(r, at + 18, out->mac, sizeof out->mac));
    TRY(db_get_text(r, at + 19, out->row_hash, sizeof out->row_hash));
    return buf_set(&out->der, db_get_span(r, at + 17));
}

static enum rc get_consent(const struct db_row *r, int at, struct issued_row *out) {
    out->consent_at = db_get_instant(r, at);
    TRY(db_get_text(r, at + 1, out->consent_text, sizeof out->consent_text));
    TRY(db_get_text(r, at + 2, out->consent_lang, sizeof out->consent_lang));
    TRY(db_get_text(r, at + 3, out->holder, sizeof out->holder));
    out->marks = (uint32_t)db_get_int(r, at + 4);
    out->marks_at = db_get_instant(r, at + 5);
    return db_get_text(r, at + 6, out->request_hash, sizeof out->request_hash);
}

enum rc rows_issued(const struct db_row *r, int at, struct issued_row *out) {
    out->old_id = db_get_int(r, at);
    TRY(db_get_text(r, at + 1, out->old_serial, sizeof out->old_serial));
    TRY(db_get_text(r, at + 2, out->new_serial, sizeof out->new_serial));
    TRY(db_get_text(r, at + 3, out->tax_code, sizeof out->tax_code));
    out->not_before = db_get_int(r, at + 4);
    out->not_after = db_get_int(r, at + 5);
    out->owed_days = (int32_t)db_get_int(r, at + 6);
    out->cut_days = (int32_t)db_get_int(r, at + 7);
    out->contract_end = db_get_int(r, at + 8);
    TRY(rows_channel(r, at + 9, &out->channel));
    out->reserved_at = db_get_instant(r, at + 10);
    out->issued_at = db_get_instant(r, at + 11);
    out->confirmed_at = db_get_instant(r, at + 12);
    TRY(get_consent(r, at + 15, out));
    TRY(buf_set(&out->tbs, db_get_span(r, at + 13)));
    return buf_set(&out->der, db_get_span(r, at + 14));
}

static enum rc ignore_row(void *arg, const struct db_row *r) {
    (void)arg;
    (void)r;
    return RC_OK;
}

enum rc rows_one(struct db *db, const char *sql, const struct db_values *args,
                 enum rc (*row)(void *arg, const struct db_row *r), void *arg, const char *missing) {
    enum rc rc = db_one(db, sql, args, row, arg);
    if (rc == RC_NOT_FOUND)
        FAIL(RC_NOT_FOUND, "%s", missing);
    return rc;
}

enum rc rows_there(struct db *db, const char *sql, const struct db_values *args) {
    return db_one(db, sql, args, ignore_row, NULL);
}

enum rc rows_reserved(struct db *db, int64_t old_id) {
    return rows_there(db, "SELECT old_id FROM issued WHERE old_id = $1", DB_ARGS(db_int(old_id)));
}
