/* One text file in the state folder, rewritten whole with its newest lines. */
#include "client/flow/trail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/day.h"
#include "client/token/journal.h"

#define LIMIT (16 * 1024)
#define KEEP  (12 * 1024) /* bytes kept when it is full */

static enum rc path_of(char out[PATH_CAP]) {
    char dir[PATH_CAP];

    TRY(journal_folder(dir));
    return fs_join(out, dir, "trail");
}

enum rc trail_get(struct buf *out) {
    char path[PATH_CAP];

    TRY(path_of(path));
    return fs_read(path, LIMIT, out);
}

/* Reason codes are lower-case words; anything else in their place is not kept. */
static bool is_code(const char *text) {
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-;") == strlen(text);
}

static enum rc add(const char *support, const char *step, const char *outcome, CK_RV rv, const char *reason) {
    AUTO(buf) text = {0};
    char path[PATH_CAP], dir[PATH_CAP], when[INSTANT_TEXT];

    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    TRY(path_of(path));
    if (fs_read(path, LIMIT, &text) != RC_OK)
        buf_clear(&text);
    if (text.len > KEEP) {
        const char *line = strchr(buf_str(&text) + (text.len - KEEP), '\n');
        TRY(buf_set(&text, span_str(line == NULL ? "" : line + 1)));
    }
    instant_format((int64_t)time(NULL), when);
    TRY(buf_printf(&text, "%s %s %s %s %s %s\n", when, support, step, outcome, p11_rv_name(rv),
                   reason[0] != '\0' && is_code(reason) ? reason : "-"));
    return fs_write(path, buf_span(&text), 0600);
}

void trail_add(const char *support, const char *step, const char *outcome, CK_RV rv, const char *reason) {
    char told[ERR_TEXT];

    (void)snprintf(told, sizeof told, "%s", err_text()); /* who notes a failure has yet to tell it */
    enum rc rc = add(support, step, outcome, rv, reason);
    (void)err_set(rc, "%s", told); /* a convenience */
}
