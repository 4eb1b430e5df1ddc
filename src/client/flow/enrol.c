/* Consent is given: PIN, place in the queue, request, write, confirm. */
#include "client/flow/enrol.h"

#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "client/flow/receipts.h"
#include "client/token/claim.h"
#include "client/token/journal.h"
#include "client/token/keepsake.h"
#include "client/token/pin.h"
#include "client/token/successor.h"
#include "client/token/swap.h"
#include "client/token/tries.h"
#include "pki/cmp/cmp_cli.h"
#include "rules/consent_text.h"

#define WAIT_MOST 600 /* seconds in the queue before we ask the person to come back */
#define WAIT_STEP 15  /* ask for the place at least this often */

struct job {
    struct enrol *e;
    struct swap swap;
    struct journal journal;
};

static void job_free(struct job *j) {
    swap_free(&j->swap);
}

void enrol_free(struct enrol *e) {
    buf_free(&e->new_cert);
    cmp_keep_free(&e->keep);
}

const char *enrol_step_name(enum enrol_step step) {
    static const char *const names[] = {"request", "sign", "write", "confirm"};
    return names[step];
}

static void step(const struct enrol *e, enum enrol_step s) {
    e->hooks->step(e->hooks->arg, s);
}

/* Is it the same token, and may a try be spent on it? RC_NOT_FOUND: another one is in its place. */
static enum rc token_look(struct enrol *e, struct p11_token *token) {
    enum rc rc = p11_token_refresh(token);

    if (rc != RC_OK) { /* another token in its place is a token that is gone */
        e->outcome = OUTCOME_TOKEN_GONE;
        return rc;
    }
    tries_recall(token, tries_of_key(&e->item->candidate->cert));
    rc = pin_allowed(token, e->last_try);
    if (rc == RC_PIN_LOCKED && !token->pin_locked)
        e->outcome = OUTCOME_PIN_LAST;
    return rc;
}

/* The token as it is now, and a PIN that may be tried on it. */
static enum rc token_ready(struct enrol *e, struct p11_token *token, struct secret *pin) {
    *token = e->item->candidate->at->token;
    TRY(token_look(e, token));
    if (e->known_pin.ptr != NULL)
        return secret_from(pin, e->known_pin);
    enum rc rc = token->protected_path ? RC_OK : e->hooks->pin(e->hooks->arg, token, pin);
    if (rc == RC_PIN_WRONG)
        e->outcome = OUTCOME_PIN_UNFIT;
    return rc;
}

/* Waits for our turn, which a ticket keeps. */
static enum rc turn_take(struct enrol *e) {
    const struct find_candidate *c = e->item->candidate;
    const struct device_model *model = c->at->model;
    struct api_begin b = {.certificate = buf_span(&c->der),
                          .device_model = model == NULL ? c->at->token.model : model->id,
                          .unknown = model == NULL ? &c->at->token : NULL,
                          .assist = e->assist};
    int64_t waited = 0;
    long lost = e->http->lost_ms; /* of the run, without the time in the waiting room */

    TRY(text_set(b.ticket, sizeof b.ticket, e->ticket));
    for (;;) {
        TRY(api_begin_run(e->http, &b, e->code));
        TRY(text_set(e->ticket, sizeof e->ticket, b.ticket));
        if (b.go)
            return RC_OK;
        e->http->lost_ms = lost;
        int64_t wait = b.wait_seconds < 1 ? 1 : b.wait_seconds > WAIT_STEP ? WAIT_STEP : b.wait_seconds;
        if (waited + wait > WAIT_MOST)
            FAIL(RC_BUSY, "the queue is long (place %lld)", (long long)b.position);
        if (!e->hooks->waiting(e->hooks->arg, b.position, b.about_seconds < wait ? wait : b.about_seconds, wait)) {
            e->outcome = OUTCOME_CANCELLED;
            FAIL(RC_REFUSED, "cancelled while waiting");
        }
        waited += wait;
    }
}

static enum rc keep_old(void *arg, const struct p11_cert *old) {
    const struct job *j = arg;

    return keepsake_put(&j->swap.token, old);
}

/* What is known of this model; of an unknown one the careful way. */
static struct swap_way way_of(struct job *j) {
    const struct device_model *m = j->e->item->candidate->at->model;
    struct swap_way way = {.arg = j};

    if (m == NULL)
        return way;
    way.temporary_id = m->write == WRITE_TEMPORARY_ID;
    way.general_error_is_full = (m->quirks & QUIRK_GENERAL_ERROR_IS_FULL) != 0;
    if (m->full == FULL_DELETE_FIRST && survey_may_clean(j->e->item))
        way.keep = keep_old;
    return way;
}

