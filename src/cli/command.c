/* What all commands of capbuctl share. */
#include "cli/command.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *cmd_dir(const struct args *a) {
    const char *dir = a->value[ARG_DIR] != NULL ? a->value[ARG_DIR] : getenv("CAPBU_DIR");

    return dir != NULL ? dir : "/var/lib/capbu";
}

enum rc cmd_site(const struct args *a, struct site *out) {
    AUTO(site) s = {0};

    TRY(site_open(cmd_dir(a), &s));
    TRY(site_open_store(&s, 2));
    *out = s;
    s = (struct site){0};
    return RC_OK;
}

const char *cmd_actor(void) {
    static char actor[64];
    const struct passwd *user = getpwuid(getuid());

    if (snprintf(actor, sizeof actor, "capbuctl:%.40s", user != NULL ? user->pw_name : "?") < 0)
        return "capbuctl";
    return actor;
}
