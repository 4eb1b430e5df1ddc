/* capbuctl assist new: a code that an account manager gives, so that the help is credited (R4.1). */
#include <stdio.h>
#include <string.h>

#include "base/support_code.h"
#include "cli/command.h"
#include "cli/tell.h"
#include "store/control.h"

#define DAY ((int64_t)DAY_SECONDS)

static enum rc assist_write(struct tx *tx, void *arg) {
    return assist_put(tx, arg, cmd_actor());
}

static enum rc row_print(const struct assist_row *row, bool json) {
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
    if (row->uses == 0)
        jsonw_null(&w, "uses");
    else
        jsonw_int(&w, "uses", row->uses);
    jsonw_close(&w, '}');
    return out_json(&w);
}

enum rc cmd_assist(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    struct assist_row row = {.channel = CHANNEL_AM};
    int64_t days = 0;
    char code[SUPPORT_CODE_TEXT];

    (void)exit_code;
    if (strcmp(a->words[1], "new") != 0)
        return tell_fail(RC_USAGE, TELL_TAKES, "assist", "new", a->words[1]);
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
    return row_print(&row, args_on(a, ARG_JSON));
}
