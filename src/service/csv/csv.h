/* CSV by streaming (RFC 4180, BOM allowed, CRLF or LF): a bounded window of the file in memory, never the file.

   Fields are separated by commas, by semicolons, as Excel writes them where the comma is a decimal point (Vietnam), or
   by tabs: the header's first separator decides for the file, or a line sep=; before it. What ends the first line ends
   all: LF or CRLF, or CR alone.

   A record is one physical line, because a line break inside a field is refused anyway (interfaces.md, "Exact
   readings"). So a quote that is never closed costs its own line only, and the next line is read afresh. One exception
   keeps the list of refusals honest: when the lines after an open quote, read on inside it, end as one whole record
   with as many fields as the header, and none of them is such a record by itself, then they are refused together as
   the one record with a line break that they are, or taken as one where the caller bears line breaks. No line that is a
   good record by itself is ever swallowed. */
#pragma once

#include <stdio.h>

#include "base/buf.h"

#define CSV_FIELDS       64           /* most fields in a record */
#define CSV_RECORD_LIMIT (256 * 1024) /* most bytes in a record */

struct csv { /* zero-initialise, then csv_open */
    FILE *in;
    struct span field[CSV_FIELDS]; /* unquoted; a NUL follows each; valid until the next call */
    size_t fields;
    size_t columns;                           /* fields of the first record read: the header */
    bool line_breaks;                         /* the caller's to set: they may stand inside a field */
    long line;                                /* physical line where this record begins, 1-based */
    long next_line;                           /* and the line after it */
    long long start;                          /* where it begins in the input, a byte order mark counted */
    long long bytes;                          /* consumed so far: where the next one begins */
    void (*tap)(void *arg, struct span read); /* sees every byte once, as it is read; NULL: nobody */
    void *tap_arg;
    uint8_t separator, line_end;
    bool separator_told; /* by a line of its own before the header */
    bool bom;
    struct buf window;
    size_t at; /* the window is consumed up to here */
    bool at_start, at_end;
};

/* Borrows `in`, which must outlive it. */
void csv_open(struct csv *c, FILE *in);
void csv_free(struct csv *c);

/* Reads the next record into `field`/`fields`; *more = false at the end of the input. Blank lines are skipped.
   RC_INPUT and RC_LIMIT concern this record only: the reader then stands at the line after it, and the call may be
   repeated. err_text() is then the reason without the line number, opening with a stable code:
   bad-quote, line-break, control-character, not-utf8 (RC_INPUT); too-long, too-many-fields (RC_LIMIT).
   RC_IO (out of memory too) is final. */
MUST enum rc csv_next(struct csv *c, bool *more);

/* Splits one record in memory, in place, as csv_next does; a byte must follow it. As csv_next fails. */
MUST enum rc csv_split(uint8_t *text, size_t length, uint8_t separator, struct span field[CSV_FIELDS], size_t *count);

/* Appends one cell: quoted where needed; a cell that starts with = + - @ TAB or CR, or with apostrophes before
   one of them, gets a leading apostrophe, so that a spreadsheet does not run it and csv_unguarded tells it again. */
MUST enum rc csv_cell(struct buf *out, struct span cell, uint8_t separator);
/* A cell that csv_cell wrote, as it was before. */
struct span csv_unguarded(struct span cell);
/* Appends the cells joined by commas, and CRLF-free "\n"; a NULL cell is empty. */
MUST enum rc csv_row(struct buf *out, const char *const *cells, size_t count);
