/* capbu clean: removes the old certificate once the new one is confirmed and the programme allows it (R5.11). */
#include <string.h>

#include "client/say.h"
#include "client/term/cmd.h"
#include "client/term/terminal.h"

static enum exit_status clean_one(const struct options *o, struct http *h, const struct survey_item *i) {
    const struct enrol_hooks hooks = terminal_hooks(o);
    AUTO(enrol) e = {.item = i, .http = h, .last_try = o->last_try, .hooks = &hooks};
    char serial[2 * SERIAL_MAX + 2];

    survey_serial(i, serial);
    enum rc rc = enrol_clean(&e);
    if (rc != RC_OK)
        terminal_note(&e, "clean");
    if (rc == RC_TOKEN) {
        cmd_say_token(o, SAY_CLEAN_FAILED);
        return EXIT_WRITE_FAILED;
    }
    if (rc != RC_OK)
        return terminal_outcome(o, &e, rc);
    if (!o->json) {
        say_out(o->lang, SAY_CLEANED, serial);
        return EXIT_DONE;
    }
    AUTO(jsonw) w = {0};
    jsonw_object(&w, NULL);
    jsonw_str(&w, "result", "cleaned");
    jsonw_str(&w, "old_serial", serial);
    jsonw_close(&w, '}');
    return cmd_print_json(o, &w);
}

/* Nothing can go: because it may not, because the new one is not on the token yet, or because there is nothing. */
static enum exit_status nothing_goes(const struct options *o, const struct survey *s, bool forbidden) {
    char serial[2 * SERIAL_MAX + 2];

    if (forbidden) {
        say_err(o->lang, SAY_CLEAN_NOT_ALLOWED);
        return EXIT_SERVER_REFUSED;
    }
    for (size_t k = 0; k < s->count; k++) {
        if (!s->items[k].asked || !survey_unfinished(&s->items[k]))
            continue;
        survey_serial(&s->items[k], serial);
        say_err(o->lang, SAY_CLEAN_NOT_READY, serial);
        return EXIT_NOT_ELIGIBLE;
    }
    const struct find_token *bare = survey_bare(s);
    if (bare != NULL) {
        say_err(o->lang, SAY_BARE_TOKEN, bare->token.label);
        return EXIT_WRITE_FAILED;
    }
    if (survey_is_partial(s)) /* which token, and why, is said already */
        return EXIT_NO_TOKEN;
    say_err(o->lang, SAY_NOTHING_TO_CLEAN);
    return EXIT_DONE;
}

static bool is_done(const struct survey_item *i) {
    return i->asked && i->due == DUE_DONE;
}

static bool may_go(const struct survey_item *i) {
    return is_done(i) && survey_may_clean(i);
}

enum exit_status cmd_clean(const struct options *o, struct http *h) {
    AUTO(survey) s = {0};
    const struct survey_item *chosen = NULL;
    int ready = 0, forbidden = 0;

    enum exit_status status = cmd_survey(o, h, &s);
    if (status != EXIT_DONE)
        return status;
    for (size_t k = 0; k < s.count; k++) {
        const struct survey_item *i = &s.items[k];
        bool may = may_go(i);
        forbidden += is_done(i) && !may;
        ready += may;
        chosen = may ? i : chosen;
    }
    if (ready == 1)
        return clean_one(o, h, chosen);
    if (ready > 1)
        return cmd_choose(o, &s, SAY_SEVERAL_OLD, may_go);
    status = o->json ? cmd_say_items(o, &s) : EXIT_DONE;
    if (status != EXIT_DONE)
        return status;
    return nothing_goes(o, &s, forbidden > 0);
}
