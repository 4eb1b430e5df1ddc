/* The page's worker: answers what the person gives, and looks again by itself when nothing is said. */
#include "client/ui/ui_serve.h"

#include <string.h>

#include "base/digest.h"
#include "base/os.h"
#include "client/net/proxy.h"
#include "client/ui/ui_after.h"
#include "client/ui/ui_clean.h"
#include "client/ui/ui_look.h"
#include "client/ui/ui_view.h"
#include "client/ui/ui_work.h"

#define LOOK_MS     2000            /* between two looks at what is plugged in */
#define PIN_KEPT    (5 * 60 * 1000) /* a PIN waits so long for its token or the server to come back */
#define AGAIN_LEAST 4               /* seconds; doubled each time, with jitter */
#define AGAIN_MOST  60
#define RESUMES     5 /* times an interrupted attempt goes on by itself */

static bool pin_ready(const struct ui_run *r) {
    return r->pin.len > 0 && os_clock_ms() < r->pin_until;
}

/* Looks again, and goes on with the interrupted attempt when everything for it is there. */
static void go_on(struct ui_run *r) {
    if (!pin_ready(r))
        secret_free(&r->pin);
    ui_look(r);
    enum screen s = ui_run_screen(r);
    if ((s == SCREEN_PIN || s == SCREEN_CLEAN_PIN) && pin_ready(r) && r->resumes++ < RESUMES)
        ui_work(r);
}

static void pin_given(struct ui_run *r, struct ui_command *c) {
    struct flow_facts *f = &r->facts;

    f->outcome = OUTCOME_COUNT;
    f->pin_fault = f->token.protected_path ? PIN_FINE : pin_check(&f->token, span_of(c->pin.text, c->pin.len));
    bool insists = f->pin_fault == PIN_BAD_LENGTH && c->pin.len > 0 && c->pin.len == r->odd_len;
    r->odd_len = f->pin_fault == PIN_BAD_LENGTH && !insists ? c->pin.len : 0;
    if (insists)
        f->pin_fault = PIN_FINE;
    if (f->pin_fault != PIN_FINE) {
        ui_publish(r);
        return;
    }
    secret_free(&r->pin);
    r->pin = c->pin;
    c->pin = (struct secret){0};
    r->pin_until = os_clock_ms() + PIN_KEPT;
    r->resumes = 0;
    ui_work(r);
}

static void choose_by_serial(struct ui_run *r, const char *serial) {
    char of[2 * SERIAL_MAX + 2];

    for (size_t k = 0; k < r->survey.count; k++) {
        survey_serial(&r->survey.items[k], of);
        if (r->survey.items[k].due == DUE_NOW && strcmp(of, serial) == 0)
            ui_choose(r, &r->survey.items[k]);
    }
    ui_publish(r);
}

/* Where only a code was asked for, it is no consent (R5.10). With a code other channels may be open than without. */
static void agree(struct ui_run *r, const char *assist) {
    bool consent = (ui_actions(r) & ACTION_AGREE) != 0, other_way = (assist[0] == '\0') != (r->assist[0] == '\0');

    if (text_set(r->assist, sizeof r->assist, assist) != RC_OK) { /* no code is that long */
        r->facts.outcome = OUTCOME_ASSIST;
        ui_publish(r);
        return;
    }
    if (consent)
        memcpy(r->agreed, r->chosen, sizeof r->agreed);
    if (r->facts.outcome == OUTCOME_ASSIST)
        r->facts.outcome = OUTCOME_COUNT;
    r->facts.agreed |= consent && r->agreed[0] != '\0';
    bool open = consent && r->item != NULL && api_opens(&r->item->check, assist[0] != '\0');
    if (other_way && !open) /* else the fourth request of a token would be the fifth */
        ui_look(r);
    else
        ui_publish(r);
}

static void restart(struct ui_run *r) {
    secret_free(&r->pin);
    r->chosen[0] = r->chosen_token[0] = r->agreed[0] = r->ticket[0] = '\0';
    buf_free(&r->new_cert);
    ui_clean_forget(r);
    r->after[0] = '\0';
    r->facts.outcome = OUTCOME_COUNT;
    ui_support(r);
    ui_look(r);
}

