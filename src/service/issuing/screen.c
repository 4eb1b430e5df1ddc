/* Judges one certificate: from its DER or its serial to the verdict, the opening and how far its renewal is. */
#include "service/issuing/screen.h"

#include <string.h>

#include "base/day.h"
#include "base/hex.h"
#include "service/site/gaps.h"

const char *state_name(enum state s) {
    static const char *const names[] = {"owed", "reserved", "issued", "confirmed"};
    return names[s];
}

static enum state state_of(const struct issued_row *issued) {
    if (issued == NULL)
        return STATE_OWED;
    if (issued->issued_at == INSTANT_NONE)
        return STATE_RESERVED;
    return issued->confirmed_at == INSTANT_NONE ? STATE_ISSUED : STATE_CONFIRMED;
}

static struct opening closed(void) {
    return (struct opening){.phase = -1, .opens_on = DAY_NONE};
}

/* Reserved is not issued: after a crash between the two the case is still owed, and is finished by asking again. */
static struct case_facts case_of(const struct site *s, const struct cert_row *row, const struct issued_row *issued) {
    if (row == NULL)
        return (struct case_facts){.known = false};
    return (struct case_facts){.known = true,
                               .status = row->status,
                               .contract_to = row->contract_to,
                               .device = row->device,
                               .province = row->province,
                               .compensated = state_of(issued) >= STATE_ISSUED,
                               .unrecorded = gaps_has(s->gaps, row->id)};
}

static void put_issued(const struct issued_row *issued, struct screened *out) {
    memcpy(out->new_serial, issued->new_serial, sizeof out->new_serial);
    memcpy(out->holder, issued->holder, sizeof out->holder);
    out->marks = issued->marks;
    out->channel = issued->channel;
    out->reserved_at = issued->reserved_at;
    out->issued_at = issued->issued_at;
    out->confirmed_at = issued->confirmed_at;
    if (out->verdict.kind != VERDICT_DONE)
        return;
    out->verdict.new_not_after = issued->not_after; /* what was given, not what would be given now */
    out->verdict.owed_days = issued->owed_days - issued->cut_days;
    out->verdict.cut_days = issued->cut_days;
}

void screen_judge(const struct site *s, const struct cert *cert, const struct cert_row *row,
                  const struct issued_row *issued, const struct phase_switches *switches, int64_t now,
                  struct screened *out) {
    struct case_facts subject = case_of(s, row, issued);
    *out = (struct screened){.verdict = eligibility_check(&s->campaign, &cert->facts, &subject, now),
                             .opening = closed(),
                             .state = state_of(issued),
                             .issuer = cert->facts.issuer,
                             .odd = cert->facts.odd,
                             .unfit = cert->facts.unfit,
                             .device = subject.device,
                             .province = subject.province,
                             .phase = -1,
                             .reserved_at = INSTANT_NONE,
                             .issued_at = INSTANT_NONE,
                             .confirmed_at = INSTANT_NONE};
    if (cert->facts.serial_len > 0)
        serial_to_hex(cert->facts.serial, cert->facts.serial_len, out->serial);
    if (row != NULL) {
        int32_t today = day_of(now, s->campaign.utc_offset);
        out->opening = rollout_check(&s->campaign, switches, row->device, row->province, today);
        out->phase = rollout_phase_of(&s->campaign, row->device, row->province);
        out->wanted = gaps_wants(s->gaps, row->id) && out->state < STATE_ISSUED;
    }
    if (issued != NULL)
        put_issued(issued, out);
}

void screen_unknown(const char *serial, struct screened *out) {
    *out = (struct screened){.verdict = {.kind = VERDICT_REFUSED,
                                         .reasons = 1u << REASON_UNKNOWN_CERTIFICATE,
                                         .old_not_after = INSTANT_NONE,
                                         .new_not_after = INSTANT_NONE},
                             .opening = closed(),
                             .phase = -1,
                             .reserved_at = INSTANT_NONE,
                             .issued_at = INSTANT_NONE,
                             .confirmed_at = INSTANT_NONE};
    size_t len = strnlen(serial, sizeof out->serial - 1);
    memcpy(out->serial, serial, len);
}

void screen_records_free(struct screen_records *r) {
    cert_row_free(&r->row);
    issued_row_free(&r->issued);
}

static enum rc load_issued(struct db *db, struct screen_records *r) {
    enum rc rc = issue_get(db, r->row.id, &r->issued);
    r->has_issued = rc == RC_OK;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc screen_load(struct db *db, const struct campaign *c, const struct cert *cert, struct screen_records *out) {
    char issuer_key[2 * KEY_ID_MAX + 1], serial[2 * SERIAL_MAX + 2];
    cert_issuer_key(cert, issuer_key);
    serial_to_hex(cert->facts.serial, cert->facts.serial_len, serial);
    TRY(phase_switches_get(db, c, &out->switches));
    bool has_issued = false;
    enum rc rc = certs_get(db, issuer_key, serial, &out->row, &out->issued, &has_issued);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    TRY(rc);
    /* Other bytes under the same issuer key and serial are another certificate, and that one nobody imported. */
    out->known = span_eq(buf_span(&out->row.der), cert->der);
    out->has_issued = out->known && has_issued;
    return RC_OK;
}

void screen_records_judge(const struct site *s, const struct cert *cert, const struct screen_records *r, int64_t now,
                          struct screened *out) {
    screen_judge(s, cert, r->known ? &r->row : NULL, r->has_issued ? &r->issued : NULL, &r->switches, now, out);
}

struct look_up { /* what the read body works with */
    const struct campaign *campaign;
    const struct cert *cert;       /* by certificate */
    const char *tax_code, *serial; /* or by these */
    struct screen_records *records;
};

static enum rc by_certificate(struct db *db, void *arg) {
    struct look_up *l = arg;
    return screen_load(db, l->campaign, l->cert, l->records);
}

static enum rc by_serial(struct db *db, void *arg) {
    struct look_up *l = arg;
    TRY(phase_switches_get(db, l->campaign, &l->records->switches));
    enum rc rc = certs_find(db, l->tax_code, l->serial, &l->records->row);
    l->records->known = rc == RC_OK;
    if (rc == RC_OK)
        return load_issued(db, l->records);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc screen_certificate(struct site *s, struct span der, int64_t now, struct screened *out) {
    struct cert cert;
    AUTO(screen_records) records = {0};
    TRY(cert_look(der, &cert));
    ca_identify(site_cas(s), &cert);
    struct look_up l = {.campaign = &s->campaign, .cert = &cert, .records = &records};
    TRY(store_read(s->store, by_certificate, &l));
    screen_records_judge(s, &cert, &records, now, out);
    return RC_OK;
}

enum rc screen_serial(struct site *s, const char *tax_code, const char *serial, int64_t now, struct screened *out) {
    struct cert cert;
    AUTO(screen_records) records = {0};
    struct look_up l = {.campaign = &s->campaign, .tax_code = tax_code, .serial = serial, .records = &records};
    TRY(store_read(s->store, by_serial, &l));
    if (!records.known) {
        screen_unknown(serial, out);
        return RC_OK;
    }
    TRY(cert_parse(buf_span(&records.row.der), &cert));
    ca_identify(site_cas(s), &cert);
    screen_records_judge(s, &cert, &records, now, out);
    return RC_OK;
}
