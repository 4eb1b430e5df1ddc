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
    int64_t old_id;
    struct cert cert;
    struct sha256 bytes; /* of what is signed in it */
    struct issued_row row, stored;
    struct buf receipt, detail;
    char secret[2 * ISSUE_SECRET_LEN + 1];
};

static void recovery_free(struct recovery *r) {
    issued_row_free(&r->row);
    issued_row_free(&r->stored);
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
    return certs_each(db, r->old_id - 1, r->old_id, take_record, r);
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

static enum rc write_it(struct tx *tx, struct recovery *r, enum rc (*how)(struct tx *tx, const struct restored *in)) {
    char hash[2 * SHA256_LEN + 1];
    sha256_hex(r->site->campaign_hash, hash);
    const struct restored in = {.row = &r->row,
                                .campaign_hash = hash,
                                .receipt = buf_span(&r->receipt),
                                .secret = r->secret,
                                .actor = r->from->actor,
                                .detail = buf_str(&r->detail)};
    return how(tx, &in);
}

static enum rc put(struct tx *tx, void *arg) {
    return write_it(tx, arg, restored_put);
}

static enum rc complete(struct tx *tx, void *arg) {
    return write_it(tx, arg, restored_complete);
}

/* What lies where this one belongs; RC_NOT_FOUND: nothing, its serial number has another. */
static enum rc read_stored(struct db *db, void *arg) {
    struct recovery *r = arg;
    return issue_get(db, r->old_id, &r->stored);
}

/* Somebody has brought it meanwhile, or something else stands there: then it is as missing as before. */
static enum rc see_stored(struct recovery *r, bool *same) {
    struct cert cert;
    enum rc rc = store_read(r->site->store, read_stored, r);
    *same = false;
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    TRY(rc);
    if (cert_parse(buf_span(&r->stored.der), &cert) != RC_OK)
        return RC_OK;
    struct sha256 is = sha256_of(cert.tbs);
    *same = memcmp(&is, &r->bytes, sizeof is) == 0;
    return RC_OK;
}

static enum rc record(struct recovery *r, int64_t now, enum recovered done, enum recovered *what) {
    bool same = false;
    TRY(make_row(r));
    TRY(make_receipt(r));
    TRY(make_detail(r));
    enum rc rc = store_write(r->site->store, now, put, r);
    if (rc == RC_EXISTS)
        TRY(see_stored(r, &same));
    else if (rc != RC_OK)
        return rc;
    *what = rc == RC_OK ? done : same ? RECOVERED_NOT : RECOVERED_BLOCKED;
    return RC_OK;
}

/* Anybody may bring it: the journal has its digest, and the CA's signature holds. */
static enum rc fill(struct recovery *r, const struct gap *gap, int64_t now, enum recovered *what) {
    if (ca_verify(r->site->new_ca, &r->cert, false) != RC_OK)
        return RC_OK;
    if (gap->old_id == 0)
        FAIL(RC_NOT_FOUND, "the record of the old certificate is missing too: import it first");
    r->old_id = gap->old_id;
    TRY(record(r, now, RECOVERED_TAKEN, what));
    if (*what != RECOVERED_BLOCKED)
        gaps_close(r->site->gaps, gap);
    return RC_OK;
}

/* Issued for one of ours, as the CA's signature says, and nothing here knows of it: the journal first, as when it was
   signed. */
static enum rc take_late(struct recovery *r, int64_t now, enum recovered *what) {
    const struct recover_source *from = r->from;
    char serial[2 * SERIAL_MAX + 2];
    if (ca_verify(r->site->new_ca, &r->cert, false) != RC_OK)
        return RC_OK;
    enum rc rc = late_record(from->late, &r->cert, from->old_serial, from->tax_code, &r->old_id, serial);
    if (rc == RC_NOT_FOUND && from->old_serial[0] == '\0')
        return RC_OK; /* the CA issues to others too */
    TRY(rc);
    rc = store_read(r->site->store, read_stored, r);
    if (rc == RC_OK && r->stored.der.len > 0) {
        *what = RECOVERED_BLOCKED;
        return RC_OK;
    }
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    rc = late_enter(from->late, serial, &r->bytes);
    if (rc == RC_EXISTS || rc == RC_BUSY) {
        *what = rc == RC_BUSY ? RECOVERED_HELD : RECOVERED_BLOCKED;
        return RC_OK;
    }
    TRY(rc);
    return record(r, now, RECOVERED_ENTERED, what);
}

static enum rc read_by_serial(struct db *db, void *arg) {
    struct recovery *r = arg;
    char serial[2 * SERIAL_MAX + 2];
    serial_to_hex(r->cert.facts.serial, r->cert.facts.serial_len, serial);
    return issue_by_new_serial(db, serial, &r->stored);
}

/* What was made up for want of better is what an export may tell; all else stays. */
static bool add_known(struct recovery *r) {
    const struct recover_source *from = r->from;
    struct issued_row *row = &r->row;
    bool credit = row->holder[0] == '\0' && (from->holder[0] != '\0' || from->channel != row->channel);
    bool times =
        row->reserved_at == row->not_before && or_else(from->reserved_at, row->reserved_at) != row->reserved_at;
    bool confirmed = row->confirmed_at == INSTANT_NONE && from->confirmed_at != INSTANT_NONE;
    if (credit) {
        row->channel = from->channel;
        memcpy(row->holder, from->holder, strlen(from->holder) + 1);
    }
    if (times) {
        row->reserved_at = from->reserved_at;
        row->issued_at = or_else(from->issued_at, from->reserved_at);
    }
    if (confirmed)
        row->confirmed_at = from->confirmed_at;
    return credit || times || confirmed;
}

/* Whoever had the public certificate alone has shown it before its export was read, and nobody's merit was known then.
 */
static enum rc complete_it(struct recovery *r, int64_t now, enum recovered *what) {
    if (!restored_is(&r->stored) || !span_eq(buf_span(&r->stored.der), r->cert.der))
        return RC_OK;
    r->row = r->stored;
    r->stored = (struct issued_row){0};
    bool unconfirmed = r->row.confirmed_at == INSTANT_NONE;
    if (!add_known(r))
        return RC_OK;
    if (unconfirmed)
        TRY(make_receipt(r));
    TRY(make_detail(r));
    TRY(store_write(r->site->store, now, complete, r));
    *what = RECOVERED_COMPLETED;
    return RC_OK;
}

enum rc recover_certificate(struct site *s, struct span der, const struct recover_source *from, int64_t now,
                            enum recovered *what) {
    AUTO(recovery) r = {.site = s, .from = from};
    *what = RECOVERED_NOT;
    if (cert_parse(der, &r.cert) != RC_OK)
        return RC_OK;
    r.bytes = sha256_of(r.cert.tbs);
    const struct gap *gap = gaps_find_bytes(s->gaps, &r.bytes);
    if (gap != NULL)
        return fill(&r, gap, now, what);
    if (from->late == NULL)
        return RC_OK;
    enum rc rc = store_read(s->store, read_by_serial, &r);
    if (rc == RC_NOT_FOUND)
        return take_late(&r, now, what);
    TRY(rc);
    return from->responder == NULL ? RC_OK : complete_it(&r, now, what);
}

enum rc recover_shown(struct site *s, struct span der, int64_t now) {
    static const struct recover_source from = {.name = "client", .actor = "stranger", RECOVER_UNKNOWN};
    enum recovered what;
    if (gaps_count(s->gaps) == 0)
        return RC_OK;
    enum rc rc = recover_certificate(s, der, &from, now, &what);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}
