/* Where token drivers lie on this machine: the names seen in the field, in the folders a platform keeps them. */
#pragma once

#include "base/fs.h"
#include "client/options.h"

#define PLACES_MAX 32

struct places {
    char path[PLACES_MAX][PATH_CAP];
    int count;
};

/* The modules given on the command line, only those; else those of $CAPBU_MODULES (colon-separated); else every known
   driver that is installed. RC_NOT_FOUND when there is none. */
MUST enum rc places_find(const struct options *o, struct places *out);
