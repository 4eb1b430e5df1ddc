/* Keeps it in a stream, so that memory does not grow with the file. */
#include "service/intake/import_plan.h"

#include <errno.h>
#include <string.h>

#include "service/nameless.h"

void plan_free(struct plan *p) {
    fs_file_free(&p->file);
}

enum rc plan_open(const char *dir, struct plan *out) {
    return nameless_open(dir, &out->file);
}

enum rc plan_put(struct plan *p, bool wanted) {
    if (putc_unlocked(wanted ? '+' : '-', p->file) == EOF)
        FAIL(RC_IO, "the folder's disk is full or failed: %s", strerror(errno));
    return RC_OK;
}

enum rc plan_read(struct plan *p) {
    if (fflush(p->file) != 0 || fseeko(p->file, 0, SEEK_SET) != 0)
        FAIL(RC_IO, "the folder's disk is full or failed: %s", strerror(errno));
    return RC_OK;
}

enum rc plan_next(struct plan *p, bool *wanted) {
    int c = getc_unlocked(p->file);
    if (c == EOF)
        FAIL(RC_INPUT, "the file was changed while it was read: import it again");
    *wanted = c == '+';
    return RC_OK;
}
