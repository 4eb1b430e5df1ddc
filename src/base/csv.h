/* CSV by streaming (RFC 4180, BOM allowed, CRLF or LF): one record in memory at a time, never the file. */
#pragma once

#include <stdio.h>

#include "base/buf.h"

#define CSV_FIELDS       64           /* most fields in a record */
#define CSV_RECORD_LIMIT (256 * 1024) /* most bytes in a record */

struct csv { /* zero-initialise, then csv_open */
    FILE *in;
    struct buf record;             /* the fields' bytes, unquoted, each followed by NUL */
    struct span field[CSV_FIELDS]; /* into `record`; a NUL follows each */
    size_t fields;
    long line; /* physical line where this record begins, 1-based */
    long next_line;
    long long bytes; /* consumed so far, for progress */
    bool at_start, at_end;
};

/* Borrows `in`, which must outlive it. */
void csv_open(struct csv *c, FILE *in);
void csv_free(struct csv *c);

/* Reads the next record into `field`/`fields`; *more = false at the end of the input. Blank lines are skipped.
   RC_INPUT (quote, NUL, invalid UTF-8, control character) and RC_LIMIT (size, fields) concern this record only:
   the reader then stands at the next physical line after the place of the fault within that record (a stray quote
   costs its own record only: interfaces.md) and the call may be repeated. RC_IO is final. */
MUST enum rc csv_next(struct csv *c, bool *more);

/* Appends one cell: quoted where needed; a cell that starts with = + - @ TAB or CR gets a leading apostrophe, so
   that a spreadsheet does not run it. */
MUST enum rc csv_cell(struct buf *out, struct span cell);
/* Appends the cells joined by commas, and CRLF-free "\n". */
MUST enum rc csv_row(struct buf *out, const char *const *cells, size_t count);
