/* A temporary folder for one test, gone with everything in it at the end. */
#pragma once

#include "base/fs.h"

struct tmp {
    char dir[PATH_CAP]; /* "": none */
};

MUST enum rc tmp_make(struct tmp *t, const char *parent, const char *name); /* parent NULL: $TMPDIR or /tmp */
void tmp_free(struct tmp *t);
void tmp_remove(char *dir); /* the folder and all in it, for who keeps its name: "" afterwards */
