/* After a renewal: the receipt once more, and which systems the subscriber has told of the new certificate. */
#include <string.h>

#include "base/os.h"
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
    struct kept_row kept;
    bool found, proven, often;
};

static void after_free(struct after *a) {
    after_body_free(&a->body);
    issued_row_free(&a->issued);
    kept_row_free(&a->kept);
}

static enum rc look_up(struct db *db, void *arg) {
    struct after *a = arg;

    enum rc rc = receipt_subject(db, buf_span(&a->body.certificate), &a->issued);
    a->found = rc == RC_OK;
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    rc = issue_kept(db, a->issued.old_id, &a->kept);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Compared without telling by its time how much of it is right. */
static bool is_secret(const char *given, const char *right) {
    unsigned differ = right[0] == '\0' || strlen(given) != strlen(right);
    for (size_t i = 0; given[i] != '\0' && right[i] != '\0'; i++)
        differ |= (unsigned)(given[i] ^ right[i]);
    return differ == 0;
}

/* Certificates are public: who shows one must also have the secret that came with the receipt. */
static enum rc prove(struct after *a) {
    a->proven = is_secret(a->body.secret, a->kept.secret);
    if (a->proven)
        return text_set(a->r->old_serial, sizeof a->r->old_serial, a->issued.old_serial);
    problem_set(a->q, a->r, PROBLEM_PROOF_NEEDED, NULL);
    return strangers_note(a->q->app->strangers, a->r->code, &a->q->peer, "", conf_now(&a->q->app->site.conf),
                          os_clock_ms());
}

/* What was confirmed for the body's certificate; else the refusal is in `r`. */
static enum rc find(struct after *a, bool with_marks) {
    TRY(after_body_parse(buf_span(&a->q->body), with_marks, &a->body));
    TRY(store_read(a->q->app->site.store, look_up, a));
    if (a->kept.receipt.len > 0)
        return prove(a);
    problem_set(a->q, a->r, a->found || !with_marks ? PROBLEM_NO_RECEIPT : PROBLEM_NOT_ISSUED, NULL);
    return RC_OK;
}

enum rc ep_receipt(struct request *q, struct response *r) {
    AUTO(after) a = {.q = q, .r = r};

    TRY(find(&a, false));
    if (a.proven)
        response_ok(r, "application/cms", &a.kept.receipt);
    return RC_OK;
}

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
    if (!a.proven)
        return RC_OK;
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
