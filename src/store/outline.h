/* All rows in little: what comparing the whole database with something else needs of each. In order, by batches, and of
   constant memory; spans and texts are valid until the function returns. */
#pragma once

#include "store/db.h"

struct outline { /* of a row of issued */
    int64_t old_id;
    char old_serial[44];
    bool issued;          /* else reserved only */
    struct span tbs, der; /* tbs of what is reserved only; der where `whole` asks for it */
};
MUST enum rc outline_issued(struct db *db, bool whole, enum rc (*row)(void *arg, const struct outline *o), void *arg);

/* Of each old certificate. */
MUST enum rc outline_certs(struct db *db,
                           enum rc (*row)(void *arg, int64_t id, const char *issuer_key, const char *serial),
                           void *arg);
