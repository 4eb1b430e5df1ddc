/* The CSV writer (declared in service/csv/csv.h): quotes where needed, and nothing a spreadsheet would run. */
#include <string.h>

#include "service/csv/csv.h"

static bool runs_in_spreadsheet(struct span cell) {
    return cell.len > 0 && memchr("=+-@\t\r", cell.ptr[0], 6) != NULL;
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
