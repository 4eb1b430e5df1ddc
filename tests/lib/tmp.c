/* A temporary folder for one test, gone with everything in it at the end. */
#include "lib/tmp.h"

#include <ftw.h>
#include <stdlib.h>

enum rc tmp_make(struct tmp *t, const char *parent, const char *name) {
    AUTO(buf) path = {0};
    const char *env = getenv("TMPDIR");
    if (parent == NULL)
        parent = env != NULL && env[0] != '\0' ? env : "/tmp";
    TRY(buf_printf(&path, "%s/capbu-%s-XXXXXX", parent, name));
    if (mkdtemp((char *)path.data) == NULL)
        FAIL(RC_IO, "cannot make a folder like %s", buf_str(&path));
    return text_set(t->dir, sizeof t->dir, buf_str(&path));
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

void tmp_remove(char *dir) {
    if (dir[0] != '\0')
        nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    dir[0] = '\0';
}

void tmp_free(struct tmp *t) {
    tmp_remove(t->dir);
}
