/* Writes the list of refused records, under another name until it is whole. */
#include "service/intake/import_refused.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"
#include "service/out_file.h"

enum rc refused_open(struct refused *r, const char *imported) {
    int n = snprintf(r->path, sizeof r->path, "%s.refused.csv", imported);
    if (n < 0 || (size_t)n >= sizeof r->path)
        FAIL(RC_LIMIT, "the file's name is too long");
    return RC_OK;
}

void refused_free(struct refused *r) {
    out_file_free(&r->file);
    buf_free(&r->text);
}

static enum rc begin(struct refused *r) {
    TRY(out_file_open(r->path, &r->file));
    return buf_add_str(&r->text, "line,reason,contract,tax_code\n");
}

enum rc refused_add(struct refused *r, long line, const char *reason, const char *contract, const char *tax_code) {
    char number[24];
    const char *cells[] = {number, reason, contract, tax_code};
    (void)snprintf(number, sizeof number, "%ld", line);
    if (r->file.stream == NULL)
        TRY(begin(r));
    TRY(csv_row(&r->text, cells, sizeof cells / sizeof cells[0]));
    enum rc rc = out_file_add(&r->file, buf_span(&r->text));
    buf_clear(&r->text);
    return rc;
}

enum rc refused_finish(struct refused *r) {
    if (r->file.stream != NULL)
        return out_file_close(&r->file);
    if (unlink(r->path) != 0 && errno != ENOENT)
        FAIL(RC_IO, "%s: %s", r->path, strerror(errno));
    return RC_OK;
}
