/* The state of a run as the page gets it: one JSON object, days and times as people read them, no PIN. */
#include "client/ui/ui_view.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/jsonw.h"
#include "client/flow/decimal.h"
#include "client/flow/flow_fill.h"
#include "client/flow/marks.h"
#include "client/net/proxy.h"
#include "client/term/cmd.h"
#include "client/token/holder.h"
#include "client/ui/ui_advice.h"
#include "client/ui/ui_done.h"
#include "rules/consent_text.h"

/* The screen's words, their gaps filled. */
static void put_words(struct jsonw *w, const struct flow_fill *f, const char *key, const char *text) {
    AUTO(buf) whole = {0};

    jsonw_str(w, key, flow_fill(f, text, &whole) == RC_OK ? buf_str(&whole) : text);
}

static void put_screen_words(struct jsonw *w, const struct ui_run *r, const struct flow_view *v) {
    char opens_on[DAY_TEXT] = "";
    const struct p11_token *t = &r->facts.token;

    for (size_t k = 0; k < r->survey.count && opens_on[0] == '\0'; k++)
        if (r->survey.items[k].due == DUE_LATER && !r->survey.items[k].check.halted)
            cmd_date(r->lang, r->survey.items[k].check.opens_on, opens_on);
    const struct flow_fill f = {r->lang, &r->programme, opens_on, (unsigned)t->min_pin, (unsigned)t->max_pin};
    put_words(w, &f, "title", v->title);
    put_words(w, &f, "text", v->text);
    put_words(w, &f, "next", v->next);
}

static void put_screen(struct jsonw *w, const struct ui_run *r, const struct flow_view *v) {
    static const char *const names[] = {"retry",  "choose",  "agree",  "pin",   "last",
                                        "cancel", "restart", "assist", "clean", "proxy"};

    jsonw_str(w, "lang", lang_name(r->lang));
    jsonw_str(w, "support", r->support);
    jsonw_str(w, "screen", v->code);
    jsonw_str(w, "mood", flow_mood_name(v->mood));
    jsonw_int(w, "stage", v->stage);
    jsonw_bool(w, "keep", v->keep);
    put_screen_words(w, r, v);
    jsonw_array(w, "actions");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((v->actions >> i & 1) != 0)
            jsonw_str(w, NULL, names[i]);
    jsonw_close(w, ']');
}

static void put_day(struct jsonw *w, const struct ui_run *r, const char *key, const char *instant) {
    char day[DAY_TEXT];

    cmd_day(r->lang, instant, day);
    jsonw_text(w, key, day);
}

/* A day as YYYY-MM-DD in the form people read. */
static void put_date(struct jsonw *w, const struct ui_run *r, const char *key, const char *iso) {
    char day[DAY_TEXT];

    cmd_date(r->lang, iso, day);
    jsonw_text(w, key, day);
}

static void put_holder(struct jsonw *w, const struct cert *c) {
    struct holder h;

    holder_of(c, &h);
    jsonw_str(w, "company", h.name);
    jsonw_str(w, "tax_code", h.tax_code);
}

