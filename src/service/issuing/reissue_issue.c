/* Judge and reserve, sign, store: two short transactions around one signature, so that after a crash anywhere the same
   bytes are signed again and never others. Each step begins the next one on the thread that ended it: who has reserved
   has it signed, who hears the signature composes the answer and has certificate and answer stored in one; the thread
   that asks is woken once. */
#include "service/issuing/reissue_issue.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "base/hex.h"
#include "base/latch.h"
#include "pki/signer/signer_lines.h"
#include "rules/validity.h"
#include "service/issuing/catchup.h"
#include "service/site/record.h"
#include "store/audit.h"
#include "store/newest.h"

struct issue { /* what goes from thread to thread; one at a time works with it */
    struct job *job;
    struct buf detail; /* of the audit line under way */
    struct write write;
    struct signer_job signing;
    struct latch end;
    struct buf theirs;  /* the certificate that another one had stored first; empty: ours is the one */
    enum rc not_signed; /* the signers say no: RC_REFUSED, or RC_EXISTS: others were signed; else RC_OK */
    bool storing;       /* there is a certificate, and an answer */
};

static void issue_free(struct issue *i) {
    buf_free(&i->detail);
    buf_free(&i->signing.signature);
    buf_free(&i->theirs);
}

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
                                .channel = j->consent.channel,
                                .reserved_at = j->now,
                                .issued_at = INSTANT_NONE,
                                .confirmed_at = INSTANT_NONE,
                                .consent_at = INSTANT_NONE};
    put_consent(j, plan);
    if (j->req->kur.request.len > 0)
        sha256_hex(sha256_of(j->req->kur.request), plan->request_hash);
    memcpy(plan->old_serial, row->serial, sizeof plan->old_serial);
    memcpy(plan->tax_code, row->tax_code, sizeof plan->tax_code);
    profile_serial(j->req->now_ms, serial);
    serial_to_hex(serial, sizeof serial, plan->new_serial);
    struct profile_input in = {.old_cert = &j->old_cert,
                               .issuer = ca_cert(s->new_ca),
                               .spki = job_new_key(j) ? j->req->kur.new_spki : (struct span){0},
                               .sig_alg = signer_alg(j->core->signer),
                               .serial = serial,
                               .not_before = w.not_before,
                               .not_after = w.not_after,
                               .ocsp_url = s->campaign.ocsp_url,
                               .crl_url = s->campaign.crl_url};
    struct profile_bounds bounds = {.old_cert = &j->old_cert,
                                    .issuer = ca_cert(s->new_ca),
                                    .latest_begin = INT64_MAX,
                                    .latest_end = plan->contract_end,
                                    .spki = in.spki,
                                    .ocsp_url = s->campaign.ocsp_url,
                                    .crl_url = s->campaign.crl_url};
    TRY(profile_tbs(&in, &plan->tbs));
    return profile_check(buf_span(&plan->tbs), &bounds);
}

/* Stored: who asks goes on. */
static void ended(void *arg, enum rc rc, const char *text) {
    struct issue *i = arg;
    latch_open(&i->end, rc, text);
}

/* The next step was begun, or could not be: then this is the end. */
static void go_on(struct issue *i, enum rc begun) {
    if (begun != RC_OK)
        latch_open(&i->end, begun, err_text());
}

static enum rc submit(struct issue *i, enum rc (*body)(struct tx *tx, void *arg),
                      void (*done)(void *arg, enum rc rc, const char *text)) {
    i->write = (struct write){.body = body, .done = done, .arg = i, .now = i->job->now};
    return store_submit(i->job->core->site->store, &i->write);
}

/* Two requests may sign side by side, and ECDSA signatures differ: the first one stored is the certificate, and ours is
   composed again. Runs again when its company failed, so it changes nothing that it reads. */
static enum rc store_body(struct tx *tx, void *arg) {
    struct issue *i = arg;
    struct job *j = i->job;
    AUTO(issued_row) stored = {0};
    int64_t old_id = j->records.row.id;
    buf_clear(&i->theirs);
    enum rc rc = issue_store(tx, old_id, j->records.row.serial, buf_span(&j->certificate), buf_str(&i->detail));
    if (rc == RC_EXISTS) {
        TRY(issue_get(tx->db, old_id, &stored));
        return buf_set(&i->theirs, buf_span(&stored.der));
    }
    if (rc != RC_OK || j->response.len == 0)
        return rc;
    return cmp_tx_answer(tx, j->req->kur.transaction, buf_span(&j->response));
}

