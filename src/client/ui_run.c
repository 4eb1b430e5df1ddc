/* The page's worker: looks at tokens, asks the server, runs the attempt, and answers what the person gives. */
#include "client/ui_run.h"

#include <string.h>

#include "base/hex.h"
#include "base/os.h"
#include "client/marks.h"
#include "client/serial.h"
#include "client/trail.h"
#include "client/tries.h"
#include "client/usb.h"

#define LOOK_MS     2000            /* between two looks at what is plugged in */
#define PIN_KEPT    (5 * 60 * 1000) /* a PIN waits so long for its token or the server to come back */
#define AGAIN_LEAST 4               /* seconds; doubled each time, with jitter */
#define AGAIN_MOST  60
#define RESUMES     5 /* times an interrupted attempt goes on by itself */

enum rc ui_run_open(const struct options *o, struct ui_state *state, struct ui_run *out) {
    *out = (struct ui_run){.options = o, .state = state, .lang = o->lang};
    out->http = (struct http){.server = o->server, .server_ca = o->server_ca, .support = out->support};
    out->facts.outcome = OUTCOME_COUNT;
    support_code_make(out->support);
    return text_set(out->assist, sizeof out->assist, o->assist == NULL ? "" : o->assist);
}

void ui_run_free(struct ui_run *r) {
    survey_free(&r->survey);
    for (int i = 0; i < r->held_count; i++)
        p11_module_free(&r->held[i]);
    secret_free(&r->pin);
    buf_free(&r->new_cert);
}

enum screen ui_run_screen(const struct ui_run *r) {
    return flow_screen(&r->facts);
}

/* A state that cannot be told is no reason to stop: the next one will be. */
static void publish(struct ui_run *r) {
    enum rc rc = ui_view_publish(r);
    (void)rc;
}

static void note(struct ui_run *r, const char *step, CK_RV rv, const char *reason) {
    trail_add(r->support, step, r->facts.outcome, rv, reason);
}

/* Opens what is installed and not open yet; what does not load is tried again at each look. */
static void hold_modules(struct ui_run *r, const struct places *p) {
    for (int i = 0; i < p->count; i++) {
        bool known = false;
        for (int k = 0; k < r->held_count; k++)
            known |= strcmp(r->held[k].path, p->path[i]) == 0;
        if (!known && r->held_count < PLACES_MAX && p11_module_open(&r->held[r->held_count], p->path[i]) == RC_OK)
            r->held_count++;
    }
}

/* A digest of which tokens are there: enough to see that something came or went. No session is opened. */
static struct sha256 plugged(struct ui_run *r) {
    struct places places;
    struct p11_token tokens[TOKENS_MAX];
    AUTO(buf) text = {0};

    if (places_find(r->options, &places) != RC_OK)
        places.count = 0;
    hold_modules(r, &places);
    enum rc rc = buf_printf(&text, "%d %d\n", places.count, usb_token_seen());
    for (int i = 0; i < r->held_count && rc == RC_OK; i++) {
        size_t count = 0;
        if (p11_tokens(&r->held[i], tokens, TOKENS_MAX, &count) != RC_OK)
            count = 0;
        for (size_t t = 0; t < count && rc == RC_OK; t++)
            if (tokens[t].initialized)
                rc = buf_printf(&text, "%d %lu %s %s %d\n", i, tokens[t].slot, tokens[t].serial, tokens[t].label,
                                tokens[t].pin_locked);
    }
    return sha256_of(buf_span(&text));
}

/* The token of the interrupted attempt, in whatever slot. */
static bool chosen_is_back(struct ui_run *r) {
    struct p11_token tokens[TOKENS_MAX];

    for (int i = 0; i < r->held_count; i++) {
        size_t count = 0;
        if (p11_tokens(&r->held[i], tokens, TOKENS_MAX, &count) != RC_OK)
            count = 0;
        for (size_t t = 0; t < count; t++)
            if (tokens[t].initialized && strcmp(tokens[t].serial, r->chosen_token) == 0)
                return true;
    }
    return false;
}

