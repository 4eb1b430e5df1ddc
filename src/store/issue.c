/* Issuing in three steps, each with its audit line: reserve, store, confirm. One new certificate per old one. */
#include "store/issue.h"

#include "store/audit.h"
#include "store/rows.h"

#define BATCH 500

#define NOTHING "nothing was issued for that certificate"

static enum rc take_one(void *arg, const struct db_row *r) {
    struct issued_row *out = arg;
    AUTO(issued_row) got = {0};
    TRY(rows_issued(r, 0, &got));
    struct issued_row before = *out;
    *out = got;
    got = before;
    return RC_OK;
}

enum rc issue_get(struct db *db, int64_t old_id, struct issued_row *out) {
    return rows_one(db, "SELECT " ISSUED_COLUMNS " FROM issued i WHERE i.old_id = $1", DB_ARGS(db_int(old_id)),
                    take_one, out, NOTHING);
}

enum rc issue_by_new_serial(struct db *db, const char *new_serial, struct issued_row *out) {
    return rows_one(db, "SELECT " ISSUED_COLUMNS " FROM issued i WHERE i.new_serial = $1", DB_ARGS(db_text(new_serial)),
                    take_one, out, NOTHING);
}

enum rc issue_by_serial(struct db *db, const char *serial, struct issued_row *out) {
    return rows_one(db,
                    "SELECT " ISSUED_COLUMNS " FROM issued i WHERE i.new_serial = $1 OR i.old_serial = $1 "
                    "ORDER BY i.old_id LIMIT 1",
                    DB_ARGS(db_text(serial)), take_one, out, NOTHING);
}

static enum rc audit(struct tx *tx, const char *kind, const char *old_serial, const char *detail) {
    return audit_put(tx, &(struct audit_event){.kind = kind, .old_serial = old_serial, .detail = detail});
}

/* The row was not inserted: is it there already, or has another certificate this new serial (a one in 2^64 chance)? */
static enum rc why_not_reserved(struct tx *tx, int64_t old_id) {
    enum rc rc = rows_reserved(tx->db, old_id);
    if (rc == RC_NOT_FOUND)
        FAIL(RC_BUSY, "the new serial number is taken: draw another");
    TRY(rc);
    FAIL(RC_EXISTS, "a new certificate is reserved for this one already");
}

enum rc issue_reserve(struct tx *tx, const struct issued_row *r, const char *campaign_hash, const char *detail) {
    int64_t changed = 0;
    TRY(db_exec(tx->db,
                "INSERT INTO issued (old_id, old_serial, new_serial, tax_code, not_before, not_after, owed_days, "
                "cut_days, contract_end, channel, campaign_hash, reserved_at, tbs, consent_at, consent_text, "
                "consent_lang, holder, request_hash) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) "
                "ON CONFLICT DO NOTHING",
                DB_ARGS(db_int(r->old_id), db_text(r->old_serial), db_text(r->new_serial), db_text(r->tax_code),
                        db_int(r->not_before), db_int(r->not_after), db_int(r->owed_days), db_int(r->cut_days),
                        db_int(r->contract_end), db_text(channel_name(r->channel)), db_text(campaign_hash),
                        db_int(tx->now), db_blob(buf_span(&r->tbs)), db_instant(r->consent_at),
                        db_text(r->consent_text), db_text(r->consent_lang), db_text(r->holder),
                        db_text(r->request_hash)),
                &changed));
    if (changed == 0)
        return why_not_reserved(tx, r->old_id);
    return audit(tx, "reserved", r->old_serial, detail);
}

enum rc issue_ask_again(struct tx *tx, int64_t old_id) {
    int64_t changed = 0;
    TRY(db_exec(tx->db, "UPDATE issued SET asked_again = asked_again + 1 WHERE old_id = $1 AND asked_again < $2",
                DB_ARGS(db_int(old_id), db_int(ISSUE_ASKED_MOST)), &changed));
    if (changed == 0)
        FAIL(RC_LIMIT, "that certificate was asked for %d times again", ISSUE_ASKED_MOST);
    return RC_OK;
}

struct same_der {
    struct span der;
    bool same;
};

static enum rc compare_der(void *arg, const struct db_row *r) {
    struct same_der *s = arg;
    s->same = span_eq(db_get_span(r, 0), s->der);
    return RC_OK;
}

enum rc issue_store(struct tx *tx, int64_t old_id, const char *old_serial, struct span der, const char *detail) {
    if (der.len == 0)
        FAIL(RC_BUG, "an empty certificate");
    int64_t changed = 0;
    TRY(db_exec(tx->db, "UPDATE issued SET der = $2, issued_at = $3, tbs = $4 WHERE old_id = $1 AND der IS NULL",
                DB_ARGS(db_int(old_id), db_blob(der), db_int(tx->now), db_blob(span_str(""))), &changed));
    if (changed == 1)
        return audit(tx, "issued", old_serial, detail);
    struct same_der s = {.der = der};
    enum rc rc = db_one(tx->db, "SELECT der FROM issued WHERE old_id = $1", DB_ARGS(db_int(old_id)), compare_der, &s);
    if (rc == RC_NOT_FOUND)
        FAIL(RC_BUG, "a certificate was signed that had not been reserved");
    TRY(rc);
    if (!s.same)
        FAIL(RC_EXISTS, "another certificate is stored for this one already");
    return RC_OK;
}

