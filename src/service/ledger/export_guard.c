/* Holds an earlier export against the one that would take its place, row by row. */
#include "service/ledger/export_guard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/fs.h"
#include "service/csv/csv.h"

#define NEW_SERIAL 1 /* its column in an export */

void written_free(struct written *w) {
    buf_free(&w->digests);
}

static uint64_t digest_of(struct span serial) {
    struct sha256 whole = sha256_of(serial);
    uint64_t part;
    memcpy(&part, &whole, sizeof part);
    return part;
}

enum rc written_add(struct written *w, struct span new_serial) {
    uint64_t digest = digest_of(new_serial);
    return buf_add(&w->digests, &digest, sizeof digest);
}

static int by_value(const void *a, const void *b) {
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static bool is_written(const struct written *w, struct span serial) {
    uint64_t digest = digest_of(serial);
    return w->digests.len > 0 &&
           bsearch(&digest, w->digests.data, w->digests.len / sizeof digest, sizeof digest, by_value) != NULL;
}

static enum rc lacks(const char *path, struct span serial) {
    FAIL(RC_REFUSED,
         "%s has certificates that the database lacks, the first %.*s: bring them back with capbuctl recover %s, or "
         "name another file; --force replaces it",
         path, (int)(serial.len < 64 ? serial.len : 64), (const char *)serial.ptr, path);
}

static enum rc each_row(const char *path, FILE *in, const struct written *w) {
    AUTO(csv) c = {0};
    bool more = true;
    csv_open(&c, in);
    TRY(csv_next(&c, &more)); /* the header */
    for (;;) {
        enum rc rc = csv_next(&c, &more);
        if (rc == RC_IO)
            return rc;
        if (rc != RC_OK) /* no row, so no certificate either */
            continue;
        if (!more)
            return RC_OK;
        if (c.fields == c.columns && c.fields > NEW_SERIAL && !is_written(w, c.field[NEW_SERIAL]))
            return lacks(path, c.field[NEW_SERIAL]);
    }
}

enum rc export_guard(const char *path, struct written *w) {
    int fd = -1;
    enum rc rc = fs_open(path, &fd);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    TRY(rc);
    AUTO_FILE in = fdopen(fd, "r");
    if (in == NULL)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    int first = getc(in);
    if (first == EOF) /* nothing in it */
        return RC_OK;
    rewind(in);
    if (w->digests.len > 0)
        qsort(w->digests.data, w->digests.len / sizeof(uint64_t), sizeof(uint64_t), by_value);
    return each_row(path, in, w);
}
