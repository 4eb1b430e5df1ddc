/* One small text file for each unfinished renewal. */
#include "client/token/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "base/digest.h"
#include "client/desktop.h"

#define PREFIX      "renewal-"
#define FIRST_LINE  "capbu-journal=1"
#define FILE_LIMIT  1024
#define LINES       6    /* the first and five fields */
#define FILES_LIMIT 4096 /* files in the folder looked at */

static const char *const step_names[] = {"begun", "issued", "written"};

const char *journal_step_name(enum journal_step step) {
    return step_names[step];
}

enum rc journal_folder(char out[PATH_CAP]) {
    return desktop_state(out);
}

enum rc journal_token_file(char out[PATH_CAP], const char *prefix, const char *serial, const char *model) {
    char dir[PATH_CAP], hex[2 * SHA256_LEN + 1];
    AUTO(buf) name = {0};

    sha256_hex(sha256_of2(span_str(serial), span_str(model)), hex);
    TRY(buf_printf(&name, "%s-%.32s", prefix, hex));
    TRY(journal_folder(dir));
    return fs_join(out, dir, buf_str(&name));
}

enum rc journal_key_file(char out[PATH_CAP], const char *prefix, struct span modulus, struct span point) {
    char key[2 * SHA256_LEN + 1];

    sha256_hex(sha256_of2(modulus, point), key);
    return journal_token_file(out, prefix, key, "");
}

static bool is_hex(const char *text) {
    return text[0] != 0 && strspn(text, "0123456789ABCDEF") == strlen(text);
}

static enum rc path_of(const char *old_serial, char out[PATH_CAP]) {
    char dir[PATH_CAP], name[64];
    if (!is_hex(old_serial)) /* it becomes a file name */
        FAIL(RC_INPUT, "a serial is upper-case hex, not %s", old_serial);
    TRY(text_set(name, sizeof name, PREFIX));
    TRY(text_set(name + strlen(PREFIX), sizeof name - strlen(PREFIX), old_serial));
    TRY(journal_folder(dir));
    return fs_join(out, dir, name);
}

static enum rc put(const struct journal *j) {
    char path[PATH_CAP], dir[PATH_CAP], when[INSTANT_TEXT];
    AUTO(buf) text = {0};
    TRY(path_of(j->old_serial, path));
    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    instant_format(j->time, when);
    TRY(buf_printf(&text, FIRST_LINE "\nold=%s\nnew=%s\ntoken=%s\nstep=%s\ntime=%s\n", j->old_serial, j->new_serial,
                   j->token_serial, step_names[j->step], when));
    return fs_write(path, buf_span(&text), 0600);
}

bool journal_put(const struct journal *j) {
    enum rc rc = put(j);
    return rc == RC_OK || (err_in(rc, "journal"), false);
}

bool journal_remove(const char *old_serial) {
    char path[PATH_CAP];
    enum rc rc = path_of(old_serial, path);
    if (rc == RC_OK && !fs_remove(path) && fs_exists(path))
        rc = err_set(RC_IO, "cannot remove %s", path);
    return rc == RC_OK || (err_in(rc, "journal"), false);
}

static enum rc step_from(const char *name, enum journal_step *step) {
    for (size_t i = 0; i < sizeof step_names / sizeof step_names[0]; i++) {
        if (strcmp(step_names[i], name) == 0) {
            *step = (enum journal_step)i;
            return RC_OK;
        }
    }
    FAIL(RC_INPUT, "unknown step %s", name);
}

static enum rc field(struct journal *j, const char *key, const char *value) {
    if (strcmp(key, "old") == 0 && is_hex(value))
        return text_set(j->old_serial, sizeof j->old_serial, value);
    if (strcmp(key, "new") == 0 && (value[0] == 0 || is_hex(value)))
        return text_set(j->new_serial, sizeof j->new_serial, value);
    if (strcmp(key, "token") == 0)
        return text_set(j->token_serial, sizeof j->token_serial, value);
    if (strcmp(key, "step") == 0)
        return step_from(value, &j->step);
    if (strcmp(key, "time") == 0)
        return instant_parse(value, &j->time);
    FAIL(RC_INPUT, "not a journal line: %.40s=%.40s", key, value);
}

/* Exactly what `put` writes: the first line, then each field once in its order. */
static enum rc parse(char *text, struct journal *out) {
    static const char *const keys[LINES] = {"capbu-journal", "old", "new", "token", "step", "time"};
    struct journal j = {0};
    for (int i = 0; i < LINES; i++) {
        char *key = text, *end = strchr(key, '\n'), *value = strchr(key, '=');
        if (end == NULL || value == NULL || value > end)
            FAIL(RC_INPUT, "line %d is not a line", i + 1);
        *end = *value++ = 0;
        text = end + 1;
        if (strcmp(key, keys[i]) != 0 || (i == 0 && strcmp(value, "1") != 0))
            FAIL(RC_INPUT, "line %d is not what was written", i + 1);
        if (i > 0)
            TRY(field(&j, key, value));
    }
    if (text[0] != 0)
        FAIL(RC_INPUT, "more than %d lines", LINES);
    *out = j;
    return RC_OK;
}

static enum rc read_one(const char *name, struct journal *out) {
    char dir[PATH_CAP], path[PATH_CAP];
    AUTO(buf) text = {0};
    struct journal j = {0};
    TRY(journal_folder(dir));
    TRY(fs_join(path, dir, name));
    TRY(fs_read(path, FILE_LIMIT, &text));
    if (text.len == 0 || memchr(text.data, 0, text.len) != NULL)
        FAIL(RC_INPUT, "no text");
    TRY(parse((char *)text.data, &j));
    if (strcmp(j.old_serial, name + strlen(PREFIX)) != 0)
        FAIL(RC_INPUT, "speaks of another certificate: %s", j.old_serial);
    *out = j;
    return RC_OK;
}

static void list_one(void *arg, const char *name) {
    struct journals *list = arg;
    struct journal j;
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || !is_hex(name + strlen(PREFIX))) /* fs_write's temporary files */
        return;
    enum rc rc = list->count < JOURNAL_MAX ? read_one(name, &j) : err_set(RC_LIMIT, "more than %d", JOURNAL_MAX);
    if (rc == RC_OK) {
        list->at[list->count++] = j;
        return;
    }
    list->ignored++;
    snprintf(list->note, sizeof list->note, "%.80s: %s", name, err_text());
}

static int by_time(const void *a, const void *b) {
    int64_t x = ((const struct journal *)a)->time, y = ((const struct journal *)b)->time;
    return (x > y) - (x < y);
}

bool journal_list(struct journals *out) {
    char dir[PATH_CAP];
    struct journals list = {0};
    if (journal_folder(dir) != RC_OK)
        return false;
    fs_each(dir, FILES_LIMIT, list_one, &list);
    qsort(list.at, list.count, sizeof list.at[0], by_time);
    *out = list;
    return true;
}
