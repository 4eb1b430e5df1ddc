/* CMP transactions: what came and what was answered, kept so that a restart between kur and certConf changes nothing,
   and kept for good: the signed request proves that the holder of the key asked, and a replay of it, whenever it comes,
   gets the answer it got. */
#include "store/issue.h"
#include "store/rows.h"

void cmp_tx_row_free(struct cmp_tx_row *r) {
    buf_free(&r->request);
    buf_free(&r->response);
}

static enum rc there(struct tx *tx, struct span transaction, struct span request) {
    return rows_there(tx->db, "SELECT old_id FROM cmp_tx WHERE transaction_id = $1 AND request = $2",
                      DB_ARGS(db_blob(transaction), db_blob(request)));
}

enum rc cmp_tx_open(struct tx *tx, struct span transaction, const struct cmp_tx_row *r) {
    int64_t changed = 0;
    TRY(db_exec(tx->db,
                "INSERT INTO cmp_tx (transaction_id, at, old_id, old_serial, request) "
                "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                DB_ARGS(db_blob(transaction), db_int(tx->now), db_int(r->old_id), db_text(r->old_serial),
                        db_blob(buf_span(&r->request))),
                &changed));
    enum rc rc = changed == 1 ? RC_OK : there(tx, transaction, buf_span(&r->request));
    if (rc == RC_NOT_FOUND)
        FAIL(RC_EXISTS, "another request has this CMP transaction");
    return rc;
}

enum rc cmp_tx_answer(struct tx *tx, struct span transaction, struct span response) {
    int64_t changed = 0;
    TRY(db_exec(tx->db, "INSERT INTO cmp_answer (transaction_id, response) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                DB_ARGS(db_blob(transaction), db_blob(response)), &changed));
    if (changed == 0)
        FAIL(RC_EXISTS, "this CMP transaction was answered already");
    return RC_OK;
}

static enum rc read_row(void *arg, const struct db_row *r) {
    struct cmp_tx_row *out = arg;
    out->old_id = db_get_int(r, 0);
    TRY(db_get_text(r, 1, out->old_serial, sizeof out->old_serial));
    TRY(buf_set(&out->request, db_get_span(r, 2)));
    return buf_set(&out->response, db_get_span(r, 3));
}

enum rc cmp_tx_get(struct db *db, struct span transaction, struct cmp_tx_row *out) {
    AUTO(cmp_tx_row) got = {0};
    TRY(rows_one(db,
                 "SELECT t.old_id, t.old_serial, t.request, a.response FROM cmp_tx t "
                 "LEFT JOIN cmp_answer a ON a.transaction_id = t.transaction_id WHERE t.transaction_id = $1",
                 DB_ARGS(db_blob(transaction)), read_row, &got, "there is no such CMP transaction"));
    struct cmp_tx_row before = *out;
    *out = got;
    got = before;
    return RC_OK;
}
