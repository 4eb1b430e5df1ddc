/* Begin: a ticket says go, or how many are before. Nothing is issued here, and nothing used up: anybody may have the
   certificate. What was agreed to, and whose help it comes by, counts in the signed request (R5.10). */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/os.h"
#include "rules/consent_text.h"
#include "server/answer.h"
#include "server/app.h"
#include "server/body.h"
#include "server/ep.h"
#include "server/problem.h"
#include "service/issuing/texts.h"

struct begin { /* one call on its way */
    struct request *q;
    struct response *r; /* its status stays 0 until a refusal is decided */
    struct begin_body body;
    struct cert cert;
    struct screen_records records;
    struct screened judged;
    struct assist_row assist;
    bool assist_known;
    enum channel channel; /* self-care, or what the assist code says: never a mere claim */
    int64_t now;
};

static void begin_free(struct begin *b) {
    begin_body_free(&b->body);
    screen_records_free(&b->records);
}

static enum rc look_up(struct db *db, void *arg) {
    struct begin *b = arg;

    TRY(screen_load(db, &b->q->app->site.campaign, &b->cert, &b->records));
    if (b->body.assist[0] == '\0')
        return RC_OK;
    enum rc rc = assist_get(db, b->body.assist, b->records.row.id, &b->assist);
    b->assist_known = rc == RC_OK;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc judge(struct begin *b) {
    struct site *s = &b->q->app->site;

    TRY(cert_look(buf_span(&b->body.certificate), &b->cert));
    ca_identify(site_cas(s), &b->cert);
    TRY(store_read(s->store, look_up, b));
    screen_records_judge(s, &b->cert, &b->records, b->now, &b->judged);
    return text_set(b->r->old_serial, sizeof b->r->old_serial, b->judged.serial);
}

/* What was reserved or issued may be fetched at any time (a token that was pulled out, a lost answer), so for that
   neither the reasons nor the phases count. */
static enum rc check_eligible(struct begin *b) {
    const struct screened *v = &b->judged;
    char codes[REASONS_TEXT];
    AUTO(buf) message = {0};

    if (v->verdict.kind == VERDICT_DONE || v->state == STATE_RESERVED)
        return RC_OK;
    b->judged.opening = rollout_by(&b->judged.opening, b->channel); /* for the way this one comes */
    TRY(text_verdict(b->q->lang, &b->q->app->site.campaign, v, &message));
    if (v->verdict.kind != VERDICT_ELIGIBLE) {
        reasons_format(v->verdict.reasons, codes);
        problem_coded(b->q, b->r, PROBLEM_NOT_ELIGIBLE, codes, buf_str(&message));
    } else if (!v->opening.open) {
        enum refusal why = v->opening.halted ? REFUSAL_HALTED : REFUSAL_NOT_OPEN_YET;
        problem_coded(b->q, b->r, PROBLEM_NOT_ELIGIBLE, refusal_code(why), buf_str(&message));
    }
    return RC_OK;
}

/* What is reserved keeps the help it was reserved with, so an old code does not stop it. */
static void check_assist(struct begin *b) {
    enum assist_state state = assist_state(&b->assist, b->now);

    b->channel = b->assist.channel;
    if (state != ASSIST_GOOD && b->judged.state == STATE_OWED)
        problem_set(b->q, b->r, state == ASSIST_EXPIRED ? PROBLEM_ASSIST_EXPIRED : PROBLEM_ASSIST_USED_UP, NULL);
}

/* An assist code says through whom the renewal comes; without one only self-care can be told apart from a claim. */
static enum rc check_channel(struct begin *b) {
    enum channel claimed = CHANNEL_SELF;

    if (b->body.channel[0] != '\0' && !channel_from(b->body.channel, &claimed))
        FAIL(RC_INPUT, "member \"channel\" must be self, am, agent or hotline");
    bool claims_help = b->body.assist[0] != '\0' || claimed != CHANNEL_SELF;
    if (b->assist_known)
        check_assist(b);
    else if (claims_help && b->judged.state == STATE_OWED)
        problem_set(b->q, b->r, b->body.assist[0] != '\0' ? PROBLEM_ASSIST_UNKNOWN : PROBLEM_ASSIST_NEEDED, NULL);
    return RC_OK;
}

static enum rc check_client(struct begin *b) {
    const char *oldest = b->q->app->site.conf.client_min_version;
    const char *where = b->q->app->site.conf.client_download;
    char upgrade[64], detail[400];

