/* The operator's file as it is read: UTF-8, or UTF-16 made UTF-8 first; from its beginning again when wanted. */
#pragma once

#include <time.h>

#include "base/digest.h"
#include "base/fs.h"
#include "service/csv/csv.h"

struct source { /* zero-initialise */
    FILE *file;
    long long bytes; /* as the file has them */
    long long text;  /* and as they are read */
    bool utf16;
    struct csv csv;
    struct sha256_run run;
    bool running;
    struct sha256 sum;      /* of all bytes of the file, once they were read */
    struct timespec stands; /* its time when it was opened */
};
void source_free(struct source *s);

/* `dir`: where what was UTF-16 lies meanwhile, nameless. RC_NOT_FOUND; RC_INPUT: no regular file, a workbook or
   the like (import_kind.h), or half a character of UTF-16; RC_IO. */
MUST enum rc source_open(const char *path, const char *dir, struct source *out);

/* Back to the beginning, for another pass. */
MUST enum rc source_again(struct source *s);

/* When csv_next has told the end: sets `sum`. RC_INPUT: the file was written to since it was opened. */
MUST enum rc source_end(struct source *s);

/* Appends at most `most` bytes of what was read as `length` bytes from `start` on. RC_IO. */
MUST enum rc source_part(const struct source *s, long long start, long long length, size_t most, struct buf *out);
