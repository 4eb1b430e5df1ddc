/* The prepared statements of one connection, found by their text. */
#pragma once

#include "base/buf.h"

#define DB_CACHE_MAX 96 /* the program's statements are literals: more is a bug */

struct db_cache { /* zero-initialise */
    struct db_cached {
        const char *literal; /* where the text stood when it was kept: nearly always where it stands again */
        uint64_t hash;
        char *sql;
        void *statement;
    } item[DB_CACHE_MAX];
    int count;
};

void *db_cache_get(const struct db_cache *c, const char *sql); /* NULL: not prepared yet */
/* Keeps `statement`, which is the cache's from now on (also on failure: `drop` is called then). */
MUST enum rc db_cache_put(struct db_cache *c, const char *sql, void *statement, void (*drop)(void *statement));
void db_cache_clear(struct db_cache *c, void (*drop)(void *statement));
