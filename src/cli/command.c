/* What all commands of capbuctl share. */
#include "cli/command.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/tell.h"
#include "service/site/sealer.h"

const char *cmd_dir(const struct args *a) {
    const char *dir = a->value[ARG_DIR] != NULL ? a->value[ARG_DIR] : getenv("CAPBU_DIR");

    return dir != NULL ? dir : "/var/lib/capbu";
}

enum rc cmd_site(const struct args *a, struct site *out) {
    AUTO(site) s = {0};

    TRY(site_open(cmd_dir(a), &s));
    TRY(site_open_store(&s, 2));
    store_link(s.store, sealer_linker(s.sealer, SEALER_GOES_ON), NULL);
    *out = s;
    s = (struct site){0};
    return RC_OK;
}

enum rc cmd_rules(const struct args *a, const struct site *s, const char *input, struct out_rules *out) {
    return site_rules(s, input, args_on(a, ARG_FORCE), out);
}

const char *cmd_actor(void) {
    static char actor[64];
    const struct passwd *user = getpwuid(getuid());

    if (snprintf(actor, sizeof actor, "capbuctl:%.40s", user != NULL ? user->pw_name : "?") < 0)
        return "capbuctl";
    return actor;
}

static int takers(const struct args *a) {
    static const enum arg files[] = {ARG_CSV, ARG_XLSX, ARG_OUT, ARG_REFUSED};
    int n = 0;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        n += args_on(a, files[i]) && fs_is_stdout(a->value[files[i]]);
    return n;
}

bool cmd_stdout_taken(const struct args *a) {
    return takers(a) > 0;
}

enum rc cmd_stdout_check(const struct args *a) {
    if (takers(a) + args_on(a, ARG_JSON) > 1)
        return tell_fail(RC_USAGE, TELL_STDOUT_TWICE);
    return RC_OK;
}
