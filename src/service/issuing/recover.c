/* Makes the row of an issued certificate again out of the certificate, the record it was sold under and the campaign.
 */
#include "service/issuing/recover.h"

#include <string.h>

#include "base/hex.h"
#include "base/jsonw.h"
#include "rules/validity.h"
#include "store/restored.h"

struct recovery {
    struct site *site;
    const struct recover_source *from;
    const struct gap *gap;
    struct cert cert;
    struct issued_row row;
    struct buf receipt, detail;
    char secret[2 * ISSUE_SECRET_LEN + 1];
};

static void recovery_free(struct recovery *r) {
    issued_row_free(&r->row);
    buf_free(&r->receipt);
    buf_free(&r->detail);
}

static int64_t or_else(int64_t known, int64_t otherwise) {
    return known == INSTANT_NONE ? otherwise : known;
}

/* What the contract gave, by the records as they are now. */
static enum rc take_record(void *arg, const struct cert_row *record, const struct issued_row *issued) {
    struct recovery *r = arg;
    const struct campaign *c = &r->site->campaign;
    struct issued_row *row = &r->row;
    (void)issued;
    row->old_id = record->id;
    row->owed_days = record->contract_to - c->expiry_day;
    row->contract_end = validity_contract_end(c, record->contract_to);
    row->cut_days = validity_window(c, record->contract_to, r->row.reserved_at).cut_days;
    TRY(text_set(row->old_serial, sizeof row->old_serial, record->serial));
    return text_set(row->tax_code, sizeof row->tax_code, record->tax_code);
}

static enum rc read_record(struct db *db, void *arg) {
    struct recovery *r = arg;
    return certs_each(db, r->gap->old_id - 1, r->gap->old_id, take_record, r);
}

/* A time that is not known is that of the certificate. */
static enum rc make_row(struct recovery *r) {
    const struct recover_source *from = r->from;
    struct issued_row *row = &r->row;
    row->not_before = r->cert.facts.not_before;
    row->not_after = r->cert.facts.not_after;
    row->channel = from->channel;
    row->reserved_at = or_else(from->reserved_at, row->not_before);
    row->issued_at = or_else(from->issued_at, row->reserved_at);
    row->confirmed_at = from->responder == NULL ? INSTANT_NONE : from->confirmed_at;
    row->consent_at = row->marks_at = INSTANT_NONE;
    serial_to_hex(r->cert.facts.serial, r->cert.facts.serial_len, row->new_serial);
    TRY(text_set(row->holder, sizeof row->holder, from->holder));
    TRY(buf_set(&row->der, r->cert.der));
    return store_read(r->site->store, read_record, r);
}

/* The subscriber's own copy holds still; here is one again. */
static enum rc make_receipt(struct recovery *r) {
    uint8_t secret[ISSUE_SECRET_LEN];
    if (r->row.confirmed_at == INSTANT_NONE)
        return RC_OK;
    random_bytes(secret, sizeof secret);
    hex_to(secret, sizeof secret, r->secret);
    return receipt_make(r->from->responder, &r->site->campaign, &r->row, r->row.confirmed_at, &r->receipt);
}

static enum rc make_detail(struct recovery *r) {
    AUTO(jsonw) w = {0};
    char hash[2 * SHA256_LEN + 1];
    sha256_hex(sha256_of(r->cert.der), hash);
    jsonw_object(&w, NULL);
    jsonw_str(&w, "new_serial", r->row.new_serial);
    jsonw_str(&w, "sha256", hash);
    jsonw_str(&w, "from", r->from->name);
    jsonw_bool(&w, "confirmed", r->row.confirmed_at != INSTANT_NONE);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return buf_set(&r->detail, buf_span(&w.out));
}

static enum rc put(struct tx *tx, void *arg) {
    struct recovery *r = arg;
    char hash[2 * SHA256_LEN + 1];
    sha256_hex(r->site->campaign_hash, hash);
    const struct restored in = {.row = &r->row,
                                .campaign_hash = hash,
                                .receipt = buf_span(&r->receipt),
                                .secret = r->secret,
                                .detail = buf_str(&r->detail)};
    return restored_put(tx, &in);
}

/* Anybody may bring it: the journal has its digest, and the CA's signature holds. */
static bool fills(struct recovery *r, struct span der) {
    if (cert_parse(der, &r->cert) != RC_OK)
        return false;
    struct sha256 bytes = sha256_of(r->cert.tbs);
    r->gap = gaps_find_bytes(r->site->gaps, &bytes);
    return r->gap != NULL && ca_verify(r->site->new_ca, &r->cert, false) == RC_OK;
}

enum rc recover_certificate(struct site *s, struct span der, const struct recover_source *from, int64_t now,
                            bool *taken) {
    AUTO(recovery) r = {.site = s, .from = from};
    *taken = false;
    if (gaps_count(s->gaps) == 0 || !fills(&r, der))
        return RC_OK;
    if (r.gap->old_id == 0)
        FAIL(RC_NOT_FOUND, "the record of the old certificate is missing too: import it first");
    TRY(make_row(&r));
    TRY(make_receipt(&r));
    TRY(make_detail(&r));
    enum rc rc = store_write(s->store, now, put, &r);
    if (rc != RC_OK && rc != RC_EXISTS) /* somebody else has brought it meanwhile: then it is there */
        return rc;
    gaps_close(s->gaps, r.gap);
    *taken = rc == RC_OK;
    return RC_OK;
}

enum rc recover_shown(struct site *s, struct span der, int64_t now, bool *taken) {
    static const struct recover_source from = {.name = "client",
                                               .channel = CHANNEL_SELF,
                                               .holder = "",
                                               .reserved_at = INSTANT_NONE,
                                               .issued_at = INSTANT_NONE,
                                               .confirmed_at = INSTANT_NONE};
    enum rc rc = recover_certificate(s, der, &from, now, taken);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}
