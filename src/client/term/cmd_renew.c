/* capbu renew and resume: chooses the one certificate that is due, asks for consent, and has it renewed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/jsonw.h"
#include "base/secret.h"
#include "client/flow/decimal.h"
#include "client/say.h"
#include "client/term/assent.h"
#include "client/term/cmd.h"
#include "client/term/terminal.h"
#include "client/term/unlock.h"
#include "rules/consent_text.h"

struct choice {
    const struct survey_item *item; /* the one that is due */
    int due, done, later;           /* how many of each */
};

static bool is_due(const struct survey_item *i) {
    return i->asked && i->due == DUE_NOW;
}

static bool is_unfinished(const struct survey_item *i) {
    return is_due(i) && survey_unfinished(i);
}

static struct choice choose(const struct survey *s, bool (*may)(const struct survey_item *i)) {
    struct choice c = {0};

    for (size_t k = 0; k < s->count; k++) {
        const struct survey_item *i = &s->items[k];
        if (!i->asked)
            continue;
        bool due = may(i);
        c.item = due && c.item == NULL ? i : c.item;
        c.due += due;
        c.done += i->due == DUE_DONE || i->due == DUE_FULL;
        c.later += i->due == DUE_LATER || i->due == DUE_OTHER_WAY;
    }
    return c;
}

/* Nothing is due: why, and what that means for the caller. */
static enum exit_status nothing_due(const struct options *o, const struct survey *s, struct choice c) {
    enum exit_status status = cmd_say_items(o, s);

    if (status != EXIT_DONE || c.done > 0)
        return status;
    if (survey_is_partial(s)) /* which one, and why, is said already */
        return EXIT_NO_TOKEN;
    if (c.later > 0)
        return EXIT_NOT_OPEN;
    const struct find_token *bare = survey_bare(s);
    if (bare != NULL)
        say_err(o->lang, SAY_BARE_TOKEN, bare->token.label);
    else if (!survey_asked(s) && o->serial != NULL && s->count > 0)
        say_err(o->lang, SAY_NO_SUCH_SERIAL, o->serial);
    else if (!survey_asked(s))
        say_err(o->lang, SAY_NO_CERTIFICATE, s->find.token_count > 0 ? s->find.tokens[0].token.label : "");
    return EXIT_NOT_ELIGIBLE;
}

/* Shows what will be certified and asks (R5.10), unless --yes said it already. RC_USAGE: nobody is there to answer. */
static enum rc consent(const struct options *o, const struct survey_item *i, bool *given) {
    AUTO(secret) answer = {0}; /* read byte by byte: the PIN may follow on the same input */

    if (!o->json)
        cmd_say_item(o, i);
    for (int k = 0; k < i->check.subject_count && !o->json; k++)
        printf("  %s: %s\n", i->check.subject[k].label, i->check.subject[k].value);
    fflush(stdout); /* what is asked about comes before the question */
    *given = o->yes;
    if (o->yes)
        return RC_OK;
    say_err(o->lang, SAY_CONFIRM_DATA, consent_text(CONSENT_NOW, lang_name(o->lang)));
    enum rc rc = secret_read_line(STDIN_FILENO, &answer);
    if (rc == RC_INPUT || rc == RC_IO)
        FAIL(RC_USAGE, "nobody answered: use --yes to agree without being asked");
    *given = rc == RC_OK && assent_given(answer.text, answer.len);
    return RC_OK;
}

static enum exit_status done_json(const struct options *o, const struct survey_item *i, const struct cert *c,
                                  const char *hex, const char *decimal) {
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    jsonw_str(&w, "result", "done");
    jsonw_str(&w, "old_serial", i->check.serial);
    jsonw_str(&w, "new_serial", hex);
    jsonw_str(&w, "new_serial_decimal", decimal);
    jsonw_instant(&w, "not_after", c->facts.not_after);
    jsonw_b64(&w, "certificate", c->der);
    jsonw_close(&w, '}');
    return cmd_print_json(o, &w);
}