/* Told so often that the audit would grow by it: heard, and not written once more. */
static enum rc not_installed(struct tx *tx, const struct confirmation *c) {
    int64_t changed = 0;
    TRY(db_exec(tx->db, "UPDATE issued SET not_installed = not_installed + 1 WHERE old_id = $1 AND not_installed < $2",
                DB_ARGS(db_int(c->old_id), db_int(ISSUE_ASKED_MOST)), &changed));
    return changed == 1 ? audit(tx, "not-installed", c->old_serial, c->detail) : RC_OK;
}

enum rc issue_confirm(struct tx *tx, struct confirmation *c) {
    if (!c->accepted)
        return not_installed(tx, c);
    int64_t changed = 0;
    TRY(db_exec(tx->db,
                "UPDATE issued SET confirmed_at = $2, receipt = $3, secret = $4 "
                "WHERE old_id = $1 AND confirmed_at IS NULL AND der IS NOT NULL",
                DB_ARGS(db_int(c->old_id), db_int(tx->now), db_blob(c->receipt), db_text(c->secret)), &changed));
    c->first = changed == 1;
    if (c->first)
        return audit(tx, "confirmed", c->old_serial, c->detail);
    enum rc rc = rows_there(tx->db, "SELECT old_id FROM issued WHERE old_id = $1 AND confirmed_at IS NOT NULL",
                            DB_ARGS(db_int(c->old_id)));
    if (rc == RC_NOT_FOUND)
        FAIL(RC_NOT_FOUND, "nothing was issued that could be confirmed");
    return rc;
}

void kept_row_free(struct kept_row *k) {
    buf_free(&k->receipt);
}

static enum rc read_kept(void *arg, const struct db_row *r) {
    struct kept_row *out = arg;
    TRY(db_get_text(r, 1, out->secret, sizeof out->secret));
    return buf_set(&out->receipt, db_get_span(r, 0));
}

enum rc issue_kept(struct db *db, int64_t old_id, struct kept_row *out) {
    return rows_one(db, "SELECT receipt, secret FROM issued WHERE old_id = $1 AND receipt IS NOT NULL",
                    DB_ARGS(db_int(old_id)), read_kept, out,
                    "there is no receipt: that certificate was not confirmed, or before receipts were given");
}

enum rc issue_secret(struct tx *tx, int64_t old_id, const char *secret) {
    return db_exec(tx->db, "UPDATE issued SET secret = $2 WHERE old_id = $1 AND secret = ''",
                   DB_ARGS(db_int(old_id), db_text(secret)), NULL);
}

enum rc issue_mark(struct tx *tx, const struct issued_row *r, uint32_t marks, const char *detail) {
    int64_t changed = 0;
    TRY(db_exec(tx->db,
                "UPDATE issued SET marks = $2, marks_at = $3, mark_changes = mark_changes + 1 "
                "WHERE old_id = $1 AND der IS NOT NULL AND marks <> $2 AND mark_changes < $4",
                DB_ARGS(db_int(r->old_id), db_int(marks), db_int(tx->now), db_int(MARK_CHANGES)), &changed));
    if (changed == 1)
        return audit(tx, "marks", r->old_serial, detail);
    enum rc rc = rows_there(tx->db, "SELECT old_id FROM issued WHERE old_id = $1 AND der IS NOT NULL AND marks <> $2",
                            DB_ARGS(db_int(r->old_id), db_int(marks)));
    if (rc == RC_NOT_FOUND) /* no news */
        return RC_OK;
    TRY(rc);
    FAIL(RC_LIMIT, "the marks of that certificate changed %d times already", MARK_CHANGES);
}

struct reading {
    enum rc (*row)(void *arg, const struct issued_row *r);
    void *arg;
    struct issued_row issued;
    int rows;
};

static void reading_free(struct reading *rd) {
    issued_row_free(&rd->issued);
}

static enum rc each_row(void *arg, const struct db_row *r) {
    struct reading *rd = arg;
    TRY(rows_issued(r, 0, &rd->issued));
    rd->rows++;
    return rd->row(rd->arg, &rd->issued);
}

enum rc issue_each(struct db *db, enum rc (*row)(void *arg, const struct issued_row *r), void *arg) {
    AUTO(reading) rd = {.row = row, .arg = arg, .issued.reserved_at = INT64_MIN};
    do {
        rd.rows = 0;
        TRY(db_query(db,
                     "SELECT " ISSUED_COLUMNS " FROM issued i WHERE (i.reserved_at, i.old_id) > ($1, $2) "
                     "AND i.der IS NOT NULL ORDER BY i.reserved_at, i.old_id LIMIT $3",
                     DB_ARGS(db_int(rd.issued.reserved_at), db_int(rd.issued.old_id), db_int(BATCH)), each_row, &rd));
    } while (rd.rows == BATCH);
    return RC_OK;
}