static enum rc compose(struct job *j) {
    const struct cmp_kur *k = &j->req->kur;
    buf_clear(&j->response);
    return k->transaction.len == 0 ? RC_OK : k->compose(k->compose_arg, buf_span(&j->certificate), &j->response);
}

/* The certificate is there: composes the answer and begins to store both. */
static enum rc store(struct issue *i) {
    struct job *j = i->job;
    const struct issued_row *issued = &j->records.issued;
    struct job_note note = {.new_serial = issued->new_serial, .bytes = buf_span(&j->certificate)};
    buf_clear(&i->detail);
    TRY(job_detail(j, &note, &i->detail));
    TRY(compose(j));
    i->storing = true;
    return submit(i, store_body, ended);
}

static enum rc join(struct issue *i) {
    struct job *j = i->job;
    TRY(profile_join(buf_span(&j->records.issued.tbs), signer_alg(j->core->signer), buf_span(&i->signing.signature),
                     &j->certificate));
    return store(i);
}

static void signed_now(void *arg, enum rc rc, const char *text) {
    struct issue *i = arg;
    i->not_signed = rc == RC_REFUSED || rc == RC_EXISTS ? rc : RC_OK;
    if (rc == RC_OK)
        go_on(i, join(i));
    else
        latch_open(&i->end, rc, text);
}

/* What was recorded is signed. */
static enum rc sign(struct issue *i) {
    struct job *j = i->job;
    i->signing.req = (struct signer_request){j->old_cert.der, j->req->kur.core, buf_span(&j->records.issued.tbs),
                                             record_claim(&j->records.row)};
    i->signing.done = signed_now;
    i->signing.arg = i;
    return signer_submit(j->core->signer, &i->signing);
}

static enum rc put_plan(struct tx *tx, struct issue *i, struct issued_row *plan) {
    struct job *j = i->job;
    char hash[2 * SHA256_LEN + 1];
    struct job_note note = {
        .new_serial = plan->new_serial, .bytes = buf_span(&plan->tbs), .request = plan->request_hash};
    buf_clear(&i->detail);
    TRY(job_detail(j, &note, &i->detail));
    sha256_hex(j->core->site->campaign_hash, hash);
    if (j->has_consent)
        TRY(consent_put(tx, &j->consent, plan->old_serial));
    return issue_reserve(tx, plan, hash, buf_str(&i->detail));
}

/* Was it answered before? Another message under the same transaction gets nothing. What a run before this one saw was
   perhaps never committed. */
static enum rc find_answer(struct db *db, void *arg) {
    struct job *j = arg;
    AUTO(cmp_tx_row) row = {0};
    AUTO(issued_row) issued = {0};
    buf_clear(&j->certificate);
    buf_clear(&j->response);
    j->request_kept = false;
    if (j->req->kur.transaction.len == 0)
        return RC_OK;
    enum rc rc = cmp_tx_get(db, j->req->kur.transaction, &row);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    if (!span_eq(buf_span(&row.request), j->req->kur.request))
        FAIL(RC_EXISTS, "another request has this CMP transaction");
    j->request_kept = true;
    if (row.response.len == 0)
        return RC_OK;
    TRY(issue_get(db, row.old_id, &issued));
    TRY(buf_set(&j->certificate, buf_span(&issued.der)));
    return buf_set(&j->response, buf_span(&row.response));
}

/* The request is there before anything is signed for it: it is the proof that the subscriber asked and agreed. */
static enum rc keep_request(struct tx *tx, const struct job *j) {
    AUTO(cmp_tx_row) row = {.old_id = j->records.row.id};
    if (j->req->kur.transaction.len == 0)
        return RC_OK;
    TRY(text_set(row.old_serial, sizeof row.old_serial, j->records.row.serial));
    TRY(buf_set(&row.request, j->req->kur.request));
    return cmp_tx_open(tx, j->req->kur.transaction, &row);
}

/* Every transaction is kept, so there is an end to those of one certificate. Past it nothing is recorded: it is no
   decision on the subscriber, and the same key could fill the audit. */
static enum rc ask_again(struct tx *tx, struct job *j) {
    bool more = j->req->kur.transaction.len > 0 && !j->request_kept;
    enum rc rc = !more ? RC_OK : issue_ask_again(tx, j->records.row.id);
    if (rc == RC_LIMIT)
        job_refuse_by(j, REFUSAL_ASKED_OFTEN);
    return rc == RC_LIMIT ? RC_OK : rc;
}

