/* Consent and channel as told by `begin` (R5.10): the latest before the reservation counts, every one is in the audit.
 */
#include "base/jsonw.h"
#include "store/audit.h"
#include "store/control.h"
#include "store/issue.h"
#include "store/rows.h"

static enum rc audit(struct tx *tx, const struct consent_row *r, const char *old_serial, const char *assist_hash) {
    AUTO(jsonw) w = {0};
    jsonw_object(&w, NULL);
    jsonw_str(&w, "channel", channel_name(r->channel));
    jsonw_str(&w, "assist", assist_hash);
    jsonw_str(&w, "client", r->client_version);
    jsonw_str(&w, "device", r->device_model);
    jsonw_str(&w, "text", r->text_id);
    jsonw_str(&w, "lang", r->lang);
    if (r->support_code[0] != '\0')
        jsonw_str(&w, "support_code", r->support_code);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return audit_put(tx, &(struct audit_event){"begin", old_serial, "subscriber", buf_str(&w.out)});
}

/* Other calls may have come in between since the caller looked: only here nobody can any more. */
static enum rc check_put(struct tx *tx, const struct consent_row *r) {
    struct assist_row assist;
    enum rc rc = rows_reserved(tx->db, r->old_id);
    if (rc == RC_OK)
        FAIL(RC_EXISTS, "a new certificate is reserved under the consent given before");
    if (rc != RC_NOT_FOUND || r->assist[0] == '\0')
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    TRY(assist_get(tx->db, r->assist, r->old_id, &assist));
    if (assist_state(&assist, tx->now) != ASSIST_GOOD)
        FAIL(RC_REFUSED, "the assist code is used up or expired");
    return RC_OK;
}

enum rc consent_put(struct tx *tx, const struct consent_row *r, const char *old_serial) {
    char hash[ASSIST_HASH];
    const char *assist_hash = NULL;
    TRY(check_put(tx, r));
    if (r->assist[0] != '\0') {
        assist_hash_of(r->assist, hash);
        assist_hash = hash;
    }
    TRY(db_exec(tx->db,
                "INSERT INTO consent (old_id, at, channel, assist_hash, client_version, device_model, text_id, lang) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (old_id) DO UPDATE SET at = excluded.at, "
                "channel = excluded.channel, assist_hash = excluded.assist_hash, "
                "client_version = excluded.client_version, device_model = excluded.device_model, "
                "text_id = excluded.text_id, lang = excluded.lang",
                DB_ARGS(db_int(r->old_id), db_int(r->at), db_text(channel_name(r->channel)), db_text(assist_hash),
                        db_text(r->client_version), db_text(r->device_model), db_text(r->text_id), db_text(r->lang)),
                NULL));
    return audit(tx, r, old_serial, assist_hash);
}

static enum rc read_row(void *arg, const struct db_row *r) {
    struct consent_row *out = arg;
    out->old_id = db_get_int(r, 0);
    out->at = db_get_int(r, 1);
    TRY(rows_channel(r, 2, &out->channel));
    TRY(db_get_text(r, 3, out->client_version, sizeof out->client_version));
    TRY(db_get_text(r, 4, out->device_model, sizeof out->device_model));
    TRY(db_get_text(r, 5, out->text_id, sizeof out->text_id));
    TRY(db_get_text(r, 6, out->holder, sizeof out->holder));
    return db_get_text(r, 7, out->lang, sizeof out->lang);
}

enum rc consent_get(struct db *db, int64_t old_id, struct consent_row *out) {
    struct consent_row got = {0};
    TRY(rows_one(db,
                 "SELECT c.old_id, c.at, c.channel, c.client_version, c.device_model, c.text_id, a.holder, c.lang "
                 "FROM consent c LEFT JOIN assist a ON a.code_hash = c.assist_hash WHERE c.old_id = $1",
                 DB_ARGS(db_int(old_id)), read_row, &got, "no consent was given for that certificate"));
    *out = got;
    return RC_OK;
}
