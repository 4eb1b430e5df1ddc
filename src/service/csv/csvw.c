/* The CSV writer (declared in service/csv/csv.h): quotes where needed, and nothing a spreadsheet would run. */
#include <string.h>

#include "service/csv/csv.h"

static bool runs_in_spreadsheet(struct span cell) {
    size_t i = 0;
    while (i < cell.len && cell.ptr[i] == '\'')
        i++;
    return i < cell.len && memchr("=+-@\t\r", cell.ptr[i], 6) != NULL;
}

struct span csv_unguarded(struct span cell) {
    bool guarded = runs_in_spreadsheet(cell) && cell.ptr[0] == '\'';
    return guarded ? span_of(cell.ptr + 1, cell.len - 1) : cell;
}

static bool needs_quotes(struct span cell, uint8_t separator) {
    const uint8_t marks[] = {separator, '"', '\r', '\n'};
    for (size_t i = 0; i < cell.len; i++)
        if (memchr(marks, cell.ptr[i], sizeof marks) != NULL)
            return true;
    return false;
}

enum rc csv_cell(struct buf *out, struct span cell, uint8_t separator) {
    const char *lead = runs_in_spreadsheet(cell) ? "'" : "";
    if (!needs_quotes(cell, separator)) {
        TRY(buf_add_str(out, lead));
        return buf_add_span(out, cell);
    }
    TRY(buf_printf(out, "\"%s", lead));
    while (cell.len > 0) {
        const uint8_t *quote = memchr(cell.ptr, '"', cell.len);
        size_t run = quote == NULL ? cell.len : (size_t)(quote - cell.ptr) + 1;
        TRY(buf_add(out, cell.ptr, run));
        if (quote != NULL)
            TRY(buf_add_char(out, '"'));
        cell = span_of(cell.ptr + run, cell.len - run);
    }
    return buf_add_char(out, '"');
}

enum rc csv_row(struct buf *out, const char *const *cells, size_t count) {
    size_t before = out->len;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            TRY(buf_add_char(out, ','));
        TRY(csv_cell(out, span_str(cells[i] == NULL ? "" : cells[i]), ','));
    }
    if (out->len == before) /* a single empty cell would read as a blank line */
        TRY(buf_add_str(out, "\"\""));
    return buf_add_char(out, '\n');
}
