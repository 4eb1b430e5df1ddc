/* Where token drivers lie on this machine: the names of the token models, in the folders a platform keeps them. */
#pragma once

#include "base/fs.h"
#include "client/options.h"
#include "client/token/devices.h"

#define PLACES_MAX 64

struct places {
    char path[PLACES_MAX][PATH_CAP];
    int count;
};

/* The modules given on the command line, only those; else those of $CAPBU_MODULES (colon-separated); else every driver
   that the models of `known` name and that is installed. RC_NOT_FOUND when there is none. */
MUST enum rc places_find(const struct options *o, const struct devices *known, struct places *out);
