/* The configuration file of capbu: what a company sets once for its accountants. The command line and the environment
   come first. */
#pragma once

#include "base/fs.h"

struct settings { /* "" not set */
    char server[PATH_CAP], server_ca[PATH_CAP], ca[PATH_CAP];
    char proxy[256], proxy_user[128], proxy_password_file[PATH_CAP];
    char lang[8];
};

/* $XDG_CONFIG_HOME/capbu/capbu.conf (~/.config; on Windows %APPDATA%): lines `key = value`, # begins a comment. No file
   is fine. RC_INPUT with file and line. */
MUST enum rc settings_read(struct settings *out);
MUST enum rc settings_path(char out[PATH_CAP]); /* where that file is, or would be. RC_NOT_FOUND, RC_LIMIT */