static bool has_reason(const struct survey_item *i, const char *reason) {
    return strstr(i->check.reasons, reason) != NULL;
}

static void count_item(struct ui_run *r, const struct survey_item *i) {
    struct flow_facts *f = &r->facts;

    f->due += i->due == DUE_NOW;
    f->done += i->due == DUE_DONE;
    f->later += i->due == DUE_LATER;
    f->halted |= i->due == DUE_LATER && i->check.halted;
    f->held += i->due == DUE_HELD;
    f->refused += i->due == DUE_NOTHING;
    f->foreign |= i->due == DUE_NOTHING && (has_reason(i, "not-old-issuer") || has_reason(i, "bad-signature") ||
                                            has_reason(i, "unknown-certificate"));
}

static const char *token_serial(const struct survey_item *i) {
    return i->candidate->at->token.serial;
}

static bool is_chosen(const struct ui_run *r, const struct survey_item *i) {
    char serial[2 * SERIAL_MAX + 2];

    survey_serial(i, serial);
    return strcmp(serial, r->chosen) == 0 && strcmp(token_serial(i), r->chosen_token) == 0;
}

static void choose(struct ui_run *r, const struct survey_item *i) {
    char serial[2 * SERIAL_MAX + 2];

    survey_serial(i, serial);
    if (text_set(r->chosen, sizeof r->chosen, serial) != RC_OK ||
        text_set(r->chosen_token, sizeof r->chosen_token, token_serial(i)) != RC_OK)
        return;
    r->item = i;
    r->facts.chosen = true;
    r->facts.unfinished = survey_unfinished(i);
    r->facts.token = i->candidate->at->token;
    r->facts.agreed = strcmp(r->agreed, serial) == 0;
}

/* The one of before when it is still there, the only one when there is one. */
static void choose_again(struct ui_run *r) {
    const struct survey_item *only = NULL, *before = NULL, *first = NULL;

    for (size_t k = 0; k < r->survey.count; k++) {
        const struct survey_item *i = &r->survey.items[k];
        if (!i->asked || i->due != DUE_NOW)
            continue;
        only = i;
        before = is_chosen(r, i) ? i : before;
        first = first == NULL ? i : first;
        r->facts.due_tokens = first->candidate->at != i->candidate->at ? 2
                              : r->facts.due_tokens < 1                ? 1
                                                                       : r->facts.due_tokens;
    }
    if (before != NULL)
        choose(r, before);
    else if (r->facts.due == 1)
        choose(r, only);
}

static void count_tokens(struct ui_run *r) {
    struct flow_facts *f = &r->facts;
    const struct find *found = &r->survey.find;

    f->drivers = r->survey.places.count;
    for (size_t i = 0; i < found->module_count; i++)
        f->drivers_failed += found->modules[i].failed[0] != '\0';
    for (size_t i = 0; i < found->token_count; i++)
        f->tokens_failed += found->tokens[i].failed[0] != '\0';
    f->tokens = (int)found->token_count;
    f->certificates = (int)r->survey.count;
    f->usb_token = usb_token_seen();
}

static enum rc look_once(struct ui_run *r) {
    enum rc rc = survey_find(r->options, &r->survey);

    count_tokens(r);
    r->facts.looked = true;
    if (rc == RC_NOT_FOUND)
        return RC_OK; /* a fact, no failure */
    TRY(rc);
    if (r->survey.count == 0)
        return RC_OK;
    publish(r);
    TRY(survey_check(r->options, &r->http, &r->survey));
    r->facts.server = SERVER_ASKED;
    for (size_t k = 0; k < r->survey.count; k++)
        if (r->survey.items[k].asked) {
            count_item(r, &r->survey.items[k]);
            memcpy(r->hotline, r->survey.items[k].check.hotline, sizeof r->hotline);
        }
    choose_again(r);
    return RC_OK;
}

