/* capbuctl phase list | open | halt | resume: what is open today, and what people decided over the plan (R3, R5.5). */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/table.h"
#include "cli/tell.h"
#include "store/control.h"

#define ID_WIDTH   13
#define DAY_WIDTH  12
#define WORD_WIDTH 14

struct look {
    const struct campaign *campaign;
    struct phase_switches switches;
    phase_why why[CAMPAIGN_PHASES];
};

static enum rc switches_read(struct db *db, void *arg) {
    struct look *l = arg;

    TRY(phase_switches_get(db, l->campaign, &l->switches));
    return phase_whys_get(db, l->campaign, l->why);
}

static enum tell now_of(const struct campaign *c, const struct look *l, int i, int32_t today) {
    if (l->switches.of[i] == PHASE_HALTED)
        return TELL_HALTED;
    if (today > c->expiry_day)
        return TELL_NOW_OVER;
    return l->switches.of[i] == PHASE_OPENED || today >= c->phases[i].from ? TELL_NOW_OPEN : TELL_NOW_NOT_YET;
}

static const char *switch_word(enum phase_switch s) {
    return tell_word((enum tell)(TELL_PLANNED + (int)s));
}

static const char *device_of(int i) {
    return device_name((enum device)i);
}
static const char *channel_of(int i) {
    return channel_name((enum channel)i);
}

static void phase_json(struct jsonw *w, const struct campaign *c, const struct look *l, int i, int32_t today) {
    const struct phase *p = &c->phases[i];
    char from[DAY_TEXT], to[DAY_TEXT];

    day_format(p->from, from);
    day_format(p->to, to);
    jsonw_object(w, NULL);
    jsonw_str(w, "id", p->id);
    jsonw_str(w, "title", p->title);
    jsonw_str(w, "clause", p->clause);
    jsonw_str(w, "from", from);
    jsonw_str(w, "to", to);
    jsonw_names(w, "devices", p->devices, DEVICE_COUNT, device_of);
    jsonw_names(w, "channels", p->channels, CHANNEL_COUNT, channel_of);
    jsonw_str(w, "switch", phase_switch_name(l->switches.of[i]));
    jsonw_str(w, "why", l->why[i]);
    jsonw_str(w, "now", tell_text(LANG_EN, now_of(c, l, i, today)));
    jsonw_close(w, '}');
}

static enum rc list_json(const struct campaign *c, const struct look *l, int32_t today) {
    AUTO(jsonw) w = {0};

    jsonw_array(&w, NULL);
    for (int i = 0; i < c->phase_count; i++)
        phase_json(&w, c, l, i, today);
    jsonw_close(&w, ']');
    return out_json(&w);
}

static void row_text(const char *id, const char *from, const char *to, const char *now, const char *decision,
                     const char *title) {
    table_left(id, ID_WIDTH);
    table_left(from, DAY_WIDTH);
    table_left(to, DAY_WIDTH);
    table_left(now, WORD_WIDTH);
    table_left(decision, WORD_WIDTH);
    puts(title);
}

static void list_text(const struct campaign *c, const struct look *l, int32_t today) {
    char from[DAY_TEXT], to[DAY_TEXT];

    row_text(tell_word(TELL_PHASE), tell_word(TELL_PHASE_FROM), tell_word(TELL_PHASE_TO), tell_word(TELL_PHASE_NOW),
             tell_word(TELL_PHASE_SWITCH), tell_word(TELL_PHASE_TITLE));
    for (int i = 0; i < c->phase_count; i++) {
        const struct phase *p = &c->phases[i];
        day_read(p->from, tell_lang(), from);
        day_read(p->to, tell_lang(), to);
        row_text(p->id, from, to, tell_word(now_of(c, l, i, today)), switch_word(l->switches.of[i]), p->title);
        if (l->why[i][0] != '\0')
            printf("%*s%s\n", ID_WIDTH, "", l->why[i]);
    }
}

static enum rc list(struct site *s, bool json) {
    struct look l = {.campaign = &s->campaign};
    int32_t today = day_of(conf_now(&s->conf), s->campaign.utc_offset);

    TRY(store_read(s->store, switches_read, &l));
    if (json)
        return list_json(&s->campaign, &l, today);
    list_text(&s->campaign, &l, today);
    return RC_OK;
}

struct change {
    const char *phase;
    enum phase_switch value;
    const char *why;
};

static enum rc change_write(struct tx *tx, void *arg) {
    const struct change *c = arg;

    return phase_switch_put(tx, c->phase, c->value, cmd_actor(), c->why);
}

static enum rc change_print(const struct change *c, bool json) {
    AUTO(jsonw) w = {0};

    if (!json) {
        printf("%s: %s\n", c->phase, switch_word(c->value));
        return RC_OK;
    }
    jsonw_object(&w, NULL);
    jsonw_str(&w, "id", c->phase);
    jsonw_str(&w, "switch", phase_switch_name(c->value));
    jsonw_close(&w, '}');
    return out_json(&w);
}

/* resume takes a halt back: the plan then counts again. */
static enum rc change_read(const char *word, enum phase_switch *value) {
    if (strcmp(word, "open") == 0)
        *value = PHASE_OPENED;
    else if (strcmp(word, "halt") == 0)
        *value = PHASE_HALTED;
    else if (strcmp(word, "resume") == 0)
        *value = PHASE_PLANNED;
    else
        return tell_fail(RC_USAGE, TELL_TAKES, "phase", "list | open | halt | resume", word);
    return RC_OK;
}

static enum rc phase_known(const struct campaign *c, const char *id) {
    for (int i = 0; i < c->phase_count; i++)
        if (strcmp(c->phases[i].id, id) == 0)
            return RC_OK;
    return tell_fail(RC_NOT_FOUND, TELL_NO_PHASE, id);
}

enum rc cmd_phase(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    struct change c = {.phase = a->words[2], .why = args_on(a, ARG_WHY) ? a->value[ARG_WHY] : ""};

    (void)exit_code;
    bool listing = strcmp(a->words[1], "list") == 0;
    if (listing != (a->count == 2))
        return tell_fail(RC_USAGE, TELL_OTHER_WORDS, "phase", "phase list; phase open|halt|resume ID");
    TRY(args_text(a, ARG_WHY, PHASE_WHY - 1));
    if (!listing)
        TRY(change_read(a->words[1], &c.value));
    TRY(cmd_site(a, &s));
    if (listing)
        return list(&s, args_on(a, ARG_JSON));
    TRY(phase_known(&s.campaign, c.phase));
    TRY(store_write(s.store, conf_now(&s.conf), change_write, &c));
    return change_print(&c, args_on(a, ARG_JSON));
}
