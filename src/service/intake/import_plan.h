/* What the first reading of a file found out for the second: of each record, whether it is to be written. */
#pragma once

#include <stdio.h>

#include "base/fs.h"

struct plan {   /* zero-initialise */
    FILE *file; /* a byte a record, nameless */
};
void plan_free(struct plan *p);

MUST enum rc plan_open(const char *dir, struct plan *out); /* in folder `dir` */
MUST enum rc plan_put(struct plan *p, bool wanted);        /* RC_IO */
MUST enum rc plan_read(struct plan *p);                    /* from now on plan_next, from the first record */
MUST enum rc plan_next(struct plan *p, bool *wanted);      /* RC_INPUT: there were not so many records */
