/* FILE.refused.csv: the records that were not imported, each with its line and the reason. */
#pragma once

#include "service/out_file.h"

struct refused { /* zero-initialise */
    char path[PATH_CAP];
    struct out_file file; /* from the first refusal on */
    struct buf text;
};

MUST enum rc refused_open(struct refused *r, const char *imported);
void refused_free(struct refused *r); /* without refused_finish: nothing is left behind */

MUST enum rc refused_add(struct refused *r, long line, const char *reason, const char *contract, const char *tax_code);

/* Puts the list in its place, or removes an older one when nothing was refused. */
MUST enum rc refused_finish(struct refused *r);
