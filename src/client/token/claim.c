/* A locked file for each key, in the folder of our own state. */
#include "client/token/claim.h"

#include "client/token/journal.h"

static enum rc path_of(const struct cert *c, char out[PATH_CAP]) {
    char dir[PATH_CAP];

    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    return journal_key_file(out, "lock", c->modulus, c->point);
}

enum rc claim_take(const struct p11_token *t, const struct cert *c, int *fd) {
    char path[PATH_CAP];

    *fd = -1;
    if (path_of(c, path) != RC_OK || fs_lock(path, fd) != RC_BUSY)
        return RC_OK;
    FAIL(RC_BUSY, "another capbu is at work on the token \"%s\"", t->label);
}
