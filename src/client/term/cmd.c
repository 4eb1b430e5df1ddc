/* What all commands of capbu share: failures in words and statuses, and the look at what is plugged in. */
#include "client/term/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/out.h"
#include "client/flow/cause.h"
#include "client/flow/trail.h"
#include "client/token/usb.h"

#define VIETNAM (7 * 3600)

void cmd_say_why(const struct options *o, enum say what) {
    char why[CAUSE_TEXT];

    if (strcmp(err_text(), OUT_GONE) == 0)
        return;
    cause_say(o->lang, err_text(), why);
    say_err(o->lang, what, why);
}

/* One text each, which may take the reason as its argument. What needs more (a serial number, a token's name) the
   caller says instead (client/term/terminal.c). */
static const struct {
    enum say text; /* SAY_COUNT: it is said already */
    enum exit_status status;
} ENDS[OUTCOME_COUNT] = {
    [OUTCOME_DONE] = {SAY_COUNT, EXIT_DONE},
    [OUTCOME_CANCELLED] = {SAY_SERVER_REFUSED, EXIT_SERVER_REFUSED},
    [OUTCOME_NOWHERE] = {SAY_PLAIN, EXIT_USAGE},
    [OUTCOME_PIN_UNFIT] = {SAY_COUNT, EXIT_WRONG_PIN},
    [OUTCOME_PIN_WRONG] = {SAY_PIN_WRONG, EXIT_WRONG_PIN},
    [OUTCOME_PIN_MAYBE] = {SAY_PIN_MAYBE, EXIT_WRONG_PIN},
    [OUTCOME_PIN_CHANGE] = {SAY_PIN_CHANGE, EXIT_PIN_BLOCKED},
    [OUTCOME_PIN_LAST] = {SAY_PIN_LAST_TRY, EXIT_PIN_BLOCKED},
    [OUTCOME_PIN_LOCKED] = {SAY_PIN_LOCKED, EXIT_PIN_BLOCKED},
    [OUTCOME_NO_KEY] = {SAY_WRITE_FAILED, EXIT_WRITE_FAILED},
    [OUTCOME_TOKEN_GONE] = {SAY_WRITE_FAILED, EXIT_WRITE_FAILED},
    [OUTCOME_TOKEN_FULL] = {SAY_WRITE_FAILED, EXIT_WRITE_FAILED},
    [OUTCOME_TOKEN_FAILED] = {SAY_WRITE_FAILED, EXIT_WRITE_FAILED},
    [OUTCOME_TAKEN] = {SAY_WRITE_FAILED, EXIT_WRITE_FAILED},
    [OUTCOME_AWAY] = {SAY_SERVER_AWAY, EXIT_SERVER_AWAY},
    [OUTCOME_PROXY] = {SAY_SERVER_AWAY, EXIT_SERVER_AWAY},
    [OUTCOME_CLOCK] = {SAY_SERVER_CLOCK, EXIT_SERVER_AWAY},
    [OUTCOME_TRUST] = {SAY_SERVER_TRUST, EXIT_SERVER_AWAY},
    [OUTCOME_BUSY] = {SAY_SERVER_AWAY, EXIT_SERVER_AWAY},
    [OUTCOME_NOT_OPEN] = {SAY_SERVER_REFUSED, EXIT_NOT_OPEN},
    [OUTCOME_HALTED] = {SAY_SERVER_REFUSED, EXIT_NOT_OPEN},
    [OUTCOME_TOO_OLD] = {SAY_SERVER_REFUSED, EXIT_SERVER_REFUSED},
    [OUTCOME_ASSIST] = {SAY_SERVER_REFUSED, EXIT_SERVER_REFUSED},
    [OUTCOME_REFUSED] = {SAY_SERVER_REFUSED, EXIT_SERVER_REFUSED},
    [OUTCOME_BUG] = {SAY_BUG, EXIT_BUG},
};

enum exit_status cmd_end(const struct options *o, enum outcome out) {
    if (ENDS[out].text != SAY_COUNT)
        cmd_say_why(o, ENDS[out].text);
    return ENDS[out].status;
}

enum exit_status cmd_fail(const struct options *o, enum rc rc) {
    return cmd_end(o, outcome_of(rc, "", HTTP_AWAY, CKR_OK));
}

void cmd_support(const struct options *o, const char *code, enum exit_status status) {
    if (status == EXIT_DONE || status == EXIT_USAGE || status == EXIT_CHOOSE || status == EXIT_OUTPUT)
        return;
    trail_add(code, "end", exit_name(status), CKR_OK, ""); /* the server's log has it too, if it was reached */
    if (!o->json)
        say_err(o->lang, SAY_SUPPORT, code);
}

