/* Which failure a screen is about, and the row of it. */
#include "client/ui/ui_advice.h"

#include "client/flow/advice.h"

static const char *driver_failed(const struct find *f) {
    for (size_t i = 0; i < f->module_count; i++)
        if (f->modules[i].failed[0] != '\0')
            return f->modules[i].failed;
    return NULL;
}

static const char *token_failed(const struct find *f) {
    for (size_t i = 0; i < f->token_count; i++)
        if (f->tokens[i].failed[0] != '\0')
            return f->tokens[i].failed;
    return NULL;
}

static bool of_token(enum outcome o) {
    return o == OUTCOME_TOKEN_FAILED || o == OUTCOME_TOKEN_FULL || o == OUTCOME_PIN_MAYBE || o == OUTCOME_PIN_CHANGE ||
           o == OUTCOME_NO_KEY;
}

/* The text of the failure; NULL: the screen is about none of the token's. */
static const char *trouble(const struct ui_run *r, enum screen s) {
    switch (s) {
    case SCREEN_DRIVER_FAILED:
        return driver_failed(&r->survey.find);
    case SCREEN_TOKEN_UNREADABLE:
        return token_failed(&r->survey.find);
    case SCREEN_TOKEN_FAILED:
    case SCREEN_TOKEN_FULL:
    case SCREEN_PIN_MAYBE:
    case SCREEN_PIN_CHANGE:
    case SCREEN_CLEAN_FAILED:
        return of_token(r->facts.outcome) && r->why[0] != '\0' ? r->why : NULL;
    default:
        return NULL;
    }
}

void ui_advice_view(const struct ui_run *r, enum screen s, struct flow_view *v) {
    const char *text = trouble(r, s);

    if (text != NULL)
        v->next = advice_help(r->lang, s == SCREEN_TOKEN_FULL ? HELP_FULL : advice_of(text).help);
}

void ui_advice_put(struct jsonw *w, const struct ui_run *r, enum screen s) {
    const char *text = trouble(r, s);

    if (text == NULL) {
        jsonw_null(w, "advice");
        return;
    }
    struct p11_meaning m = advice_of(text);
    jsonw_object(w, "advice");
    jsonw_str(w, "what", advice_what(r->lang, m.what));
    jsonw_str(w, "help", advice_help_name(m.help));
    jsonw_str(w, "try", advice_try_name(m.attempt));
    jsonw_close(w, '}');
}