static void journal_step(struct job *j, enum journal_step s) {
    j->journal.step = s;
    (void)journal_put(&j->journal); /* a convenience: the token and the server know the truth */
}

static enum rc journal_begin(struct job *j) {
    survey_serial(j->e->item, j->journal.old_serial);
    TRY(text_set(j->journal.token_serial, sizeof j->journal.token_serial, j->e->item->candidate->at->token.serial));
    j->journal.time = (int64_t)time(NULL);
    journal_step(j, JOURNAL_BEGUN);
    return RC_OK;
}

/* cmp_cli's hook: runs between the server's answer and certConf. */
static enum rc install(void *arg, struct span certificate) {
    struct job *j = arg;
    struct cert c;

    TRY(cert_parse(certificate, &c));
    serial_to_hex(c.facts.serial, c.facts.serial_len, j->journal.new_serial);
    journal_step(j, JOURNAL_ISSUED);
    step(j->e, ENROL_WRITE);
    j->swap.way = way_of(j);
    TRY(swap_write(&j->swap, buf_span(&j->e->item->candidate->der), certificate));
    keepsake_remove(&j->swap.token);
    journal_step(j, JOURNAL_WRITTEN);
    step(j->e, ENROL_CONFIRM);
    return RC_OK;
}

static enum rc cmp_send(void *arg, struct span message, struct buf *answer) {
    const struct job *j = arg;

    return api_cmp(j->e->http, message, answer);
}

/* What the server signed of this very renewal is kept; without it nothing is lost. */
static void keep_receipt(const struct job *j, const struct cmp_result *result) {
    AUTO(receipt) r = {0};

    if (result->keep.receipt.len > 0 && receipt_given(&result->keep, NULL, &r) == RC_OK &&
        strcmp(r.new_serial, j->journal.new_serial) == 0)
        receipts_keep(&r);
}

/* What was agreed to on the screen before, by the server's clock (R5.10). */
static enum rc consent_of(const struct enrol *e, struct cmp_consent *out) {
    const struct p11_token *token = &e->item->candidate->at->token;
    const struct device_model *model = e->item->candidate->at->model;

    *out = (struct cmp_consent){.given = true, .at = e->item->check.client.server_time};
    TRY(text_set(out->text_id, sizeof out->text_id, CONSENT_NOW));
    TRY(text_set(out->lang, sizeof out->lang, lang_name(e->lang)));
    TRY(text_set(out->client_version, sizeof out->client_version, CAPBU_VERSION));
    TRY(text_set(out->device_model, sizeof out->device_model, model == NULL ? token->model : model->id));
    TRY(text_set(out->ticket, sizeof out->ticket, e->ticket));
    return text_set(out->assist, sizeof out->assist, e->assist == NULL ? "" : e->assist);
}

/* Speaks CMP with the key of the item's certificate. */
static struct cmp_cli cli_of(struct job *j, struct key *key) {
    const struct survey_item *i = j->e->item;

    return (struct cmp_cli){.old_cert = buf_span(&i->candidate->der),
                            .key = key,
                            .new_ca = buf_span(&i->check.client.issuer),
                            .now = i->check.client.server_time,
                            .send = cmp_send,
                            .arg = j};
}

static enum rc exchange(struct job *j) {
    struct enrol *e = j->e;
    AUTO_PTR(key) key = NULL;
    AUTO(cmp_result) result = {0};
    struct cmp_consent consent;

    TRY(consent_of(e, &consent));
    TRY(key_open_token(&j->swap.session, &e->item->candidate->cert, &key));
    struct cmp_cli cli = cli_of(j, key);
    cli.consent = &consent;
    cli.install = install;
    enum rc rc = cmp_cli_run(&cli, &result);
    if (result.certificate.len > 0)
        TRY(buf_set(&e->new_cert, buf_span(&result.certificate)));
    if (rc == RC_OK)
        keep_receipt(j, &result);
    if (rc != RC_REFUSED || result.refusal[0] == '\0')
        return rc;
    size_t n = strcspn(result.refusal, ":");
    TRY(text_set_span(e->code, sizeof e->code, span_of(result.refusal, n < API_CODE - 1 ? n : API_CODE - 1)));
    FAIL(RC_REFUSED, "%s", result.refusal);
}