void cmd_day(enum lang lang, const char *instant, char out[DAY_TEXT]) {
    int64_t t = 0;

    out[0] = '\0';
    if (instant_parse(instant, &t) == RC_OK)
        day_read(day_of(t, VIETNAM), lang, out);
}

void cmd_time(enum lang lang, const char *instant, char out[INSTANT_READ]) {
    int64_t t = 0;

    out[0] = '\0';
    if (instant_parse(instant, &t) == RC_OK)
        instant_read(t, VIETNAM, lang, out);
}

void cmd_date(enum lang lang, const char *iso, char out[DAY_TEXT]) {
    int32_t day = 0;

    out[0] = '\0';
    if (day_parse(iso, &day) == RC_OK)
        day_read(day, lang, out);
}

const char *cmd_download(const struct options *o, const struct api_client *told) {
    if (told->download[0] != '\0')
        return told->download;
    return o->lang == LANG_EN ? "ask the hotline where it is" : "hãy hỏi tổng đài nơi tải";
}

static void modules_say(const struct options *o, const struct places *places, const struct find *f) {
    char why[CAUSE_TEXT];

    for (size_t i = 0; i < f->module_count; i++)
        if (f->modules[i].failed[0] != '\0') {
            cause_say(o->lang, f->modules[i].failed, why);
            say_err(o->lang, SAY_MODULE_FAILED, places->path[i], why);
        }
}

/* What is there and could not be read is said before anybody concludes that it is not there. */
static void tokens_say(const struct options *o, const struct find *f, bool asks) {
    char why[CAUSE_TEXT];

    for (size_t i = 0; i < f->token_count; i++) {
        const struct find_token *t = &f->tokens[i];
        if (t->twin)
            continue;
        if (t->failed[0] != '\0') {
            cause_say(o->lang, t->failed, why);
            say_err(o->lang, SAY_TOKEN_FAILED, t->token.label, why);
        }
        if (t->unreadable > 0)
            say_err(o->lang, SAY_UNREADABLE, t->token.label, t->unreadable);
        if (t->shut && !asks)
            say_err(o->lang, SAY_TOKEN_SHUT, t->token.label);
    }
}

static void say_no_token(const struct options *o) {
    say_err(o->lang, usb_service_missing() && !usb_token_seen() ? SAY_NO_SERVICE : SAY_NO_TOKEN);
}

static bool any_loaded(const struct find *f) {
    for (size_t i = 0; i < f->module_count; i++)
        if (f->modules[i].module.handle != NULL)
            return true;
    return false;
}

enum exit_status cmd_survey(const struct options *o, struct http *h, struct survey *s) {
    enum rc rc = survey_find(o, s);

    if (rc == RC_NOT_FOUND && h != NULL && survey_learn(o, h, NULL)) {
        survey_free(s);
        rc = survey_find(o, s);
    }
    modules_say(o, &s->places, &s->find);
    tokens_say(o, &s->find, false);
    if (rc == RC_NOT_FOUND && s->places.count == 0)
        say_err(o->lang, SAY_NO_MODULE);
    else if (rc == RC_NOT_FOUND && any_loaded(&s->find)) /* a token helps no driver that is out */
        say_no_token(o);
    if (rc == RC_NOT_FOUND)
        return EXIT_NO_TOKEN;
    if (rc == RC_OK && h != NULL)
        rc = survey_check(o, h, s);
    if (s->told != NULL && survey_newer(s->told) && !survey_too_old(s->told))
        say_err(o->lang, SAY_NEWER, s->told->latest, cmd_download(o, s->told));
    if (o->catalogue->refused[0] != '\0') {
        char why[CAUSE_TEXT];
        cause_say(o->lang, o->catalogue->refused, why);
        say_err(o->lang, SAY_DEVICES_REFUSED, why);
    }
    return cmd_end(o, outcome_of(rc, "", h == NULL ? HTTP_FINE : h->trouble, CKR_OK));
}

/* Open today, but not the way the person came: what to do instead. */
static void say_other_way(const struct options *o, const char *serial, const char *hotline) {
    char whom[API_HOTLINE + 4] = "";

    if (hotline[0] != '\0')
        (void)snprintf(whom, sizeof whom, " (%s)", hotline);
    if (o->assist != NULL)
        say_out(o->lang, SAY_SELF_ONLY, serial);
    else
        say_out(o->lang, SAY_ASSISTED_ONLY, serial, whom);
}

