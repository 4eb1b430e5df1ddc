/* Reserve, sign, store: two short transactions around one signature, so that after a crash anywhere the same bytes are
   signed again and never others. */
#include <string.h>

#include "base/day.h"
#include "base/hex.h"
#include "rules/validity.h"
#include "service/reissue_job.h"

struct step { /* what the two transactions work with */
    struct job *job;
    struct issued_row *plan; /* to be reserved */
    bool reserved;           /* the plan is the reservation; else job->records.issued was there before */
    const char *detail;
};

/* What was agreed to, and with whose help, stays with the reservation (R5.10). */
static void put_consent(const struct job *j, struct issued_row *plan) {
    const struct consent_row *c = &j->consent;
    if (!j->has_consent)
        return;
    plan->consent_at = c->at;
    memcpy(plan->consent_text, c->text_id, sizeof plan->consent_text);
    memcpy(plan->consent_lang, c->lang, sizeof plan->consent_lang);
    memcpy(plan->holder, c->holder, sizeof plan->holder);
}

/* Serial, window and the exact bytes to be signed (R5.7). */
static enum rc make_plan(const struct job *j, struct issued_row *plan) {
    const struct site *s = j->core->site;
    const struct cert_row *row = &j->records.row;
    uint8_t serial[SERIAL_LEN];
    struct window w = validity_window(&s->campaign, row->contract_to, j->now);
    *plan = (struct issued_row){.old_id = row->id,
                                .not_before = w.not_before,
                                .not_after = w.not_after,
                                .owed_days = j->verdict.verdict.owed_days,
                                .cut_days = w.cut_days,
                                .contract_end = validity_contract_end(&s->campaign, row->contract_to),
                                .channel = job_channel(j),
                                .reserved_at = j->now,
                                .issued_at = INSTANT_NONE,
                                .confirmed_at = INSTANT_NONE,
                                .consent_at = INSTANT_NONE};
    put_consent(j, plan);
    memcpy(plan->old_serial, row->serial, sizeof plan->old_serial);
    memcpy(plan->tax_code, row->tax_code, sizeof plan->tax_code);
    profile_serial(j->req->now_ms, serial);
    serial_to_hex(serial, sizeof serial, plan->new_serial);
    struct profile_input in = {.old_cert = &j->old_cert,
                               .issuer = ca_cert(s->new_ca),
                               .spki = job_new_key(j) ? j->req->new_spki : (struct span){0},
                               .sig_alg = signer_alg(j->core->signer),
                               .serial = serial,
                               .not_before = w.not_before,
                               .not_after = w.not_after,
                               .ocsp_url = s->campaign.ocsp_url,
                               .crl_url = s->campaign.crl_url};
    struct profile_bounds bounds = {&j->old_cert, ca_cert(s->new_ca), plan->contract_end, job_new_key(j)};
    TRY(profile_tbs(&in, &plan->tbs));
    return profile_check(buf_span(&plan->tbs), &bounds);
}

/* The records may have changed between the judging and this transaction: then the request is judged anew. */
static enum rc still_as_judged(struct tx *tx, const struct cert_row *judged) {
    struct cert_row now = {0}; /* without buffers */
    TRY(certs_get_judged(tx->db, judged->id, &now));
    if (now.status != judged->status || now.contract_to != judged->contract_to || now.device != judged->device ||
        now.province != judged->province)
        FAIL(RC_BUSY, "the records of %s changed while they were judged; ask again", judged->serial);
    return RC_OK;
}

static enum rc take_existing(struct db *db, struct job *j) {
    issued_row_free(&j->records.issued);
    j->records.issued = (struct issued_row){0};
    enum rc rc = issue_get(db, j->records.row.id, &j->records.issued);
    j->records.has_issued = rc == RC_OK;
    return rc;
}

/* Whoever was faster, its reservation is the one. */
static enum rc reserve_body(struct tx *tx, void *arg) {
    struct step *s = arg;
    char hash[2 * SHA256_LEN + 1];
    TRY(still_as_judged(tx, &s->job->records.row));
    sha256_hex(s->job->core->site->campaign_hash, hash);
    enum rc rc = issue_reserve(tx, s->plan, hash, s->detail);
    s->reserved = rc == RC_OK;
    return rc == RC_EXISTS ? take_existing(tx->db, s->job) : rc;
}

static enum rc reserve(struct job *j, bool *not_renewable) {
    AUTO(issued_row) plan = {0};
    AUTO(buf) detail = {0};
    enum rc rc = make_plan(j, &plan);
    *not_renewable = rc == RC_REFUSED || rc == RC_INPUT || rc == RC_LIMIT;
    TRY(rc);
    TRY(job_detail(j, &(struct job_note){.new_serial = plan.new_serial, .bytes = buf_span(&plan.tbs)}, &detail));
    struct step s = {.job = j, .plan = &plan, .detail = buf_str(&detail)};
    TRY(store_write(j->core->site->store, j->now, reserve_body, &s));
    if (!s.reserved)
        return RC_OK;
    issued_row_free(&j->records.issued); /* of another's reservation that was rolled back */
    j->records.issued = plan;
    plan = (struct issued_row){0}; /* given away */
    j->records.has_issued = true;
    return RC_OK;
}

/* Signs what was recorded and checks what came back under the CA certificate's own key. */
static enum rc sign(struct job *j) {
    const struct issued_row *issued = &j->records.issued;
    AUTO(buf) signature = {0};
    struct cert made;
    struct signer_request req = {j->old_cert.der, buf_span(&issued->tbs), issued->contract_end};
    TRY(signer_sign(j->core->signer, &req, &signature));
    buf_clear(&j->certificate);
    TRY(profile_join(buf_span(&issued->tbs), signer_alg(j->core->signer), buf_span(&signature), &j->certificate));
    TRY(cert_parse(buf_span(&j->certificate), &made));
    return ca_verify(j->core->site->new_ca, &made, false);
}

/* Two requests may sign side by side, and ECDSA signatures differ: the first one stored is the certificate. */
static enum rc store_body(struct tx *tx, void *arg) {
    struct step *s = arg;
    AUTO(issued_row) stored = {0};
    int64_t id = s->job->records.row.id;
    enum rc rc = issue_store(tx, id, s->job->records.row.serial, buf_span(&s->job->certificate), s->detail);
    if (rc != RC_EXISTS)
        return rc;
    TRY(issue_get(tx->db, id, &stored));
    return buf_set(&s->job->certificate, buf_span(&stored.der));
}

enum rc job_issue(struct job *j, bool *not_renewable) {
    AUTO(buf) detail = {0};
    *not_renewable = false;
    if (!j->records.has_issued)
        TRY(reserve(j, not_renewable));
    if (j->records.issued.der.len > 0)
        return buf_set(&j->certificate, buf_span(&j->records.issued.der));
    TRY(sign(j));
    struct job_note note = {.new_serial = j->records.issued.new_serial, .bytes = buf_span(&j->certificate)};
    TRY(job_detail(j, &note, &detail));
    struct step s = {.job = j, .detail = buf_str(&detail)};
    return store_write(j->core->site->store, j->now, store_body, &s);
}
