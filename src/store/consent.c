/* Consent and channel as the signed request tells them (R5.10), recorded with the reservation they lead to. */
#include "base/jsonw.h"
#include "store/audit.h"
#include "store/control.h"
#include "store/issue.h"

static enum rc audit(struct tx *tx, const struct consent_row *r, const char *old_serial, const char *assist_hash) {
    AUTO(jsonw) w = {0};
    jsonw_object(&w, NULL);
    jsonw_str(&w, "channel", channel_name(r->channel));
    jsonw_str(&w, "assist", assist_hash);
    jsonw_str(&w, "client", r->client_version);
    jsonw_str(&w, "device", r->device_model);
    jsonw_str(&w, "text", r->text_id);
    jsonw_str(&w, "lang", r->lang);
    jsonw_instant(&w, "at", r->at);
    if (r->support_code[0] != '\0')
        jsonw_str(&w, "support_code", r->support_code);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return audit_put(tx, &(struct audit_event){"consent", old_serial, "subscriber", buf_str(&w.out)});
}

enum rc consent_put(struct tx *tx, const struct consent_row *r, const char *old_serial) {
    char hash[ASSIST_HASH];
    const char *assist_hash = NULL;
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
