/* What was begun on this machine and is not finished: hints for `resume`, ids only. The token is the truth. Text lines
   key=value, so that a person can read them and no parser is needed. */
#pragma once

#include "base/fs.h"

#define JOURNAL_MAX 64 /* unfinished renewals looked at */

enum journal_step { JOURNAL_BEGUN, JOURNAL_ISSUED, JOURNAL_WRITTEN };

struct journal {
    char old_serial[48];   /* upper-case hex; names the file */
    char new_serial[48];   /* "" before JOURNAL_ISSUED */
    char token_serial[33]; /* of the token, as printed on it */
    enum journal_step step;
    int64_t time;
};

struct journals {
    struct journal at[JOURNAL_MAX];
    size_t count;
    size_t ignored; /* unreadable ones; err_text of the last in `note` */
    char note[256];
};

/* Each is a convenience: false means that err_text says why, the caller notes it and goes on (a read-only home must not
   stop a renewal). Files are 0600 in $XDG_STATE_HOME/capbu (~/.local/state/capbu). */
bool journal_put(const struct journal *j);
bool journal_remove(const char *old_serial); /* true when there was none */
bool journal_list(struct journals *out);     /* oldest first */

/* The folder itself, which need not exist yet. RC_NOT_FOUND: no home. */
MUST enum rc journal_folder(char out[PATH_CAP]);

/* A file in it about one token. Named by a digest: what a token calls itself is no file name. */
MUST enum rc journal_token_file(char out[PATH_CAP], const char *prefix, const char *serial, const char *model);

/* The same about one key, by its public half: RSA's modulus, else empty, and EC's point. */
MUST enum rc journal_key_file(char out[PATH_CAP], const char *prefix, struct span modulus, struct span point);

const char *journal_step_name(enum journal_step step); /* "begun" "issued" "written" */
