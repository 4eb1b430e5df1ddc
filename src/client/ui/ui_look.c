/* The page's look: what is plugged in, what the server says of it, and what that leaves to choose. */
#include "client/ui/ui_look.h"

#include <string.h>

#include "client/token/usb.h"
#include "client/ui/ui_clean.h"
#include "client/ui/ui_view.h"

static bool has_reason(const struct survey_item *i, const char *reason) {
    return strstr(i->check.reasons, reason) != NULL;
}

static void count_item(struct ui_run *r, const struct survey_item *i) {
    struct flow_facts *f = &r->facts;

    f->due += i->due == DUE_NOW;
    f->done += i->due == DUE_DONE || i->due == DUE_FULL;
    f->later += i->due == DUE_LATER;
    f->other_way += i->due == DUE_OTHER_WAY;
    f->halted |= i->due == DUE_LATER && i->check.halted;
    f->held += i->due == DUE_HELD;
    f->refused += i->due == DUE_NOTHING;
    f->foreign |= i->due == DUE_NOTHING && (has_reason(i, "not-old-issuer") || has_reason(i, "bad-signature") ||
                                            has_reason(i, "unknown-certificate"));
}

/* The one of before when it is still there, the only one when there is one. */
static void choose_again(struct ui_run *r) {
    const struct survey_item *only = NULL, *before = NULL, *first = NULL;

    for (size_t k = 0; k < r->survey.count; k++) {
        const struct survey_item *i = &r->survey.items[k];
        if (!i->asked || i->due != DUE_NOW)
            continue;
        only = i;
        before = ui_is_chosen(r, i) ? i : before;
        first = first == NULL ? i : first;
        r->facts.due_tokens = first->candidate->at != i->candidate->at ? 2
                              : r->facts.due_tokens < 1                ? 1
                                                                       : r->facts.due_tokens;
    }
    if (before != NULL)
        ui_choose(r, before);
    else if (r->facts.due == 1)
        ui_choose(r, only);
}

static void count_tokens(struct ui_run *r) {
    struct flow_facts *f = &r->facts;
    const struct find *found = &r->survey.find;

    f->drivers = r->survey.places.count;
    f->drivers_failed = f->tokens_failed = f->bare = f->empty = 0;
    for (size_t i = 0; i < found->module_count; i++)
        f->drivers_failed += found->modules[i].failed[0] != '\0';
    for (size_t i = 0; i < found->token_count; i++)
        if (found->tokens[i].failed[0] != '\0') {
            f->tokens_failed++;
            plugs_blame(&r->plugs, found->tokens[i].token.module);
        } else if (found->tokens[i].certs == 0) {
            f->bare += found->tokens[i].keys > 0;
            f->empty += found->tokens[i].keys == 0;
        }
    f->tokens = (int)found->token_count;
    f->certificates = (int)r->survey.count;
    f->usb_token = usb_token_seen();
}

static enum rc look_once(struct ui_run *r) {
    enum rc rc = survey_find(r->options, &r->survey);

    count_tokens(r);
    r->facts.looked = true;
    if (r->survey.count == 0 && (rc == RC_OK || rc == RC_NOT_FOUND)) {
        ui_publish(r); /* what is known so far, while the server is asked */
        if (survey_learn(r->options, &r->http, &r->programme)) {
            survey_free(&r->survey);
            rc = survey_find(r->options, &r->survey);
            count_tokens(r);
        }
    }
    if (rc == RC_NOT_FOUND)
        return RC_OK; /* a fact, no failure */
    TRY(rc);
    if (r->survey.count == 0)
        return RC_OK;
    ui_publish(r);
    struct options o = *r->options; /* with the assist code of the moment */
    o.assist = r->assist[0] == '\0' ? NULL : r->assist;
    r->facts.assisted = o.assist != NULL;
    TRY(survey_check(&o, &r->http, &r->survey));
    r->facts.server = SERVER_ASKED;
    for (size_t k = 0; k < r->survey.count; k++)
        if (r->survey.items[k].asked) {
            count_item(r, &r->survey.items[k]);
            programme_learn(r->options, &r->survey.items[k].check.client, &r->programme);
        }
    choose_again(r);
    ui_clean_look(r);
    r->facts.too_old = r->facts.due > 0 && survey_too_old(r->survey.told);
    return RC_OK;
}

void ui_look(struct ui_run *r) {
    r->http.lang = r->lang == LANG_EN ? "en" : "vi,en;q=0.5";
    r->item = NULL;
    survey_free(&r->survey);
    r->facts = (struct flow_facts){.outcome = OUTCOME_COUNT, .no_server = r->options->server == NULL};
    buf_free(&r->new_cert); /* and what is done is shown of the token that is there now */
    p11_rv_forget();
    r->http.lost_ms = 0;
    r->left = false;
    ui_publish(r);
    if (r->facts.no_server)
        return;
    plugs_note(&r->plugs);
    enum rc rc = look_once(r);
    r->pin_factory &= r->facts.cleaning; /* that is another token's, perhaps another person's */
    r->code[0] = '\0';
    if (rc != RC_OK) {
        r->facts.outcome = outcome_of(rc, "", r->http.trouble, p11_last_meaning());
        r->facts.server = SERVER_FAILED;
        ui_why(r);
        ui_note(r, "look", p11_last_rv(), "");
    }
    ui_publish(r);
}
