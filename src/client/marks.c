/* One small file for each renewed certificate: a line for each system that knows it. */
#include "client/marks.h"

#include <stdio.h>
#include <string.h>

#include "client/journal.h"

static const char *const NAMES[MARKS] = {"tax", "customs", "insurance", "invoice", "bank", "bidding"};

const char *mark_name(int mark) {
    return NAMES[mark];
}

int mark_from(const char *name) {
    for (int i = 0; i < MARKS; i++)
        if (strcmp(NAMES[i], name) == 0)
            return i;
    return -1;
}

static enum rc path_of(const char *serial, char out[PATH_CAP]) {
    char dir[PATH_CAP], name[64];

    if (serial[0] == '\0' || strspn(serial, "0123456789ABCDEF") != strlen(serial) || strlen(serial) > 42)
        FAIL(RC_INPUT, "no serial");
    snprintf(name, sizeof name, "marks-%s", serial);
    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    return fs_join(out, dir, name);
}

unsigned marks_get(const char *serial) {
    AUTO(buf) text = {0};
    char path[PATH_CAP];
    unsigned marks = 0;

    if (path_of(serial, path) != RC_OK || fs_read(path, 256, &text) != RC_OK)
        return 0;
    for (int i = 0; i < MARKS; i++)
        marks |= strstr(buf_str(&text), NAMES[i]) != NULL ? 1u << i : 0;
    return marks;
}

void marks_put(const char *serial, unsigned marks) {
    AUTO(buf) text = {0};
    char path[PATH_CAP];
    enum rc rc = path_of(serial, path);

    for (int i = 0; i < MARKS && rc == RC_OK; i++)
        if ((marks >> i & 1) != 0)
            rc = buf_printf(&text, "%s\n", NAMES[i]);
    if (rc == RC_OK)
        rc = fs_write(path, buf_span(&text), 0600);
    (void)rc; /* a convenience */
}
