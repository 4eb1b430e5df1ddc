/* capbuctl assist new | list | revoke: codes that account managers give, so that the help is credited (R4.1). */
#include <stdio.h>
#include <string.h>

#include "base/support_code.h"
#include "cli/command.h"
#include "cli/table.h"
#include "cli/tell.h"
#include "store/control.h"

#define DAY ((int64_t)DAY_SECONDS)

static enum rc assist_write(struct tx *tx, void *arg) {
    return assist_put(tx, arg, cmd_actor());
}

static void uses_put(struct jsonw *w, int64_t uses) {
    if (uses == 0)
        jsonw_null(w, "uses");
    else
        jsonw_int(w, "uses", uses);
}

static enum rc made_print(const struct assist_row *row, bool json) {
    AUTO(jsonw) w = {0};

    if (!json) {
        printf("%s\n", row->code);
        return RC_OK;
    }
    jsonw_object(&w, NULL);
    jsonw_str(&w, "code", row->code);
    jsonw_str(&w, "channel", channel_name(row->channel));
    jsonw_str(&w, "holder", row->holder);
    jsonw_instant(&w, "expires_at", row->expires_at);
    uses_put(&w, row->uses);
    jsonw_close(&w, '}');
    return out_json(&w);
}

static enum rc new_code(const struct args *a) {
    AUTO(site) s = {0};
    struct assist_row row = {.channel = CHANNEL_AM};
    int64_t days = 0;
    char code[SUPPORT_CODE_TEXT];

    if (!args_on(a, ARG_HOLDER))
        return tell_fail(RC_USAGE, TELL_HOLDER_MISSING);
    if (args_on(a, ARG_CHANNEL) && (!channel_from(a->value[ARG_CHANNEL], &row.channel) || row.channel == CHANNEL_SELF))
        return tell_fail(RC_USAGE, TELL_TAKES, "--channel", "am | agent | hotline", a->value[ARG_CHANNEL]);
    TRY(args_text(a, ARG_HOLDER, sizeof row.holder - 1));
    TRY(args_int(a, ARG_DAYS, 1, 366, 30, &days));
    TRY(args_int(a, ARG_USES, 1, 100000, 0, &row.uses));
    TRY(text_set(row.holder, sizeof row.holder, a->value[ARG_HOLDER]));
    support_code_make(code);
    TRY(text_set(row.code, sizeof row.code, code));
    TRY(cmd_site(a, &s));
    row.expires_at = conf_now(&s.conf) + days * DAY;
    TRY(store_write(s.store, conf_now(&s.conf), assist_write, &row));
    return made_print(&row, args_on(a, ARG_JSON));
}

struct listing {
    const struct site *site;
    bool json;
    struct jsonw w;
};

static void listing_free(struct listing *l) {
    jsonw_free(&l->w);
}

static void row_text(const char *mark, const char *channel, const char *used, const char *until, const char *state,
                     const char *holder) {
    table_left(mark, 10);
    table_left(channel, 9);
    table_right(used, 9);
    printf("  ");
    table_left(until, 12);
    table_left(state, 15);
    puts(holder);
}

static void put_json(struct jsonw *w, const struct assist_row *r, enum tell state) {
    jsonw_object(w, NULL);
    jsonw_str(w, "mark", r->mark);
    jsonw_str(w, "channel", channel_name(r->channel));
    jsonw_str(w, "holder", r->holder);
    jsonw_instant(w, "expires_at", r->expires_at);
    uses_put(w, r->uses);
    jsonw_int(w, "used", r->used);
    jsonw_str(w, "state", tell_text(LANG_EN, state));
    jsonw_close(w, '}');
}

static void put_text(const struct listing *l, const struct assist_row *r, enum tell state) {
    char until[DAY_TEXT], used[48];

    day_read(day_of(r->expires_at, l->site->campaign.utc_offset), tell_lang(), until);
    if (r->uses == 0)
        (void)snprintf(used, sizeof used, "%lld", (long long)r->used);
    else
        (void)snprintf(used, sizeof used, "%lld/%lld", (long long)r->used, (long long)r->uses);
    row_text(r->mark, channel_name(r->channel), used, until, tell_word(state), r->holder);
}

static enum rc row_put(void *arg, const struct assist_row *r) {
    struct listing *l = arg;
    const enum tell state = (enum tell)(TELL_ASSIST_GOOD + (int)assist_state(r, conf_now(&l->site->conf)));

    if (l->json)
        put_json(&l->w, r, state);
    else
        put_text(l, r, state);
    return RC_OK;
}

static enum rc rows_read(struct db *db, void *arg) {
    return assist_each(db, row_put, arg);
}

static enum rc list(const struct args *a) {
    AUTO(site) s = {0};
    AUTO(listing) l = {.site = &s, .json = args_on(a, ARG_JSON)};

    TRY(cmd_site(a, &s));
    if (l.json)
        jsonw_array(&l.w, NULL);
    else
        row_text(tell_word(TELL_ASSIST_MARK), tell_word(TELL_ASSIST_CHANNEL), tell_word(TELL_ASSIST_USED),
                 tell_word(TELL_ASSIST_UNTIL), tell_word(TELL_ASSIST_STATE), tell_word(TELL_ASSIST_HOLDER));
    TRY(store_read(s.store, rows_read, &l));
    if (!l.json)
        return RC_OK;
    jsonw_close(&l.w, ']');
    return out_json(&l.w);
}

static enum rc end_write(struct tx *tx, void *arg) {
    return assist_end(tx, arg, cmd_actor());
}

static enum rc revoke(const struct args *a) {
    AUTO(site) s = {0};
    AUTO(jsonw) w = {0};
    char which[33];

    if (support_code_parse(a->words[2], which) != RC_OK && text_set(which, sizeof which, a->words[2]) != RC_OK)
        return tell_fail(RC_NOT_FOUND, TELL_NO_ASSIST, a->words[2]);
    TRY(cmd_site(a, &s));
    enum rc rc = store_write(s.store, conf_now(&s.conf), end_write, which);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? tell_fail(rc, TELL_NO_ASSIST, a->words[2]) : rc;
    if (!args_on(a, ARG_JSON)) {
        tell(TELL_ASSIST_REVOKED, a->words[2]);
        return RC_OK;
    }
    jsonw_object(&w, NULL);
    jsonw_str(&w, "revoked", a->words[2]);
    jsonw_close(&w, '}');
    return out_json(&w);
}

enum rc cmd_assist(const struct args *a, int *exit_code) {
    const char *verb = a->words[1];
    bool ends = strcmp(verb, "revoke") == 0;

    (void)exit_code;
    if (ends != (a->count == 3))
        return tell_fail(RC_USAGE, TELL_OTHER_WORDS, "assist", "assist new; assist list; assist revoke CODE|MARK");
    if (ends)
        return revoke(a);
    if (strcmp(verb, "list") == 0)
        return list(a);
    return strcmp(verb, "new") == 0 ? new_code(a)
                                    : tell_fail(RC_USAGE, TELL_TAKES, "assist", "new | list | revoke", verb);
}