static void put_item(struct jsonw *w, const struct ui_run *r, const char *key, const struct survey_item *i) {
    const struct api_check *c = &i->check;
    const struct p11_token *t = &i->candidate->at->token;
    char serial[2 * SERIAL_MAX + 2];

    survey_serial(i, serial);
    jsonw_object(w, key);
    jsonw_str(w, "serial", serial);
    put_holder(w, &i->candidate->cert);
    jsonw_str(w, "token", t->label);
    jsonw_str(w, "token_serial", t->serial);
    put_day(w, r, "old_end", c->old_not_after);
    put_day(w, r, "new_end", c->new_not_after);
    jsonw_int(w, "days", c->owed_days);
    put_date(w, r, "opens_on", i->due == DUE_LATER && !c->halted ? c->opens_on : "");
    jsonw_str(w, "reasons", c->reasons);
    jsonw_str(w, "message", c->message);
    jsonw_array(w, "subject");
    for (int k = 0; k < c->subject_count; k++) {
        jsonw_object(w, NULL);
        jsonw_str(w, "label", c->subject[k].label);
        jsonw_str(w, "value", c->subject[k].value);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
    jsonw_close(w, '}');
}

/* Those to choose from; or, when nothing is due, those that explain why. */
static void put_items(struct jsonw *w, const struct ui_run *r) {
    jsonw_array(w, "items");
    for (size_t k = 0; k < r->survey.count; k++) {
        const struct survey_item *i = &r->survey.items[k];
        if (i->asked && (r->facts.due == 0 || i->due == DUE_NOW))
            put_item(w, r, NULL, i);
    }
    jsonw_close(w, ']');
}

static void put_pin(struct jsonw *w, const struct p11_token *t) {
    jsonw_object(w, "pin");
    jsonw_str(w, "token", t->label);
    jsonw_int(w, "min", t->min_pin);
    jsonw_int(w, "max", t->max_pin);
    jsonw_bool(w, "low", t->pin_count_low);
    jsonw_bool(w, "final", t->pin_final_try);
    jsonw_bool(w, "pad", t->protected_path);
    jsonw_close(w, '}');
}

static void put_marks(struct jsonw *w, const char *serial) {
    struct marks marks = marks_get(serial);

    jsonw_array(w, "marks");
    for (int i = 0; i < MARK_COUNT; i++) {
        jsonw_object(w, NULL);
        jsonw_str(w, "item", mark_name(i));
        jsonw_bool(w, "done", (marks.bits >> i & 1) != 0);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void put_time(struct jsonw *w, const struct ui_run *r, const char *key, const char *instant) {
    char time[INSTANT_READ];

    cmd_time(r->lang, instant, time);
    jsonw_text(w, key, time);
}

/* What the receipt says, once it is there. */
static void put_receipt(struct jsonw *w, const struct ui_run *r, const char *serial) {
    const struct receipt *e = &r->receipt;

    if (e->document.len == 0 || strcmp(e->new_serial, serial) != 0)
        return;
    jsonw_object(w, "receipt");
    jsonw_str(w, "old_serial", e->old_serial);
    jsonw_str(w, "tax_code", e->tax_code);
    put_date(w, r, "contract_end", e->contract_end);
    jsonw_text(w, "consent_text", e->consent_text);
    put_time(w, r, "consent_at", e->consent_at);
    put_time(w, r, "confirmed_at", e->confirmed_at);
    jsonw_b64(w, "document", buf_span(&e->document));
    jsonw_close(w, '}');
}

static void put_cert(struct jsonw *w, const struct ui_run *r, const struct cert *c, const struct api_check *check) {
    char hex[2 * SERIAL_MAX + 2], decimal[SERIAL_DECIMAL], end[INSTANT_TEXT];

    serial_to_hex(c->facts.serial, c->facts.serial_len, hex);
    serial_to_decimal(c->facts.serial, c->facts.serial_len, decimal);
    instant_format(c->facts.not_after, end);
    jsonw_object(w, "done");
    put_holder(w, c);
    jsonw_str(w, "hex", hex);
    jsonw_str(w, "decimal", decimal);
    put_day(w, r, "end", end);
    put_day(w, r, "old_end", check == NULL || check->new_serial[0] == '\0' ? "" : check->old_not_after);
    jsonw_b64(w, "certificate", c->der);
    jsonw_bool(w, "factory_pin", r->pin_factory);
    put_marks(w, hex);
    put_receipt(w, r, hex);
    jsonw_close(w, '}');
}

static void put_done(struct jsonw *w, const struct ui_run *r) {
    const struct api_check *check;
    struct span der;
    struct cert c;

    if (ui_done_subject(r, &der, &check) && cert_parse(der, &c) == RC_OK)
        put_cert(w, r, &c, check);
}

/* Who is asked to trust this page may see whose it is. */
static void put_programme(struct jsonw *w, const struct programme *p) {
    jsonw_object(w, "programme");
    jsonw_str(w, "title", p->title);
    jsonw_str(w, "issuer", p->issuer);
    jsonw_str(w, "letter", p->letter);
    jsonw_close(w, '}');
}

/* Which systems know the new certificate, before the old one goes. */
static void put_known(struct jsonw *w, const struct survey_item *i) {
    char hex[2 * SERIAL_MAX + 2];

    if (i->successor == NULL)
        return;
    serial_to_hex(i->successor->cert.facts.serial, i->successor->cert.facts.serial_len, hex);
    put_marks(w, hex);
}

/* Where a newer program is, and the proxy as far as it may be shown. */
static void put_program(struct jsonw *w, const struct ui_run *r, enum screen s) {
    const struct api_client *told = r->survey.told;

    if (told != NULL && (survey_newer(told) || survey_too_old(told))) {
        jsonw_object(w, "update");
        jsonw_str(w, "version", told->latest[0] != '\0' ? told->latest : told->minimum);
        jsonw_str(w, "download", told->download);
        jsonw_close(w, '}');
    }
    if (s != SCREEN_PROXY)
        return;
    jsonw_object(w, "proxy");
    jsonw_str(w, "url", r->options->proxy_now->url);
    jsonw_str(w, "user", r->options->proxy_now->user);
    jsonw_close(w, '}');
}

static void put_case(struct jsonw *w, const struct ui_run *r, enum screen s, const struct flow_view *v) {
    char detail[CAUSE_TEXT];
    bool failed = r->facts.outcome < OUTCOME_COUNT && r->facts.outcome != OUTCOME_DONE;

    ui_advice_put(w, r, s);
    jsonw_str(w, "assist", r->assist);
    jsonw_bool(w, "alone", r->facts.alone);
    if ((v->actions & ACTION_AGREE) != 0)
        jsonw_str(w, "consent", consent_text(CONSENT_NOW, lang_name(r->lang)));
    if (failed && r->facts.outcome != OUTCOME_CANCELLED) {
        cause_say(r->lang, r->why, detail);
        jsonw_str(w, "detail", detail);
        jsonw_str(w, "reason", r->code);
    }
    put_program(w, r, s);
    jsonw_str(w, "server", r->options->server == NULL ? "" : r->options->server);
    jsonw_str(w, "hotline", r->programme.hotline);
    put_programme(w, &r->programme);
    jsonw_bool(w, "cleaning", r->facts.cleaning);
    if (r->item != NULL && ((v->stage >= 2 && v->stage <= 4) || s == SCREEN_CLEAN_ASK))
        put_item(w, r, "item", r->item);
    if (s == SCREEN_CLEAN_ASK && r->item != NULL)
        put_known(w, r->item);
    if (v->stage == 2)
        put_items(w, r);
    if (v->stage == 3)
        put_pin(w, &r->facts.token);
    if (s == SCREEN_WAITING) {
        jsonw_int(w, "position", r->position);
        jsonw_int(w, "seconds", r->seconds);
    }
    if (v->mood == MOOD_DONE)
        put_done(w, r);
}

static enum rc publish(struct ui_run *r) {
    enum screen s = ui_run_screen(r);
    struct flow_view v = flow_view(s, r->lang);
    v.actions = ui_actions(r);
    ui_advice_view(r, s, &v);
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    put_screen(&w, r, &v);
    put_case(&w, r, s, &v);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    w.out.data[w.out.len - 1] = '\0'; /* members without braces: the number comes in front */
    return ui_state_publish(r->state, buf_str(&w.out) + 1);
}

void ui_publish(struct ui_run *r) {
    enum rc rc = publish(r);
    (void)rc;
}