static enum exit_status done_say(const struct options *o, const struct survey_item *i, const struct buf *der) {
    struct cert c;
    char hex[2 * SERIAL_MAX + 2], decimal[SERIAL_DECIMAL], end[INSTANT_TEXT], day[DAY_TEXT];

    enum rc rc = cert_parse(buf_span(der), &c);
    if (rc != RC_OK)
        return cmd_fail(o, rc);
    serial_to_hex(c.facts.serial, c.facts.serial_len, hex);
    serial_to_decimal(c.facts.serial, c.facts.serial_len, decimal);
    if (o->json)
        return done_json(o, i, &c, hex, decimal);
    instant_format(c.facts.not_after, end);
    cmd_day(o->lang, end, day);
    say_out(o->lang, SAY_DONE, hex, decimal, day);
    say_out(o->lang, SAY_CHECKLIST);
    return EXIT_DONE;
}

static enum exit_status renew(const struct options *o, struct http *h, const struct survey_item *i,
                              const struct secret *pin) {
    const struct enrol_hooks hooks = terminal_hooks(o);
    AUTO(enrol)
    e = {.item = i, .http = h, .assist = o->assist, .last_try = o->last_try, .hooks = &hooks, .lang = o->lang};

    if (pin->len > 0)
        e.known_pin = span_of(pin->text, pin->len);
    if (survey_too_old(&i->check.client))
        return terminal_too_old(o, &i->check.client);
    bool agreed = false;
    enum rc rc = consent(o, i, &agreed);
    if (rc != RC_OK)
        return cmd_fail(o, rc);
    if (!agreed) {
        say_err(o->lang, SAY_CANCELLED);
        return EXIT_USAGE;
    }
    rc = enrol_run(&e);
    if (rc != RC_OK) {
        terminal_note(&e, "renew");
        return terminal_outcome(o, &e, rc);
    }
    if (e.pin_factory)
        say_err(o->lang, SAY_PIN_FACTORY);
    return done_say(o, i, &e.new_cert);
}

/* Looks; a token that shows nothing before its PIN is opened first, and the PIN kept in `pin`. */
static enum exit_status look(const struct options *o, struct http *h, bool (*wanted)(const struct survey_item *i),
                             struct survey *s, struct secret *pin, struct choice *out) {
    enum exit_status status = cmd_survey(o, h, s);
    if (status != EXIT_DONE)
        return status;
    *out = choose(s, wanted);
    if (out->due > 0 || out->done > 0)
        return EXIT_DONE;
    status = unlock(o, h, s, pin);
    if (status == EXIT_DONE)
        *out = choose(s, wanted);
    return status;
}

enum exit_status cmd_renew(const struct options *o, struct http *h) {
    AUTO(survey) s = {0};
    AUTO(secret) pin = {0};
    struct choice c;

    enum exit_status status = look(o, h, is_due, &s, &pin, &c);
    if (status != EXIT_DONE)
        return status;
    if (c.due == 0)
        return nothing_due(o, &s, c);
    if (c.due == 1)
        return renew(o, h, c.item, &pin);
    return cmd_choose(o, &s, SAY_SEVERAL, is_due);
}

enum exit_status cmd_resume(const struct options *o, struct http *h) {
    AUTO(survey) s = {0};
    AUTO(secret) pin = {0};
    struct choice c;

    enum exit_status status = look(o, h, is_unfinished, &s, &pin, &c);
    if (status != EXIT_DONE)
        return status;
    if (c.due == 1)
        return renew(o, h, c.item, &pin);
    if (c.due == 0) {
        if (!survey_is_partial(&s))
            say_err(o->lang, SAY_NOTHING_TO_RESUME);
        status = o->json ? cmd_say_items(o, &s) : EXIT_DONE;
        return status == EXIT_DONE && survey_is_partial(&s) ? EXIT_NO_TOKEN : status;
    }
    return cmd_choose(o, &s, SAY_SEVERAL, is_unfinished);
}