/* Everything anew, from the tokens on; what the person said of a certificate that is still there stays said. */
static void look(struct ui_run *r) {
    r->http.lang = r->lang == LANG_EN ? "en" : "vi,en;q=0.5";
    r->item = NULL;
    survey_free(&r->survey);
    r->facts = (struct flow_facts){.outcome = OUTCOME_COUNT, .last_try_accepted = r->facts.last_try_accepted};
    p11_rv_forget();
    r->http.lost_ms = 0;
    publish(r);
    r->plugged = plugged(r);
    enum rc rc = look_once(r);
    r->code[0] = '\0';
    if (rc != RC_OK) {
        r->facts.outcome = outcome_of(rc, "", r->http.trouble, p11_last_rv());
        r->facts.server = SERVER_FAILED;
        if (text_set(r->detail, sizeof r->detail, err_text()) != RC_OK)
            r->detail[0] = '\0';
        note(r, "look", p11_last_rv(), "");
    }
    publish(r);
}

static enum rc hook_pin(void *arg, const struct p11_token *token, struct secret *pin) {
    const struct ui_run *r = arg;
    (void)token;

    return secret_from(pin, span_of(r->pin.text, r->pin.len));
}

static void hook_step(void *arg, enum enrol_step step) {
    struct ui_run *r = arg;

    r->facts.step = step;
    r->facts.waiting = false;
    note(r, enrol_step_name(step), CKR_OK, "");
    publish(r);
}

static void lang_set(struct ui_run *r, const char *name) {
    (void)lang_from(name, &r->lang);
}

/* In the queue only stopping and the language are heard. */
static bool hook_waiting(void *arg, int64_t position, int64_t seconds) {
    struct ui_run *r = arg;
    int64_t until = os_clock_ms() + seconds * 1000;
    bool go_on = true;

    r->facts.waiting = true;
    r->position = position;
    r->seconds = seconds;
    publish(r);
    for (int64_t left = until - os_clock_ms(); go_on && left > 0; left = until - os_clock_ms()) {
        AUTO(ui_command) c = {0};
        if (!ui_state_take(r->state, (int)left, &c)) {
            go_on = !ui_state_abandoned(r->state);
            continue;
        }
        go_on = c.kind != UI_CANCEL;
        if (c.kind == UI_LANG)
            lang_set(r, c.text);
        publish(r);
    }
    return go_on;
}

/* May the same PIN finish what was interrupted? Only one that no token ever refused. */
static bool pin_waits(enum outcome o) {
    return o == OUTCOME_TOKEN_GONE || o == OUTCOME_AWAY || o == OUTCOME_BUSY || o == OUTCOME_PROXY ||
           o == OUTCOME_CLOCK;
}

static void attempt_ended(struct ui_run *r, struct enrol *e, enum rc rc) {
    struct flow_facts *f = &r->facts;
    struct p11_token now = f->token;

    f->working = f->waiting = false;
    f->outcome = e->outcome;
    f->last_try_accepted = false;
    memcpy(r->ticket, e->ticket, sizeof r->ticket);
    memcpy(r->code, e->code, sizeof r->code);
    if (rc != RC_OK && text_set(r->detail, sizeof r->detail, err_text()) != RC_OK)
        r->detail[0] = '\0';
    note(r, "renew", e->rv, e->code);
    if (e->outcome == OUTCOME_TOKEN_FAILED && p11_token_refresh(&now) != RC_OK) {
        f->outcome = OUTCOME_TOKEN_GONE;
    } else if (p11_token_refresh(&now) == RC_OK) {
        tries_recall(&now);
        f->token = now;
    }
    buf_free(&r->new_cert);
    if (rc == RC_OK) {
        r->new_cert = e->new_cert;
        e->new_cert = (struct buf){0};
        r->pin_factory = pin_is_factory(span_of(r->pin.text, r->pin.len));
    }
    if (!pin_waits(f->outcome))
        secret_free(&r->pin);
    if (e->outcome == OUTCOME_CANCELLED)
        r->agreed[0] = '\0';
}