static enum rc reserve(struct tx *tx, struct issue *i) {
    struct job *j = i->job;
    AUTO(issued_row) plan = {0};
    const struct signer_claim claim = record_claim(&j->records.row);
    enum rc rc = make_plan(j, &plan);
    if (rc == RC_REFUSED || rc == RC_INPUT || rc == RC_LIMIT) {
        (void)snprintf(j->refusal.why, sizeof j->refusal.why, "%s", err_text());
        job_refuse_by(j, REFUSAL_NOT_RENEWABLE);
        return RC_OK;
    }
    TRY(rc);
    TRY(audit_claim(tx, span_of(&claim, sizeof claim)));
    TRY(put_plan(tx, i, &plan));
    j->records.issued = plan;
    plan = (struct issued_row){0}; /* given away */
    j->records.has_issued = true;
    return RC_OK;
}

/* What the verdict rests on is the newest there is, and the journal knows all that was signed before. */
static enum rc check_to_sign(struct tx *tx, struct job *j) {
    TRY(catchup_over(j->core->site));
    enum rc rc = newest_check(tx->db, &j->records.row);
    if (rc != RC_REFUSED)
        return rc;
    (void)snprintf(j->refusal.why, sizeof j->refusal.why, "%s", err_text());
    job_refuse_by(j, REFUSAL_NOT_SIGNED);
    return RC_OK;
}

/* Judged in the transaction that reserves: the records cannot change in between, nor anyone else reserve, for only one
   transaction writes at a time, on either back end. */
static enum rc decide_body(struct tx *tx, void *arg) {
    struct issue *i = arg;
    struct job *j = i->job;
    j->refusal = (struct decision){0};
    TRY(find_answer(tx->db, j));
    if (j->response.len > 0)
        return RC_OK;
    TRY(job_judge(tx->db, j));
    if (!job_refused(j) && j->records.issued.der.len == 0) /* else nothing is signed */
        TRY(check_to_sign(tx, j));
    if (!job_refused(j) && j->records.has_issued) {
        TRY(ask_again(tx, j));
        return job_refused(j) ? RC_OK : keep_request(tx, j);
    }
    if (!job_refused(j))
        TRY(reserve(tx, i));
    return job_refused(j) ? job_audit_refusal(tx, j) : keep_request(tx, j);
}

/* Refused, answered before, or signed before: there is nothing to sign. */
static bool nothing_to_sign(const struct job *j) {
    return job_refused(j) || j->response.len > 0 || j->records.issued.der.len > 0;
}

static void decided(void *arg, enum rc rc, const char *text) {
    struct issue *i = arg;
    i->not_signed = rc == RC_REFUSED ? rc : RC_OK; /* by a changed record nothing is reserved: put right, it goes on */
    if (rc != RC_OK || nothing_to_sign(i->job))
        latch_open(&i->end, rc, text);
    else
        go_on(i, sign(i));
}

/* The signers' own checks say no, and asking again changes nothing. Where other bytes were signed
   before, the records were put back while we ran: at the next start it is known what they lack. */
static enum rc not_signed(struct job *j, enum rc rc) {
    (void)snprintf(j->refusal.why, sizeof j->refusal.why, "%s", err_text());
    if (rc == RC_EXISTS)
        job_refuse_reasons(j, 1u << REASON_ISSUED_BEFORE);
    else
        job_refuse_by(j, REFUSAL_NOT_SIGNED);
    return job_record_refusal(j);
}

/* Answers with a certificate that was stored before. */
static enum rc answer_with(struct issue *i, const struct buf *stored) {
    TRY(buf_set(&i->job->certificate, buf_span(stored)));
    latch_init(&i->end);
    go_on(i, store(i));
    return latch_wait(&i->end);
}

/* Of two that are answered at once the first certificate, and the first answer, that were kept are the ones. */
static enum rc settle(struct issue *i, enum rc rc) {
    struct job *j = i->job;
    if (rc == RC_OK && !job_refused(j) && !i->storing && j->response.len == 0)
        rc = answer_with(i, &j->records.issued.der);
    else if (rc == RC_OK && i->theirs.len > 0)
        rc = answer_with(i, &i->theirs);
    return rc == RC_EXISTS && i->storing ? store_read(j->core->site->store, find_answer, j) : rc;
}

enum rc job_issue(struct job *j) {
    AUTO(issue) i = {.job = j};
    latch_init(&i.end);
    go_on(&i, submit(&i, decide_body, decided));
    enum rc rc = latch_wait(&i.end);
    return i.not_signed != RC_OK ? not_signed(j, i.not_signed) : settle(&i, rc);
}
