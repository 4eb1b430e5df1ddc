/* Consent is given: PIN, place in the queue, request, write, confirm. */
#include "client/enrol.h"

#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "client/journal.h"
#include "client/pin.h"
#include "client/say.h"
#include "client/successor.h"
#include "client/swap.h"
#include "client/tries.h"
#include "pki/cmp_cli.h"

#define WAIT_MOST 600 /* seconds in the queue before we ask the person to come back */

struct job {
    const struct options *o;
    const struct survey_item *item;
    struct swap swap;
    struct journal journal;
    struct http *http;
};

static void job_free(struct job *j) {
    swap_free(&j->swap);
}

/* What became of a PIN; `last`: one try is left and was not spent. */
static void pin_say(const struct options *o, enum rc rc, bool last) {
    if (rc == RC_PIN_WRONG)
        say_err(o->lang, SAY_PIN_WRONG);
    if (rc == RC_PIN_LOCKED)
        say_err(o->lang, last ? SAY_PIN_LAST_TRY : SAY_PIN_LOCKED);
}

/* Is it the same token, and may a try be spent on it? RC_NOT_FOUND: another one is in its place. */
static enum rc token_look(const struct options *o, struct p11_token *token) {
    TRY(p11_token_refresh(token));
    tries_recall(token);
    enum rc rc = pin_allowed(token, o->last_try);
    pin_say(o, rc, !token->pin_locked);
    return rc;
}

/* The one login: prompt and queue may have taken minutes, in which tokens can be swapped and tries be lost. */
static enum rc login(const struct options *o, struct p11_token *token, const struct secret *pin, struct swap *out) {
    TRY(token_look(o, token));
    enum rc rc = swap_open(token, span_of(pin->text, pin->len), out);
    if (rc == RC_PIN_WRONG)
        rc = tries_after_wrong(token);
    else if (rc == RC_OK)
        tries_forget(token);
    pin_say(o, rc, false);
    return rc;
}

/* The token as it is now, and a PIN that may be tried on it. */
static enum rc token_ready(const struct options *o, const struct survey_item *item, struct p11_token *token,
                           struct secret *pin) {
    *token = item->candidate->at->token;
    TRY(token_look(o, token));
    return token->protected_path ? RC_OK : pin_take(o, token, pin);
}

/* Tells the server of the consent and waits for our turn, which a ticket keeps. */
static enum rc turn_take(const struct options *o, struct http *h, const struct survey_item *item, char code[API_CODE]) {
    struct api_begin b = {.certificate = buf_span(&item->candidate->der),
                          .device_model = item->candidate->at->token.model,
                          .assist = o->assist};
    int64_t waited = 0;
    long lost = h->lost_ms; /* of the run, without the time in the waiting room */

    for (;;) {
        TRY(api_begin_run(h, &b, code));
        if (b.go)
            return RC_OK;
        h->lost_ms = lost;
        int64_t wait = b.wait_seconds < 1 ? 1 : b.wait_seconds > 15 ? 15 : b.wait_seconds;
        if (waited + wait > WAIT_MOST)
            FAIL(RC_BUSY, "the queue is long (place %lld)", (long long)b.position);
        say_err(o->lang, SAY_WAITING, (long long)b.position, (long long)b.wait_seconds);
        nanosleep(&(struct timespec){.tv_sec = wait}, NULL);
        waited += wait;
    }
}

static void journal_step(struct job *j, enum journal_step step) {
    j->journal.step = step;
    (void)journal_put(&j->journal); /* a convenience: the token and the server know the truth */
}

static enum rc journal_begin(struct job *j) {
    survey_serial(j->item, j->journal.old_serial);
    TRY(text_set(j->journal.token_serial, sizeof j->journal.token_serial, j->item->candidate->at->token.serial));
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
    say_err(j->o->lang, SAY_STEP_WRITE);
    TRY(swap_write(&j->swap, buf_span(&j->item->candidate->der), certificate));
    journal_step(j, JOURNAL_WRITTEN);
    say_err(j->o->lang, SAY_STEP_CONFIRM);
    return RC_OK;
}

static enum rc cmp_send(void *arg, struct span message, struct buf *answer) {
    const struct job *j = arg;

    return api_cmp(j->http, message, answer);
}

static enum rc exchange(struct job *j, struct buf *new_cert, char code[API_CODE]) {
    AUTO_PTR(key) key = NULL;
    AUTO(cmp_result) result = {0};

    TRY(key_open_token(&j->swap.session, &j->item->candidate->cert, &key));
    struct cmp_cli cli = {.old_cert = buf_span(&j->item->candidate->der),
                          .key = key,
                          .new_ca = buf_span(&j->item->check.issuer),
                          .now = j->item->check.server_time,
                          .send = cmp_send,
                          .install = install,
                          .arg = j};
    enum rc rc = cmp_cli_run(&cli, &result);
    if (result.certificate.len > 0)
        TRY(buf_set(new_cert, buf_span(&result.certificate)));
    if (rc != RC_REFUSED)
        return rc;
    size_t n = strcspn(result.refusal, ":");
    TRY(text_set_span(code, API_CODE, span_of(result.refusal, n < API_CODE - 1 ? n : API_CODE - 1)));
    FAIL(RC_REFUSED, "%s", result.refusal);
}

enum rc enrol_run(const struct options *o, struct http *h, const struct survey_item *item, struct buf *new_cert,
                  char code[API_CODE]) {
    AUTO(secret) pin = {0};
    AUTO(job) j = {.o = o, .item = item, .http = h};
    struct p11_token token;

    TRY(token_ready(o, item, &token, &pin));
    say_err(o->lang, SAY_STEP_REQUEST);
    TRY(turn_take(o, h, item, code));
    TRY(login(o, &token, &pin, &j.swap));
    TRY(journal_begin(&j));
    enum rc rc = exchange(&j, new_cert, code);
    pin_say(o, rc, j.swap.token.pin_final_try && !j.swap.token.pin_locked);
    TRY(rc);
    (void)journal_remove(j.journal.old_serial);
    return RC_OK;
}

enum rc enrol_clean(const struct options *o, const struct survey_item *item) {
    AUTO(secret) pin = {0};
    AUTO(job) j = {.o = o, .item = item};
    struct p11_token token;

    TRY(successor_check(&item->candidate->cert, &item->successor->cert, buf_span(&item->check.issuer),
                        item->check.server_time));
    TRY(token_ready(o, item, &token, &pin));
    TRY(login(o, &token, &pin, &j.swap));
    enum rc rc = swap_clean(&j.swap, buf_span(&item->candidate->der), buf_span(&item->successor->der));
    pin_say(o, rc, j.swap.token.pin_final_try && !j.swap.token.pin_locked);
    return rc;
}
