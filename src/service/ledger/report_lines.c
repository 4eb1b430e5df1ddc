/* The lines of a report by key: there may be as many as people who helped, and none takes longer to find. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "service/ledger/report.h"

#define FIRST 64

struct report_place {
    struct sha256 key;
    int32_t line; /* its number from 1, 0: the place is free */
};

/* Where the key is, or would be: every second place at least is free. */
static struct report_place *place_of(struct report_place *places, size_t count, const struct sha256 *key) {
    size_t at = 0;
    memcpy(&at, key->bytes, sizeof at);
    for (;; at++) {
        struct report_place *p = &places[at & (count - 1)];
        if (p->line == 0 || memcmp(&p->key, key, sizeof *key) == 0)
            return p;
    }
}

static enum rc grow(struct report *r) {
    size_t count = r->place_count == 0 ? FIRST : 2 * r->place_count;
    struct report_line *lines = realloc(r->lines, count / 2 * sizeof *lines);
    if (lines != NULL)
        r->lines = lines;
    struct report_place *places = lines == NULL ? NULL : calloc(count, sizeof *places);
    if (places == NULL)
        FAIL(RC_LIMIT, "no memory for a report of more than %d lines", (int)r->line_count);
    for (size_t i = 0; i < r->place_count; i++)
        if (r->places[i].line != 0)
            *place_of(places, count, &r->places[i].key) = r->places[i];
    free(r->places);
    r->places = places;
    r->place_count = count;
    return RC_OK;
}

enum rc report_line_of(struct report *r, struct span key, struct report_line **line, bool *fresh) {
    struct sha256 hash = sha256_of(key);
    if (2 * (size_t)r->line_count == r->place_count)
        TRY(grow(r));
    struct report_place *p = place_of(r->places, r->place_count, &hash);
    *fresh = p->line == 0;
    if (*fresh) {
        r->lines[r->line_count++] = (struct report_line){0};
        *p = (struct report_place){hash, r->line_count};
    }
    *line = &r->lines[p->line - 1];
    return RC_OK;
}