static void attempt(struct ui_run *r) {
    const struct enrol_hooks hooks = {hook_pin, hook_step, hook_waiting, r};
    bool last_try = r->facts.last_try_accepted;
    AUTO(enrol)
    e = {.item = r->item,
         .http = &r->http,
         .assist = r->assist[0] == '\0' ? NULL : r->assist,
         .last_try = last_try,
         .hooks = &hooks};

    memcpy(e.ticket, r->ticket, sizeof e.ticket);
    r->facts.working = true;
    r->http.lost_ms = 0;
    r->facts.outcome = OUTCOME_COUNT;
    r->facts.step = ENROL_REQUEST;
    r->detail[0] = '\0';
    enum rc rc = enrol_run(&e);
    attempt_ended(r, &e, rc);
    r->plugged = plugged(r);
    publish(r);
}

static bool pin_ready(const struct ui_run *r) {
    return r->pin.len > 0 && os_clock_ms() < r->pin_until;
}

/* Looks again, and goes on with the interrupted attempt when everything for it is there. */
static void go_on(struct ui_run *r) {
    if (!pin_ready(r))
        secret_free(&r->pin);
    look(r);
    if (ui_run_screen(r) == SCREEN_PIN && pin_ready(r) && r->resumes++ < RESUMES)
        attempt(r);
}

static void pin_given(struct ui_run *r, struct ui_command *c) {
    struct flow_facts *f = &r->facts;

    f->outcome = OUTCOME_COUNT;
    f->pin_fault = f->token.protected_path ? PIN_FINE : pin_check(&f->token, span_of(c->pin.text, c->pin.len));
    if (f->pin_fault != PIN_FINE) {
        publish(r);
        return;
    }
    secret_free(&r->pin);
    r->pin = c->pin;
    c->pin = (struct secret){0};
    r->pin_until = os_clock_ms() + PIN_KEPT;
    r->resumes = 0;
    attempt(r);
}

static void choose_by_serial(struct ui_run *r, const char *serial) {
    char of[2 * SERIAL_MAX + 2];

    for (size_t k = 0; k < r->survey.count; k++) {
        survey_serial(&r->survey.items[k], of);
        if (r->survey.items[k].due == DUE_NOW && strcmp(of, serial) == 0)
            choose(r, &r->survey.items[k]);
    }
    publish(r);
}

static void agree(struct ui_run *r, const char *assist) {
    if (text_set(r->assist, sizeof r->assist, assist) != RC_OK ||
        text_set(r->agreed, sizeof r->agreed, r->chosen) != RC_OK)
        return;
    if (r->facts.outcome == OUTCOME_ASSIST)
        r->facts.outcome = OUTCOME_COUNT;
    r->facts.agreed = r->agreed[0] != '\0';
    publish(r);
}

static void restart(struct ui_run *r) {
    secret_free(&r->pin);
    r->chosen[0] = r->chosen_token[0] = r->agreed[0] = r->ticket[0] = '\0';
    support_code_make(r->support);
    buf_free(&r->new_cert);
    look(r);
}

static void cancel(struct ui_run *r) {
    secret_free(&r->pin);
    r->agreed[0] = '\0';
    r->facts.outcome = OUTCOME_CANCELLED;
    note(r, "cancel", CKR_OK, "");
    publish(r);
}

/* The serial whose checklist is shown. */
static const char *done_serial(const struct ui_run *r, char out[2 * SERIAL_MAX + 2]) {
    struct cert c;

    out[0] = '\0';
    if (r->new_cert.len > 0 && cert_parse(buf_span(&r->new_cert), &c) == RC_OK)
        serial_to_hex(c.facts.serial, c.facts.serial_len, out);
    for (size_t k = 0; out[0] == '\0' && k < r->survey.count; k++)
        if (r->survey.items[k].due == DUE_DONE)
            return r->survey.items[k].check.new_serial;
    return out;
}

static void mark(struct ui_run *r, const char *item, bool done) {
    char room[2 * SERIAL_MAX + 2];
    const char *serial = done_serial(r, room);
    int m = mark_from(item);

    if (m < 0)
        return;
    unsigned marks = marks_get(serial), bit = 1u << m;
    marks_put(serial, done ? marks | bit : marks & ~bit);
    publish(r);
}

