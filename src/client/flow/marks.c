/* One small file for each renewed certificate: a line for each system that knows it. */
#include "client/flow/marks.h"

#include <stdio.h>
#include <string.h>

#include "client/token/journal.h"

#define TOLD "told" /* a line of its own: the server knows them */

static enum rc path_of(const char *serial, char out[PATH_CAP]) {
    char dir[PATH_CAP], name[64];

    if (serial[0] == '\0' || strspn(serial, "0123456789ABCDEF") != strlen(serial) || strlen(serial) > 42)
        FAIL(RC_INPUT, "no serial");
    snprintf(name, sizeof name, "marks-%s", serial);
    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    return fs_join(out, dir, name);
}

struct marks marks_get(const char *serial) {
    AUTO(buf) text = {0};
    char path[PATH_CAP];
    struct marks marks = {.told = true};

    if (path_of(serial, path) != RC_OK || fs_read(path, 256, &text) != RC_OK)
        return marks;
    for (int i = 0; i < MARK_COUNT; i++)
        marks.bits |= strstr(buf_str(&text), mark_name(i)) != NULL ? 1u << i : 0;
    marks.told = strstr(buf_str(&text), TOLD) != NULL;
    return marks;
}

void marks_put(const char *serial, struct marks marks) {
    AUTO(buf) text = {0};
    char path[PATH_CAP];
    enum rc rc = path_of(serial, path);

    for (int i = 0; i < MARK_COUNT && rc == RC_OK; i++)
        if ((marks.bits >> i & 1) != 0)
            rc = buf_printf(&text, "%s\n", mark_name(i));
    if (rc == RC_OK && marks.told)
        rc = buf_add_str(&text, TOLD "\n");
    if (rc == RC_OK)
        rc = fs_write(path, buf_span(&text), 0600);
    (void)rc; /* a convenience */
}
