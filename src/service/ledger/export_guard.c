/* Holds an earlier export against the one that would take its place, row by row. */
#include "service/ledger/export_guard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/fs.h"
#include "service/ledger/export_read.h"

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

struct holding {
    const char *path;
    const struct written *written;
};

/* What is no row is no certificate either. */
static enum rc hold_row(void *arg, const struct csv *c) {
    const struct holding *h = arg;
    if (c == NULL || c->fields != c->columns || c->fields <= EXPORT_NEW_SERIAL ||
        is_written(h->written, c->field[EXPORT_NEW_SERIAL]))
        return RC_OK;
    return lacks(h->path, c->field[EXPORT_NEW_SERIAL]);
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
    return export_each(in, hold_row, &(struct holding){path, w});
}
