/* The page's attempt: what enrol asks and tells on the way, and what is kept of it. */
#include "client/ui/ui_work.h"

#include <string.h>

#include "base/os.h"
#include "client/token/tries.h"
#include "client/ui/ui_clean.h"
#include "client/ui/ui_view.h"

static enum rc hook_pin(void *arg, const struct p11_token *token, struct secret *pin) {
    const struct ui_run *r = arg;
    (void)token;

    return secret_from(pin, span_of(r->pin.text, r->pin.len));
}

static void hook_step(void *arg, enum enrol_step step) {
    struct ui_run *r = arg;

    r->facts.step = step;
    r->facts.waiting = false;
    ui_note(r, enrol_step_name(step), CKR_OK, "");
    ui_publish(r);
}

/* In the queue only stopping and the language are heard. */
static bool hook_waiting(void *arg, int64_t position, int64_t about, int64_t seconds) {
    struct ui_run *r = arg;
    int64_t until = os_clock_ms() + seconds * 1000;
    bool go_on = true;

    r->facts.waiting = true;
    r->position = position;
    r->seconds = about;
    ui_publish(r);
    for (int64_t left = until - os_clock_ms(); go_on && left > 0; left = until - os_clock_ms()) {
        AUTO(ui_command) c = {0};
        if (!ui_state_take(r->state, (int)left, &c)) {
            go_on = !ui_state_abandoned(r->state);
            continue;
        }
        go_on = c.kind != UI_CANCEL;
        if (c.kind == UI_LANG)
            ui_lang(r, c.text);
        ui_publish(r);
    }
    return go_on;
}

/* May the same PIN finish what was interrupted? Only one that the token took, or never saw: a login that ended without
   an answer may have cost a try, and a click is one try. */
static bool pin_waits(const struct enrol *e, enum outcome o) {
    bool interrupted = o == OUTCOME_TOKEN_GONE || o == OUTCOME_TAKEN || o == OUTCOME_AWAY || o == OUTCOME_BUSY ||
                       o == OUTCOME_PROXY || o == OUTCOME_CLOCK;
    return interrupted && (e->pin_right || !e->pin_tried);
}

static void attempt_ended(struct ui_run *r, struct enrol *e, enum rc rc) {
    struct flow_facts *f = &r->facts;
    struct p11_token now = f->token;

    f->working = f->waiting = false;
    f->outcome = e->outcome;
    f->last_try_accepted = false;
    memcpy(r->ticket, e->ticket, sizeof r->ticket);
    memcpy(r->code, e->code, sizeof r->code);
    if (rc != RC_OK)
        ui_why(r);
    ui_note(r, f->cleaning ? "clean" : "renew", e->rv, e->code);
    if (e->outcome == OUTCOME_TOKEN_FAILED && p11_token_refresh(&now) != RC_OK) {
        f->outcome = OUTCOME_TOKEN_GONE;
    } else if (p11_token_refresh(&now) == RC_OK) {
        tries_recall(&now, tries_of_key(&r->item->candidate->cert));
        f->token = now;
    }
    buf_free(&r->new_cert);
    if (rc == RC_OK && f->cleaning) {
        ui_clean_done(r);
    } else if (rc == RC_OK) {
        r->new_cert = e->new_cert;
        e->new_cert = (struct buf){0};
        f->may_clean = survey_may_clean(r->item);
        r->pin_factory = e->pin_factory;
    }
    if (!pin_waits(e, f->outcome))
        secret_free(&r->pin);
    if (e->outcome == OUTCOME_CANCELLED)
        r->agreed[0] = '\0';
}

void ui_work(struct ui_run *r) {
    const struct enrol_hooks hooks = {hook_pin, hook_step, hook_waiting, r};
    bool last_try = r->facts.last_try_accepted;
    AUTO(enrol)
    e = {.item = r->item,
         .http = &r->http,
         .assist = r->assist[0] == '\0' ? NULL : r->assist,
         .last_try = last_try,
         .hooks = &hooks,
         .lang = r->lang};

    memcpy(e.ticket, r->ticket, sizeof e.ticket);
    r->facts.working = true;
    r->http.lost_ms = 0;
    r->facts.outcome = OUTCOME_COUNT;
    r->facts.step = ENROL_REQUEST;
    r->why[0] = '\0';
    enum rc rc = r->facts.cleaning ? enrol_clean(&e) : enrol_run(&e);
    attempt_ended(r, &e, rc);
    plugs_note(&r->plugs);
    ui_publish(r);
}
