/* Answers a request for renewal: with the one certificate, or with a recorded refusal. */
#include "service/issuing/reissue.h"

#include "service/issuing/reissue_issue.h"
#include "service/issuing/reissue_job.h"

static enum rc decide(struct job *j) {
    if (cert_parse(j->req->kur.signer, &j->old_cert) != RC_OK) { /* nothing we imported: that all parses */
        screen_unknown("", &j->verdict);
        job_refuse_reasons(j, j->verdict.verdict.reasons);
        return job_record_refusal(j); /* no transaction of the issuing has */
    }
    ca_identify(site_cas(j->core->site), &j->old_cert);
    return job_issue(j);
}

static enum rc tell(struct job *j, struct cmp_answer *answer) {
    answer->granted = !job_refused(j);
    if (answer->granted) {
        buf_free(&answer->certificate);
        answer->certificate = j->certificate;
        j->certificate = (struct buf){0};
        buf_free(&answer->response);
        answer->response = j->response;
        j->response = (struct buf){0};
        return RC_OK;
    }
    answer->try_later = j->refusal.try_later;
    TRY(text_set(answer->code, sizeof answer->code, j->refusal.code));
    return text_set(answer->text, sizeof answer->text, j->refusal.text);
}

enum rc reissue_run(struct reissue *r, const struct reissue_request *req, struct cmp_answer *answer) {
    AUTO(job) j = {.core = r, .req = req, .now = req->now_ms / 1000};
    TRY(decide(&j));
    return tell(&j, answer);
}
