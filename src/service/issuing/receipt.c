/* Writes and signs receipts (declared in service/issuing/receipt.h). */
#include "service/issuing/receipt.h"

#include "base/day.h"
#include "base/hex.h"
#include "base/jsonw.h"
#include "pki/cms.h"
#include "rules/consent_text.h"
#include "store/certs.h"

static void put_consent(struct jsonw *w, const struct issued_row *row) {
    if (row->consent_at == INSTANT_NONE) { /* unattended: the request told of none */
        jsonw_null(w, "consent");
        return;
    }
    jsonw_object(w, "consent");
    jsonw_str(w, "text_id", row->consent_text);
    jsonw_str(w, "lang", row->consent_lang);
    jsonw_str(w, "text", consent_text(row->consent_text, row->consent_lang));
    jsonw_instant(w, "at", row->consent_at);
    jsonw_close(w, '}');
}

static enum rc write_text(const struct campaign *c, const struct issued_row *row, int64_t confirmed_at,
                          struct buf *out) {
    AUTO(jsonw) w = {0};
    char contract_end[DAY_TEXT];
    day_format(day_of(row->contract_end, c->utc_offset), contract_end);
    jsonw_object(&w, NULL);
    jsonw_str(&w, "receipt", "1");
    jsonw_str(&w, "campaign", c->id);
    jsonw_str(&w, "old_serial", row->old_serial);
    jsonw_str(&w, "new_serial", row->new_serial);
    jsonw_str(&w, "tax_code", row->tax_code);
    jsonw_str(&w, "contract_end", contract_end);
    jsonw_instant(&w, "new_not_after", row->not_after);
    jsonw_int(&w, "owed_days", row->owed_days - row->cut_days);
    jsonw_str(&w, "channel", channel_name(row->channel));
    put_consent(&w, row);
    jsonw_text(&w, "request", row->request_hash);
    jsonw_instant(&w, "confirmed_at", confirmed_at);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return buf_set(out, buf_span(&w.out));
}

enum rc receipt_make(const struct responder *by, const struct campaign *c, const struct issued_row *row,
                     int64_t confirmed_at, struct buf *out) {
    AUTO(buf) text = {0};
    TRY(write_text(c, row, confirmed_at, &text));
    return cms_sign(by->key, &by->cert, buf_span(&text), confirmed_at, out);
}

enum rc receipt_text(const struct ca *ca, struct span document, struct buf *out) {
    struct cms cms;
    TRY(cms_verify(document, ca, &cms));
    return buf_set(out, cms.content);
}

static enum rc by_old(struct db *db, const struct cert *cert, const char *serial, struct issued_row *out) {
    char issuer_key[2 * KEY_ID_MAX + 1];
    AUTO(cert_row) row = {0};
    bool has_issued = false;
    cert_issuer_key(cert, issuer_key);
    TRY(certs_get(db, issuer_key, serial, &row, out, &has_issued));
    if (!has_issued || !span_eq(buf_span(&row.der), cert->der))
        FAIL(RC_NOT_FOUND, "nothing was issued for that certificate");
    return RC_OK;
}

enum rc receipt_subject(struct db *db, struct span certificate, struct issued_row *out) {
    struct cert cert;
    char serial[2 * SERIAL_MAX + 2];
    TRY(cert_parse(certificate, &cert));
    serial_to_hex(cert.facts.serial, cert.facts.serial_len, serial);
    enum rc rc = issue_by_new_serial(db, serial, out);
    if (rc == RC_OK && span_eq(buf_span(&out->der), certificate))
        return RC_OK;
    return rc == RC_OK || rc == RC_NOT_FOUND ? by_old(db, &cert, serial, out) : rc;
}
