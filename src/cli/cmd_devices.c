/* capbuctl devices publish: signs devices.conf; capbud gives it out within a second, and every capbu takes it over. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/tell.h"
#include "service/site/publish.h"

static enum rc row_print(const struct publication_row *r, bool json) {
    AUTO(jsonw) w = {0};
    char end[INSTANT_TEXT];

    instant_format(r->expires_at, end);
    if (!json) {
        tell(TELL_PUBLISHED, (long long)r->version, end);
        return RC_OK;
    }
    jsonw_object(&w, NULL);
    jsonw_int(&w, "version", r->version);
    jsonw_instant(&w, "issued", r->issued_at);
    jsonw_instant(&w, "expires", r->expires_at);
    jsonw_close(&w, '}');
    return out_json(&w);
}

enum rc cmd_devices(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    AUTO(publication_row) r = {0};
    int64_t days = 0;

    (void)exit_code;
    if (strcmp(a->words[1], "publish") != 0)
        return tell_fail(RC_USAGE, TELL_TAKES, "devices", "publish", a->words[1]);
    TRY(args_int(a, ARG_DAYS, 1, 3660, PUBLISH_DAYS, &days));
    TRY(cmd_site(a, &s));
    TRY(publish_run(&s, conf_now(&s.conf), days, cmd_actor(), &r));
    return row_print(&r, args_on(a, ARG_JSON));
}
