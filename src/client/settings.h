/* The configuration files of capbu: what its provider or a company sets once for all who start it. The command line and
   the environment come first, what was built in comes last. */
#pragma once

#include "base/fs.h"

#define SETTINGS_FILES    3
#define SETTINGS_BUILT_CA "(built in)" /* in the place of a file's name: server_ca_built */

extern const unsigned char server_ca_built[]; /* PEM, by tools/embed.c */
extern const size_t server_ca_built_len;

struct settings { /* "" not set */
    char server[PATH_CAP], server_ca[PATH_CAP], ca[PATH_CAP];
    char hotline[64], issuer[64];
    char proxy[256], proxy_user[128], proxy_password_file[PATH_CAP];
    char lang[8];
};

/* Of each key the first that is set: in capbu.conf beside the program, then in the person's own folder
   ($XDG_CONFIG_HOME/capbu, ~/.config/capbu, on Windows %APPDATA%), then in the computer's (/etc/capbu, %ProgramData%),
   then as built in. Lines `key = value`, # begins a comment; a relative path begins where the file lies. No file is
   fine. RC_INPUT with file and line. */
MUST enum rc settings_read(struct settings *out);
/* What pins the server that was built in: SETTINGS_BUILT_CA; NULL for any other, or when nothing was. */
const char *settings_built_ca(const char *server);
int settings_paths(char out[SETTINGS_FILES][PATH_CAP]); /* where those files are, or would be; their number */