/* The one login: prompt and queue may have taken minutes, in which tokens can be swapped and tries be lost. */
static enum rc login(struct job *j, struct p11_token *token, const struct secret *pin) {
    step(j->e, ENROL_SIGN);
    TRY(token_look(j->e, token));
    if (token->protected_path && j->e->hooks->pad != NULL)
        j->e->hooks->pad(j->e->hooks->arg, token);
    j->e->pin_tried = true;
    enum rc rc = swap_open(token, span_of(pin->text, pin->len), &j->swap);
    CK_RV rv = p11_last_rv();
    if (rc == RC_PIN_WRONG) {
        rc = tries_after_wrong(token, tries_of_key(&j->e->item->candidate->cert), rv);
        if (rc == RC_PIN_WRONG)
            j->e->outcome = rv == CKR_PIN_INCORRECT ? OUTCOME_PIN_WRONG : OUTCOME_PIN_MAYBE;
        return rc;
    }
    if (rc == RC_OK || rc == RC_PIN_LOCKED) /* whoever unlocks it gives all tries back */
        tries_forget(tries_of_key(&j->e->item->candidate->cert));
    TRY(rc);
    j->e->pin_right = true;
    j->e->pin_factory = pin_is_factory(span_of(pin->text, pin->len));
    return RC_OK;
}

/* A token that lost its login and has one try left now: it was not spent. And one that says in its own words that it is
   full. */
static enum rc judged(struct job *j, enum rc rc) {
    if (rc == RC_TOKEN && j->swap.full)
        j->e->outcome = OUTCOME_TOKEN_FULL;
    if (rc == RC_PIN_LOCKED && j->swap.token.pin_final_try && !j->swap.token.pin_locked)
        j->e->outcome = OUTCOME_PIN_LAST;
    return rc;
}

static enum rc renew(struct enrol *e) {
    AUTO(secret) pin = {0};
    AUTO(job) j = {.e = e};
    struct p11_token token;

    TRY(token_ready(e, &token, &pin));
    if (token.pin_to_change) /* it may refuse every PIN until then: before the server begins anything */
        TRY(login(&j, &token, &pin));
    step(e, ENROL_REQUEST);
    TRY(turn_take(e));
    if (!e->pin_right)
        TRY(login(&j, &token, &pin));
    TRY(journal_begin(&j));
    TRY(judged(&j, exchange(&j)));
    (void)journal_remove(j.journal.old_serial);
    return RC_OK;
}

static enum rc clean(struct enrol *e) {
    AUTO(secret) pin = {0};
    AUTO(job) j = {.e = e};
    struct p11_token token;

    TRY(successor_check(&e->item->candidate->cert, &e->item->successor->cert, buf_span(&e->item->check.client.issuer),
                        e->item->check.client.server_time));
    TRY(token_ready(e, &token, &pin));
    TRY(login(&j, &token, &pin));
    return judged(&j, swap_clean(&j.swap, buf_span(&e->item->candidate->der), buf_span(&e->item->successor->der)));
}

/* By the key of whichever certificate is there, the old or the new one. */
static enum rc fetch_receipt(struct enrol *e) {
    AUTO(secret) pin = {0};
    AUTO(job) j = {.e = e};
    AUTO_PTR(key) key = NULL;
    struct p11_token token;

    TRY(token_ready(e, &token, &pin));
    step(e, ENROL_REQUEST);
    TRY(login(&j, &token, &pin));
    TRY(key_open_token(&j.swap.session, &e->item->candidate->cert, &key));
    struct cmp_cli cli = cli_of(&j, key);
    enum rc rc = cmp_cli_keep(&cli, &e->keep);
    return rc == RC_NOT_FOUND ? RC_OK : judged(&j, rc);
}

/* Nobody else of ours may write to the token between our listing it and our writing to it. */
static enum rc claimed(struct enrol *e, enum rc (*work)(struct enrol *e)) {
    AUTO_FD claim = -1;

    enum rc rc = claim_take(&e->item->candidate->at->token, &claim);
    if (rc == RC_BUSY)
        e->outcome = OUTCOME_TAKEN;
    return rc == RC_OK ? work(e) : rc;
}

static enum rc conclude(struct enrol *e, enum rc (*work)(struct enrol *e)) {
    e->outcome = OUTCOME_COUNT;
    p11_rv_forget();
    enum rc rc = claimed(e, work);
    e->rv = p11_last_rv();
    if (e->outcome == OUTCOME_COUNT || rc == RC_OK)
        e->outcome = outcome_of(rc, e->code, e->http == NULL ? HTTP_FINE : e->http->trouble, e->rv);
    bool closed = e->outcome == OUTCOME_NOT_OPEN || e->outcome == OUTCOME_HALTED;
    if (closed && e->assist != NULL && e->item->check.open) { /* only begin knows whose code it is */
        e->outcome = OUTCOME_ASSIST;
        rc = err_set(rc, "the help that this code is for is not open today");
    }
    return rc;
}

enum rc enrol_run(struct enrol *e) {
    return conclude(e, renew);
}

enum rc enrol_clean(struct enrol *e) {
    return conclude(e, clean);
}

enum rc enrol_receipt(struct enrol *e) {
    return conclude(e, fetch_receipt);
}