static void cancel(struct ui_run *r) {
    secret_free(&r->pin);
    if (r->facts.cleaning) { /* nothing is given up but the removal: back to what is done */
        ui_clean_forget(r);
        r->facts.outcome = OUTCOME_COUNT;
        ui_publish(r);
        return;
    }
    r->agreed[0] = '\0';
    r->facts.outcome = OUTCOME_CANCELLED;
    ui_note(r, "cancel", CKR_OK, "");
    ui_publish(r);
}

/* Texts of the server (reasons, labels of the data) are in the language they were asked in. */
static void change_lang(struct ui_run *r, const char *name) {
    struct flow_view v = flow_view(ui_run_screen(r), r->lang);

    ui_lang(r, name);
    if (v.stage == 2 && r->facts.server == SERVER_ASKED && r->facts.outcome == OUTCOME_COUNT)
        ui_look(r);
    else
        ui_publish(r);
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
    case UI_CLEAN:
        return ACTION_CLEAN;
    case UI_PROXY:
        return ACTION_PROXY;
    case UI_LANG:
    case UI_MARK:
        break;
    }
    return ~0u;
}

static void proxy_given(struct ui_run *r, const struct ui_command *c) {
    if (proxy_set(r->options->proxy_now, c->text, c->name, span_of(c->pin.text, c->pin.len)) == RC_OK) {
        go_on(r);
        return;
    }
    ui_why(r);
    ui_publish(r);
}

/* First the wish, then, on the screen that it leads to, the word. */
static void clean(struct ui_run *r) {
    if (r->facts.cleaning) {
        ui_clean_agree(r);
        ui_publish(r);
        return;
    }
    ui_clean_wish(r);
    ui_look(r); /* the new certificate must be seen beside the old one, and the server still let it go */
}

static void obey(struct ui_run *r, struct ui_command *c) {
    switch (c->kind) {
    case UI_LANG:
        change_lang(r, c->text);
        break;
    case UI_MARK:
        ui_mark(r, c->text, c->flag);
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
        ui_publish(r);
        break;
    case UI_RETRY:
        go_on(r);
        break;
    case UI_CANCEL:
        cancel(r);
        break;
    case UI_RESTART:
        restart(r);
        break;
    case UI_CLEAN:
        clean(r);
        break;
    case UI_PROXY:
        proxy_given(r, c);
    }
}

/* Starts a module anew that answers nothing but errors. */
static bool mend(struct ui_run *r) {
    if (!plugs_want_mending(&r->plugs))
        return false;
    ui_note(r, "mend", p11_last_rv(), "");
    r->item = NULL;
    survey_free(&r->survey);
    plugs_mend(&r->plugs);
    return true;
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
    bool news =
        r->facts.outcome == OUTCOME_TOKEN_GONE ? plugs_have(&r->plugs, r->chosen_token) : plugs_changed(&r->plugs);
    bool mended = mend(r); /* before the look, so that it does not meet the module as it was */
    if (news || (mended && r->facts.outcome != OUTCOME_TOKEN_GONE))
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

enum rc ui_serve(struct ui_run *r) {
    ui_look(r);
    int64_t again_ms = again_at(r);
    while (!ui_state_abandoned(r->state)) {
        AUTO(ui_command) c = {0};
        ui_after(r, false);
        bool due = again_ms != 0 && os_clock_ms() >= again_ms;
        if (ui_state_take(r->state, LOOK_MS, &c)) {
            unsigned offered = ui_actions(r);
            bool fits = needs(c.kind) == ~0u || (needs(c.kind) & offered) != 0;
            if (fits)
                obey(r, &c);
            else
                ui_publish(r);
            again_ms = again_at(r);
            continue;
        }
        ui_after(r, true);
        idle(r, &again_ms);
        if (again_ms == 0 || due)
            again_ms = again_at(r);
    }
    ui_after(r, true);
    return RC_OK;
}