    if (!b->body.consent_given) {
        problem_set(b->q, b->r, PROBLEM_CONSENT_MISSING, NULL);
    } else if (semver_older(b->body.client_version, oldest)) {
        (void)snprintf(
            detail, sizeof detail, "%s: %s",
            b->q->lang == LANG_EN ? "Install the new version, then try again" : "Hãy cài bản mới rồi thử lại", where);
        problem_set(b->q, b->r, PROBLEM_CLIENT_TOO_OLD, where[0] == '\0' ? NULL : detail);
        snprintf(upgrade, sizeof upgrade, "capbu/%s", oldest);
        response_header(b->r, "Upgrade", upgrade); /* RFC 9110 section 15.5.22 */
    } else if (consent_text(b->body.consent_text, lang_name(b->q->lang)) == NULL) {
        problem_set(b->q, b->r, PROBLEM_CONSENT_UNKNOWN, NULL); /* the receipt could not say what was agreed to */
    }
    return RC_OK;
}

static enum rc note(const struct begin *b, const char *code, const char *first) {
    return strangers_note(b->q->app->strangers, code, &b->q->peer, first, b->now, os_clock_ms());
}

/* A token of a model that devices.conf does not know: never refused, but somebody should hear of it. Once for each time
   of coming in: asking again with one's ticket is no second token. */
static enum rc record_unknown(struct begin *b, const struct place *place) {
    const struct unknown_token *t = &b->body.unknown;
    AUTO(jsonw) w = {0};

    if (!t->given || !place->fresh || b->judged.state != STATE_OWED)
        return RC_OK;
    jsonw_object(&w, NULL);
    jsonw_str(&w, "module", t->module);
    jsonw_str(&w, "manufacturer", t->manufacturer);
    jsonw_str(&w, "model", t->model);
    jsonw_str(&w, "firmware", t->firmware);
    jsonw_str(&w, "support_code", b->q->support_code);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    TRY(note(b, "unknown-device", buf_str(&w.out)));
    log_line(LOG_WARN, "unknown-device", "support_code", b->q->support_code, "module", t->module, "manufacturer",
             t->manufacturer, "model", t->model, "firmware", t->firmware, NULL);
    return RC_OK;
}

/* What is issued may be fetched all the same. */
static enum rc check_journal(struct begin *b) {
    if (b->judged.state < STATE_ISSUED && catchup_over(&b->q->app->site) != RC_OK)
        problem_set(b->q, b->r, PROBLEM_UNAVAILABLE,
                    b->q->lang == LANG_EN
                        ? "The server is being set right after a restore. Nothing is lost: try again in a few minutes."
                        : "Máy chủ đang được khôi phục. Chưa có gì bị mất: hãy thử lại sau ít phút.");
    return RC_OK;
}

static enum rc take_place(struct begin *b) {
    struct app *app = b->q->app;
    struct place place;
    AUTO(jsonw) w = {0};

    struct visitor visitor = {b->judged.serial, b->body.ticket, b->q->peer.limited_by};
    enum rc rc = queue_enter(app->queue, &visitor, os_clock_ms(), &place);
    if (rc == RC_BUSY) {
        problem_set(b->q, b->r, PROBLEM_FULL, NULL);
        problem_retry(b->r, QUEUE_ASK_S);
        return RC_OK;
    }
    TRY(rc);
    TRY(record_unknown(b, &place));
    jsonw_object(&w, NULL);
    jsonw_str(&w, "ticket", place.ticket);
    jsonw_bool(&w, "go", place.go);
    jsonw_int(&w, "position", place.position);
    jsonw_int(&w, "wait_seconds", place.wait_seconds);
    jsonw_int(&w, "about_seconds", place.about_seconds);
    ep_client_put(&w, app, b->now);
    jsonw_close(&w, '}');
    return answer_json(b->r, &w);
}

/* A refusal is a decision: it is counted before it is told, or it is not told (then the caller asks again). Who has a
   certificate need not have its key, so nothing is written under its serial number. */
static enum rc record_refusal(struct begin *b) {
    char first[64];

    if (b->r->status < 400 || b->r->status >= 500)
        return RC_OK;
    (void)snprintf(first, sizeof first, "{\"support_code\":\"%s\"}", b->q->support_code);
    return note(b, b->r->code, first);
}

enum rc ep_begin(struct request *q, struct response *r) {
    static enum rc (*const steps[])(struct begin *) = {judge,          check_client,  check_channel,
                                                       check_eligible, check_journal, take_place};
    AUTO(begin) b = {.q = q, .r = r, .channel = CHANNEL_SELF, .now = conf_now(&q->app->site.conf)};

    TRY(begin_body_parse(buf_span(&q->body), &b.body));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && r->status == 0; i++)
        TRY(steps[i](&b));
    return record_refusal(&b);
}
