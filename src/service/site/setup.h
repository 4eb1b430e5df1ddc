/* Makes an installation: folder, configuration, campaign, keys, database; for a drill also two CAs and a clock. */
#pragma once

#include "service/site/conf.h"

struct setup {
    const char *dir;
    bool drill;
    int64_t clock; /* INSTANT_NONE: the machine's; in a drill 09:00 of the campaign's first day */
    const char *old_ca, *ca_cert, *ca_key, *ca_pin_file, *campaign, *listen, *database; /* NULL: default */
};
/* RC_EXISTS: the folder is in use. RC_USAGE: something must be given. Leaves nothing behind when it fails. */
MUST enum rc setup_run(const struct setup *o);

/* Reads every file of an installation; `say` gets a line for each fault (fatal) or warning. RC_INPUT when a fault was
 * found. */
MUST enum rc setup_check(const char *dir, void (*say)(void *arg, bool fatal, const char *text), void *arg);
