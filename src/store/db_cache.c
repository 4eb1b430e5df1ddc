/* The prepared statements of one connection, found by their text. */
#include "store/db_cache.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a: spares comparing long texts that begin alike. */
static uint64_t hash_of(const char *sql) {
    uint64_t h = 0xcbf29ce484222325u;
    for (; *sql != '\0'; sql++)
        h = (h ^ (uint8_t)*sql) * 0x100000001b3u;
    return h;
}

void *db_cache_get(const struct db_cache *c, const char *sql) {
    for (int i = 0; i < c->count; i++)
        if (c->item[i].literal == sql && strcmp(c->item[i].sql, sql) == 0)
            return c->item[i].statement;
    uint64_t hash = hash_of(sql);
    for (int i = 0; i < c->count; i++)
        if (c->item[i].hash == hash && strcmp(c->item[i].sql, sql) == 0)
            return c->item[i].statement;
    return NULL;
}

enum rc db_cache_put(struct db_cache *c, const char *sql, void *statement, void (*drop)(void *statement)) {
    char *copy = c->count < DB_CACHE_MAX ? strdup(sql) : NULL;
    if (copy == NULL) {
        drop(statement);
        FAIL(RC_BUG, "more than %d prepared statements on one connection", DB_CACHE_MAX);
    }
    c->item[c->count++] = (struct db_cached){sql, hash_of(sql), copy, statement};
    return RC_OK;
}

void db_cache_clear(struct db_cache *c, void (*drop)(void *statement)) {
    for (int i = 0; i < c->count; i++) {
        drop(c->item[i].statement);
        free(c->item[i].sql);
    }
    c->count = 0;
}
