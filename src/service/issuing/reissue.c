/* Answers a request for renewal: with the one certificate, or with a recorded refusal. */
#include "service/issuing/reissue.h"

#include "service/issuing/reissue_issue.h"
#include "service/issuing/reissue_job.h"

static enum rc judge_body(struct db *db, void *arg) {
    return job_judge(db, arg);
}

/* Anybody may make a certificate: of a stranger nothing is written, so that none can fill the audit. */
static enum rc refuse_stranger(struct job *j) {
    TRY(store_read(j->core->site->store, judge_body, j));
    if (!job_refused(j))
        FAIL(RC_BUG, "a certificate that neither CA issued was found good");
    return RC_OK;
}

static enum rc decide(struct job *j) {
    if (cert_parse(j->req->kur.signer, &j->old_cert) != RC_OK) { /* nothing we imported: that all parses */
        screen_unknown("", &j->verdict);
        job_refuse_reasons(j, j->verdict.verdict.reasons);
        return RC_OK;
    }
    ca_identify(site_cas(j->core->site), &j->old_cert);
    return job_proven(j) ? job_issue(j) : refuse_stranger(j);
}

/* Committed, certificate and answer. An answer of before is the store's to give. */
static enum rc remember(struct job *j) {
    AUTO(granted) g = {0};
    const struct cmp_kur *k = &j->req->kur;
    if (j->core->recent == NULL || !j->records.has_issued || j->response.len == 0)
        return RC_OK;
    TRY(buf_set(&g.request, k->request));
    TRY(buf_set(&g.response, buf_span(&j->response)));
    g.issued = j->records.issued;
    j->records.issued = (struct issued_row){0};
    buf_free(&g.issued.tbs);
    if (g.issued.issued_at == INSTANT_NONE)
        g.issued.issued_at = j->now;
    TRY(buf_set(&g.issued.der, buf_span(&j->certificate)));
    recent_put(j->core->recent, k->transaction, &g);
    return RC_OK;
}

static enum rc tell(struct job *j, struct cmp_answer *answer) {
    answer->granted = !job_refused(j);
    if (answer->granted) {
        TRY(remember(j));
        buf_free(&answer->certificate);
        answer->certificate = j->certificate;
        j->certificate = (struct buf){0};
        buf_free(&answer->response);
        answer->response = j->response;
        j->response = (struct buf){0};
        return RC_OK;
    }
    answer->proven = job_proven(j);
    answer->try_later = j->refusal.try_later;
    TRY(text_set(answer->code, sizeof answer->code, j->refusal.code));
    return text_set(answer->text, sizeof answer->text, j->refusal.text);
}

enum rc reissue_run(struct reissue *r, const struct reissue_request *req, struct cmp_answer *answer) {
    AUTO(job) j = {.core = r, .req = req, .now = req->now_ms / 1000};
    TRY(decide(&j));
    return tell(&j, answer);
}
