/* One run of the page: what its parts share, and the few words on it that all of them say. */
#include "client/ui/ui_run.h"

#include <stdio.h>
#include <string.h>

#include "client/flow/trail.h"
#include "client/net/proxy.h"

static void poke(void *arg) {
    ui_state_poke(arg);
}

enum screen ui_run_screen(const struct ui_run *r) {
    return flow_screen(&r->facts);
}

void ui_note(struct ui_run *r, const char *step, CK_RV rv, const char *reason) {
    enum outcome o = r->facts.outcome;

    trail_add(r->support, step, o == OUTCOME_COUNT ? "-" : outcome_name(o), rv, reason);
}

void ui_support(struct ui_run *r) {
    support_code_make(r->support);
    ui_note(r, "open", CKR_OK, "");
}

enum rc ui_run_open(const struct options *o, const struct http *h, struct ui_state *state, struct ui_run *out) {
    *out = (struct ui_run){.options = o, .state = state, .lang = o->lang, .http = *h};
    out->http.support = out->support;
    out->facts.outcome = OUTCOME_COUNT;
    out->facts.no_server = o->server == NULL;
    programme_open(o, &out->programme);
    out->plugs = (struct plugs){.options = o, .tell = poke, .arg = state};
    ui_support(out);
    return text_set(out->assist, sizeof out->assist, o->assist == NULL ? "" : o->assist);
}

void ui_run_free(struct ui_run *r) {
    survey_free(&r->survey);
    plugs_free(&r->plugs);
    secret_free(&r->pin);
    buf_free(&r->new_cert);
    receipt_free(&r->receipt);
}

void ui_why(struct ui_run *r) {
    (void)snprintf(r->why, sizeof r->why, "%s", err_text());
}

void ui_lang(struct ui_run *r, const char *name) {
    (void)lang_from(name, &r->lang);
}

unsigned ui_actions(const struct ui_run *r) {
    unsigned all = flow_view(ui_run_screen(r), r->lang).actions;
    return r->facts.may_clean ? all : all & ~(unsigned)ACTION_CLEAN;
}

static const char *token_serial(const struct survey_item *i) {
    return i->candidate->at->token.serial;
}

bool ui_is_chosen(const struct ui_run *r, const struct survey_item *i) {
    char serial[2 * SERIAL_MAX + 2];

    survey_serial(i, serial);
    return strcmp(serial, r->chosen) == 0 && strcmp(token_serial(i), r->chosen_token) == 0;
}

void ui_choose(struct ui_run *r, const struct survey_item *i) {
    char serial[2 * SERIAL_MAX + 2];

    survey_serial(i, serial);
    if (text_set(r->chosen, sizeof r->chosen, serial) != RC_OK ||
        text_set(r->chosen_token, sizeof r->chosen_token, token_serial(i)) != RC_OK)
        return;
    r->item = i;
    r->facts.chosen = true;
    r->facts.unfinished = survey_unfinished(i);
    r->facts.alone = survey_opens(i, false);
    r->facts.token = i->candidate->at->token;
    r->facts.agreed = strcmp(r->agreed, serial) == 0;
}
