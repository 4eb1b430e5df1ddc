/* Puts a certificate back (declared in store/restored.h). */
#include "store/restored.h"

#include "base/day.h"
#include "store/audit.h"
#include "store/rows.h"

static enum rc insert(struct tx *tx, const struct restored *in, int64_t *changed) {
    const struct issued_row *r = in->row;
    return db_exec(tx->db,
                   "INSERT INTO issued (old_id, old_serial, new_serial, tax_code, not_before, not_after, owed_days, "
                   "cut_days, contract_end, channel, campaign_hash, reserved_at, issued_at, confirmed_at, tbs, der, "
                   "holder, receipt, secret) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) "
                   "ON CONFLICT DO NOTHING",
                   DB_ARGS(db_int(r->old_id), db_text(r->old_serial), db_text(r->new_serial), db_text(r->tax_code),
                           db_int(r->not_before), db_int(r->not_after), db_int(r->owed_days), db_int(r->cut_days),
                           db_int(r->contract_end), db_text(channel_name(r->channel)), db_text(in->campaign_hash),
                           db_int(r->reserved_at), db_int(r->issued_at), db_instant(r->confirmed_at),
                           db_blob(span_str("")), db_blob(buf_span(&r->der)), db_text(r->holder), db_blob(in->receipt),
                           db_text(in->secret)),
                   changed);
}

static enum rc tell(struct tx *tx, const char *kind, const struct restored *in) {
    return audit_put(tx,
                     &(struct audit_event){
                         .kind = kind, .old_serial = in->row->old_serial, .actor = in->actor, .detail = in->detail});
}

enum rc restored_put(struct tx *tx, const struct restored *in) {
    int64_t changed = 0;
    TRY(rows_there(tx->db, "SELECT id FROM certs WHERE id = $1", DB_ARGS(db_int(in->row->old_id))));
    TRY(db_exec(tx->db, "DELETE FROM issued WHERE old_id = $1 AND der IS NULL", DB_ARGS(db_int(in->row->old_id)),
                NULL));
    TRY(insert(tx, in, &changed));
    if (changed == 0)
        FAIL(RC_EXISTS, "another certificate is stored in its place already");
    return tell(tx, "recovered", in);
}

bool restored_is(const struct issued_row *row) {
    return row->der.len > 0 && row->request_hash[0] == '\0' && row->consent_at == INSTANT_NONE;
}

enum rc restored_complete(struct tx *tx, const struct restored *in) {
    const struct issued_row *r = in->row;
    TRY(db_exec(tx->db,
                "UPDATE issued SET channel = $2, holder = $3, reserved_at = $4, issued_at = $5 WHERE old_id = $1",
                DB_ARGS(db_int(r->old_id), db_text(channel_name(r->channel)), db_text(r->holder),
                        db_int(r->reserved_at), db_int(r->issued_at)),
                NULL));
    if (in->receipt.len > 0)
        TRY(db_exec(tx->db,
                    "UPDATE issued SET confirmed_at = $2, receipt = $3, secret = $4 "
                    "WHERE old_id = $1 AND confirmed_at IS NULL",
                    DB_ARGS(db_int(r->old_id), db_int(r->confirmed_at), db_blob(in->receipt), db_text(in->secret)),
                    NULL));
    return tell(tx, "completed", in);
}
