/* FILE.refused.csv and FILE.warnings.csv: records of the file with their line and what is wrong with them, separated as
   the file is. */
#pragma once

#include <time.h>

#include "service/intake/import_row.h"
#include "service/intake/import_source.h"
#include "service/out_file.h"

struct list { /* zero-initialise */
    char path[PATH_CAP];
    struct out_file file; /* its stream is NULL until it is open */
    struct buf text, head;
    const struct source *source;
    size_t ours; /* cells in front of each record that are no part of it */
    int64_t count;
    time_t opened;
    uint64_t stood; /* what stood there when it was opened, 0: nothing */
};
void list_free(struct list *l); /* without list_end: nothing is left behind */

/* Sets where it will lie, and the header: line, `second`, and the file's own columns, which csv_next has just read. */
MUST enum rc list_make(const char *path, const char *second, const struct source *from, const struct import_header *h,
                       struct list *out);

/* May it be opened, should it be needed? As out_guard. */
MUST enum rc list_guard(const struct list *l, const struct out_rules *rules);

/* Opens it. As out_file_open. */
MUST enum rc list_open(struct list *l, const struct out_rules *rules);

/* Appends the record that was read from `start` to `end`; one that cannot be split is one cell. */
MUST enum rc list_add(struct list *l, long line, const char *why, long long start, long long end);

/* Puts it in its place; an older one goes when nothing was added. Beside it, with a number, when another import has put
   its own there meanwhile: `path` then says so. */
MUST enum rc list_end(struct list *l);