void cmd_say_item(const struct options *o, const struct survey_item *i) {
    char serial[2 * SERIAL_MAX + 2], from[DAY_TEXT], to[DAY_TEXT];
    const struct api_check *c = &i->check;

    const char *unfinished = !survey_unfinished(i) ? "" : o->lang == LANG_EN ? " (unfinished)" : " (đang dở dang)";

    survey_serial(i, serial);
    cmd_day(o->lang, c->old_not_after, from);
    cmd_day(o->lang, c->new_not_after, to);
    switch (i->due) {
    case DUE_NOW:
        say_out(o->lang, SAY_OWED, serial, from, to, (long long)c->owed_days, unfinished);
        break;
    case DUE_LATER:
        say_out(o->lang, c->halted ? SAY_HALTED : SAY_NOT_OPEN, serial, c->message); /* it names the day */
        break;
    case DUE_OTHER_WAY:
        say_other_way(o, serial, c->client.hotline);
        break;
    case DUE_HELD:
        say_out(o->lang, SAY_HELD, serial, c->reasons, c->message);
        break;
    case DUE_DONE:
        say_out(o->lang, SAY_NOTHING_LEFT, serial, c->new_serial);
        break;
    case DUE_FULL:
        say_out(o->lang, SAY_FULL_TERM, serial, c->message);
        break;
    case DUE_NOTHING:
        say_out(o->lang, SAY_REFUSED, serial, c->reasons, c->message);
    }
}

enum exit_status cmd_print_json(const struct options *o, struct jsonw *w) {
    enum rc rc = out_json(w);

    return rc == RC_IO ? EXIT_DONE : cmd_fail(o, rc); /* an output that takes nothing is told at the end, by main.c */
}

/* "a;b" as a list (interfaces.md: always one). */
static void joined_json(struct jsonw *w, const char *key, const char *joined) {
    jsonw_array(w, key);
    while (*joined != '\0') {
        size_t len = strcspn(joined, ";");
        jsonw_span(w, NULL, span_of(joined, len));
        joined += len + (joined[len] == ';');
    }
    jsonw_close(w, ']');
}

static void item_json(struct jsonw *w, const struct survey_item *i) {
    static const char *const due[] = {"nothing", "later", "other-way", "held", "now", "done", "done"};
    const struct api_check *c = &i->check;

    jsonw_object(w, NULL);
    jsonw_str(w, "serial", c->serial);
    jsonw_str(w, "token", i->candidate->at->token.label);
    jsonw_str(w, "verdict", c->verdict);
    joined_json(w, "reasons", c->reasons);
    jsonw_text(w, "state", c->state);
    jsonw_str(w, "due", due[i->due]);
    jsonw_bool(w, "open", c->open);
    if (strcmp(c->verdict, "eligible") == 0)
        jsonw_bool(w, "halted", c->halted);
    else
        jsonw_null(w, "halted");
    jsonw_text(w, "opens_on", c->opens_on);
    joined_json(w, "channels", c->channels);
    jsonw_text(w, "old_not_after", c->old_not_after);
    jsonw_text(w, "new_not_after", c->new_not_after);
    if (c->new_not_after[0] != '\0')
        jsonw_int(w, "owed_days", c->owed_days);
    else
        jsonw_null(w, "owed_days");
    jsonw_text(w, "new_serial", c->new_serial);
    jsonw_str(w, "message", c->message);
    jsonw_close(w, '}');
}

static bool any(const struct survey_item *i) {
    return i->asked;
}

static enum exit_status say_items(const struct options *o, const struct survey *s,
                                  bool (*wanted)(const struct survey_item *i)) {
    AUTO(jsonw) w = {0};

    jsonw_array(&w, NULL);
    for (size_t k = 0; k < s->count; k++) {
        if (!wanted(&s->items[k]))
            continue;
        if (o->json)
            item_json(&w, &s->items[k]);
        else
            cmd_say_item(o, &s->items[k]);
    }
    jsonw_close(&w, ']');
    return o->json ? cmd_print_json(o, &w) : EXIT_DONE;
}

enum exit_status cmd_say_items(const struct options *o, const struct survey *s) {
    return say_items(o, s, any);
}

enum exit_status cmd_choose(const struct options *o, const struct survey *s, enum say how,
                            bool (*may)(const struct survey_item *i)) {
    say_err(o->lang, how);
    enum exit_status status = say_items(o, s, may);
    return status == EXIT_DONE ? EXIT_CHOOSE : status;
}
