/* Writes the list of refused records, under another name until it is whole. */
#include "service/intake/import_refused.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"
#include "service/out_file.h"

enum rc refused_open(struct refused *r, const char *imported) {
    int n = snprintf(r->path, sizeof r->path, "%s.refused.csv", imported);
    int m = snprintf(r->temporary, sizeof r->temporary, "%s.refused.csv.part", imported);
    if (n < 0 || m < 0 || (size_t)m >= sizeof r->temporary)
        FAIL(RC_LIMIT, "the file's name is too long");
    return RC_OK;
}

void refused_free(struct refused *r) {
    if (r->file != NULL) {
        (void)fclose(r->file);
        (void)unlink(r->temporary);
    }
    r->file = NULL;
    buf_free(&r->text);
}

static enum rc failed(const char *path) {
    FAIL(RC_IO, "%s: %s", path, strerror(errno));
}

static enum rc put(struct refused *r) {
    if (fwrite(r->text.data, 1, r->text.len, r->file) != r->text.len)
        return failed(r->temporary);
    buf_clear(&r->text);
    return RC_OK;
}

static enum rc begin(struct refused *r) {
    TRY(out_file_open(r->temporary, &r->file));
    return buf_add_str(&r->text, "line,reason,contract,tax_code\n");
}

enum rc refused_add(struct refused *r, long line, const char *reason, const char *contract, const char *tax_code) {
    char number[24];
    const char *cells[] = {number, reason, contract, tax_code};
    (void)snprintf(number, sizeof number, "%ld", line);
    if (r->file == NULL)
        TRY(begin(r));
    TRY(csv_row(&r->text, cells, sizeof cells / sizeof cells[0]));
    return put(r);
}

enum rc refused_finish(struct refused *r) {
    if (r->file == NULL)
        return unlink(r->path) == 0 || errno == ENOENT ? RC_OK : failed(r->path);
    bool whole = fflush(r->file) == 0 && fsync(fileno(r->file)) == 0 && rename(r->temporary, r->path) == 0;
    if (!whole)
        return failed(r->path);
    (void)fclose(r->file);
    r->file = NULL;
    return RC_OK;
}
