/* capbu list and check: what is plugged in, and what is owed. No PIN is asked. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/jsonw.h"
#include "client/say.h"
#include "client/term/cmd.h"

static void token_json(struct jsonw *w, const struct p11_token *t) {
    jsonw_str(w, "label", t->label);
    jsonw_str(w, "serial", t->serial);
    jsonw_str(w, "manufacturer", t->manufacturer);
    jsonw_str(w, "model", t->model);
    jsonw_str(w, "module", t->module->path);
    jsonw_bool(w, "pin_locked", t->pin_locked);
    jsonw_bool(w, "pin_final_try", t->pin_final_try);
}

static void cert_json(struct jsonw *w, const struct find_candidate *c) {
    char serial[2 * SERIAL_MAX + 2], id[2 * CKA_ID_MAX + 1];
    AUTO(buf) name = {0};

    serial_to_hex(c->cert.facts.serial, c->cert.facts.serial_len, serial);
    hex_to(c->id, c->id_len, id);
    jsonw_object(w, NULL);
    jsonw_str(w, "serial", serial);
    if (cert_name_format(c->cert.subject, &name) == RC_OK)
        jsonw_span(w, "subject", buf_span(&name));
    jsonw_instant(w, "not_before", c->cert.facts.not_before);
    jsonw_instant(w, "not_after", c->cert.facts.not_after);
    jsonw_str(w, "label", c->label);
    jsonw_str(w, "id", id);
    jsonw_bool(w, "key_seen", c->key_seen);
    jsonw_close(w, '}');
}

static enum exit_status list_json(const struct options *o, const struct find *f) {
    AUTO(jsonw) w = {0};

    jsonw_array(&w, NULL);
    for (size_t t = 0; t < f->token_count; t++) {
        if (f->tokens[t].twin)
            continue;
        jsonw_object(&w, NULL);
        token_json(&w, &f->tokens[t].token);
        jsonw_array(&w, "certificates");
        for (size_t c = 0; c < f->candidate_count; c++)
            if (f->candidates[c].at == &f->tokens[t])
                cert_json(&w, &f->candidates[c]);
        jsonw_close(&w, ']');
        jsonw_int(&w, "unreadable", f->tokens[t].unreadable);
        jsonw_bool(&w, "answers", f->tokens[t].failed[0] == '\0');
        jsonw_bool(&w, "shut", f->tokens[t].shut);
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    return cmd_print_json(o, &w);
}

static void cert_line(const struct options *o, const struct find_candidate *c) {
    char serial[2 * SERIAL_MAX + 2], end[INSTANT_TEXT], day[DAY_TEXT];
    AUTO(buf) name = {0};

    serial_to_hex(c->cert.facts.serial, c->cert.facts.serial_len, serial);
    instant_format(c->cert.facts.not_after, end);
    cmd_day(o->lang, end, day);
    if (cert_name_format(c->cert.subject, &name) != RC_OK)
        buf_clear(&name);
    const char *key = c->key_seen ? (o->lang == LANG_EN ? "  [key]" : "  [có khóa]") : "";
    say_out(o->lang, SAY_CERT_LINE, serial, day, buf_str(&name), key);
}

static void list_text(const struct options *o, const struct find *f) {
    for (size_t t = 0; t < f->token_count; t++) {
        const struct p11_token *token = &f->tokens[t].token;
        if (f->tokens[t].twin)
            continue;
        say_out(o->lang, SAY_TOKEN_LINE, token->label, token->serial, token->manufacturer, token->model);
        for (size_t c = 0; c < f->candidate_count; c++)
            if (f->candidates[c].at == &f->tokens[t])
                cert_line(o, &f->candidates[c]);
    }
}

enum exit_status cmd_list(const struct options *o, struct http *h) {
    AUTO(survey) s = {0};

    (void)h;
    enum exit_status status = cmd_survey(o, NULL, &s);
    if (status != EXIT_DONE)
        return status;
    if (o->json)
        return list_json(o, &s.find);
    list_text(o, &s.find);
    return EXIT_DONE;
}

/* 0 when something can be done or is done, 11 when it is not open yet or not this way, 10 when nothing is owed. */
static enum exit_status check_status(const struct survey *s) {
    enum exit_status status = survey_is_partial(s) ? EXIT_NO_TOKEN : EXIT_NOT_ELIGIBLE;

    for (size_t k = 0; k < s->count; k++) {
        if (!s->items[k].asked)
            continue;
        if (s->items[k].due == DUE_NOW || s->items[k].due == DUE_DONE || s->items[k].due == DUE_FULL)
            return EXIT_DONE;
        if (s->items[k].due == DUE_LATER || s->items[k].due == DUE_OTHER_WAY)
            status = EXIT_NOT_OPEN;
    }
    return status;
}

enum exit_status cmd_check(const struct options *o, struct http *h) {
    AUTO(survey) s = {0};

    enum exit_status status = cmd_survey(o, h, &s);
    if (status == EXIT_DONE)
        status = cmd_say_items(o, &s);
    if (status == EXIT_DONE && o->serial != NULL && s.count > 0 && !survey_asked(&s))
        say_err(o->lang, SAY_NO_SUCH_SERIAL, o->serial);
    return status == EXIT_DONE ? check_status(&s) : status;
}