/* Texts of the server (reasons, labels of the data) are in the language they were asked in. */
static void change_lang(struct ui_run *r, const char *name) {
    struct flow_view v = flow_view(ui_run_screen(r), r->lang);

    lang_set(r, name);
    if (v.stage == 2 && r->facts.server == SERVER_ASKED && r->facts.outcome == OUTCOME_COUNT)
        look(r);
    else
        publish(r);
}

/* What the present screen does not offer is not done: a late click harms nothing. */
static unsigned needs(enum ui_kind kind) {
    switch (kind) {
    case UI_CHOOSE:
        return ACTION_CHOOSE;
    case UI_AGREE:
        return ACTION_AGREE | ACTION_ASSIST;
    case UI_PIN:
        return ACTION_PIN;
    case UI_LAST_TRY:
        return ACTION_LAST_TRY;
    case UI_RETRY:
        return ACTION_RETRY;
    case UI_CANCEL:
        return ACTION_CANCEL;
    case UI_RESTART:
        return ACTION_RESTART;
    case UI_LANG:
    case UI_MARK:
        break;
    }
    return ~0u;
}

static void obey(struct ui_run *r, struct ui_command *c) {
    switch (c->kind) {
    case UI_LANG:
        change_lang(r, c->text);
        break;
    case UI_MARK:
        mark(r, c->text, c->flag);
        break;
    case UI_CHOOSE:
        choose_by_serial(r, c->text);
        break;
    case UI_AGREE:
        agree(r, c->text);
        break;
    case UI_PIN:
        pin_given(r, c);
        break;
    case UI_LAST_TRY:
        r->facts.last_try_accepted = true;
        publish(r);
        break;
    case UI_RETRY:
        go_on(r);
        break;
    case UI_CANCEL:
        cancel(r);
        break;
    case UI_RESTART:
        restart(r);
    }
}

/* Nothing was said for a while: has a token come or gone, is it time to ask the server again? */
static void idle(struct ui_run *r, int64_t *again_ms) {
    struct flow_view v = flow_view(ui_run_screen(r), r->lang);

    if (r->pin.len > 0 && !pin_ready(r))
        secret_free(&r->pin);
    if (v.asks_again && os_clock_ms() >= *again_ms) {
        go_on(r);
        return;
    }
    if (!v.polls)
        return;
    if (r->facts.outcome == OUTCOME_TOKEN_GONE) {
        if (chosen_is_back(r))
            go_on(r);
        return;
    }
    struct sha256 now = plugged(r);
    if (memcmp(&now, &r->plugged, sizeof now) != 0)
        go_on(r);
}

static int64_t again_at(struct ui_run *r) {
    if (!flow_view(ui_run_screen(r), r->lang).asks_again) {
        r->again_s = 0;
        return 0;
    }
    r->again_s = r->again_s == 0 ? AGAIN_LEAST : r->again_s * 2 > AGAIN_MOST ? AGAIN_MOST : r->again_s * 2;
    return os_clock_ms() + r->again_s * 1000 + (int64_t)random_below((uint32_t)r->again_s * 250);
}

enum rc ui_run_serve(struct ui_run *r) {
    look(r);
    int64_t again_ms = again_at(r);
    while (!ui_state_abandoned(r->state)) {
        AUTO(ui_command) c = {0};
        bool due = again_ms != 0 && os_clock_ms() >= again_ms;
        if (ui_state_take(r->state, LOOK_MS, &c)) {
            unsigned offered = flow_view(ui_run_screen(r), r->lang).actions;
            bool fits = needs(c.kind) == ~0u || (needs(c.kind) & offered) != 0;
            if (fits)
                obey(r, &c);
            else
                publish(r);
            again_ms = again_at(r);
            continue;
        }
        idle(r, &again_ms);
        if (again_ms == 0 || due)
            again_ms = again_at(r);
    }
    return RC_OK;
}
