/* After a renewal: the receipt once more, and which systems the subscriber has told of the new certificate. */
#include "rules/mark.h"
#include "server/answer.h"
#include "server/app.h"
#include "server/body.h"
#include "server/ep.h"
#include "server/problem.h"
#include "service/issuing/receipt.h"

struct after { /* one call on its way */
    struct request *q;
    struct response *r;
    struct after_body body;
    struct issued_row issued;
    struct buf receipt;
    bool found, has_receipt, often;
};

static void after_free(struct after *a) {
    after_body_free(&a->body);
    issued_row_free(&a->issued);
    buf_free(&a->receipt);
}

static enum rc look_up(struct db *db, void *arg) {
    struct after *a = arg;

    enum rc rc = receipt_subject(db, buf_span(&a->body.certificate), &a->issued);
    a->found = rc == RC_OK;
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    rc = issue_receipt(db, a->issued.old_id, &a->receipt);
    a->has_receipt = rc == RC_OK;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* What was issued for the body's certificate. */
static enum rc find(struct after *a, bool with_marks) {
    TRY(after_body_parse(buf_span(&a->q->body), with_marks, &a->body));
    TRY(store_read(a->q->app->site.store, look_up, a));
    return a->found ? text_set(a->r->old_serial, sizeof a->r->old_serial, a->issued.old_serial) : RC_OK;
}

enum rc ep_receipt(struct request *q, struct response *r) {
    AUTO(after) a = {.q = q, .r = r};

    TRY(find(&a, false));
    if (a.has_receipt)
        response_ok(r, "application/cms", &a.receipt);
    else
        problem_set(q, r, PROBLEM_NO_RECEIPT, NULL);
    return RC_OK;
}

/* Certificates are public: the audit must not grow with whoever plays with one. */
static enum rc record(struct tx *tx, void *arg) {
    struct after *a = arg;
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    jsonw_names(&w, "marks", a->body.marks, MARK_COUNT, mark_name);
    jsonw_str(&w, "support_code", a->q->support_code);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    enum rc rc = issue_mark(tx, &a->issued, a->body.marks, buf_str(&w.out));
    a->often = rc == RC_LIMIT;
    return a->often ? RC_OK : rc;
}

enum rc ep_marks(struct request *q, struct response *r) {
    AUTO(after) a = {.q = q, .r = r};
    AUTO(jsonw) w = {0};

    TRY(find(&a, true));
    if (!a.found || a.issued.der.len == 0) {
        problem_set(q, r, PROBLEM_NOT_ISSUED, NULL);
        return RC_OK;
    }
    TRY(store_write(q->app->site.store, conf_now(&q->app->site.conf), record, &a));
    if (a.often) {
        problem_set(q, r, PROBLEM_CHANGED_OFTEN, NULL);
        return RC_OK;
    }
    jsonw_object(&w, NULL);
    jsonw_names(&w, "marks", a.body.marks, MARK_COUNT, mark_name);
    jsonw_close(&w, '}');
    return answer_json(r, &w);
}
