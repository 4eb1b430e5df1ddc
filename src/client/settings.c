/* Reads capbu.conf: every line is known, or refused by its number. */
#include "client/settings.h"

#include <string.h>

#include "base/lang.h"
#include "client/desktop.h"

#define FILE_LIMIT (16 * 1024)
#define BLANKS     " \t\r"

struct key {
    const char *name;
    char *field;
    size_t cap;
};

enum rc settings_path(char out[PATH_CAP]) {
    char dir[PATH_CAP];

    TRY(desktop_config(dir));
    return fs_join(out, dir, "capbu.conf");
}

static struct span trimmed(struct span s) {
    while (s.len > 0 && strchr(BLANKS, s.ptr[0]) != NULL)
        s = span_of(s.ptr + 1, s.len - 1);
    while (s.len > 0 && strchr(BLANKS, s.ptr[s.len - 1]) != NULL)
        s.len--;
    return s;
}

static enum rc value_take(const struct key *key, struct span value) {
    enum lang lang;

    if (text_set_span(key->field, key->cap, value) != RC_OK)
        return err_in(RC_INPUT, "%s", key->name);
    if (strcmp(key->name, "lang") == 0 && value.len > 0 && !lang_from(key->field, &lang))
        FAIL(RC_INPUT, "lang is vi or en, not \"%s\"", key->field);
    return RC_OK;
}

static enum rc line_take(struct span line, const struct key *keys) {
    const uint8_t *mark = line.len == 0 ? NULL : memchr(line.ptr, '=', line.len);

    if (line.len == 0 || line.ptr[0] == '#')
        return RC_OK;
    if (mark == NULL)
        FAIL(RC_INPUT, "no `key = value`: write it so, or remove the line");
    struct span name = trimmed(span_of(line.ptr, (size_t)(mark - line.ptr)));
    struct span value = trimmed(span_of(mark + 1, line.len - (size_t)(mark + 1 - line.ptr)));
    for (; keys->name != NULL; keys++) {
        if (!span_eq_str(name, keys->name))
            continue;
        if (keys->field[0] != '\0')
            FAIL(RC_INPUT, "%s is given twice: remove one of the lines", keys->name);
        return value_take(keys, value);
    }
    FAIL(RC_INPUT, "unknown key \"%.*s\": remove the line, or see capbu(1) for the keys there are",
         (int)(name.len < 40 ? name.len : 40), (const char *)name.ptr);
}

static enum rc parse(const char *path, struct span text, const struct key *keys) {
    int number = 1;

    for (; text.len > 0; number++) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);
        if (line_take(trimmed(span_of(text.ptr, len)), keys) != RC_OK)
            return err_in(RC_INPUT, "%s:%d", path, number);
        size_t used = len + (end != NULL);
        text = span_of(text.ptr + used, text.len - used);
    }
    return RC_OK;
}

#define KEY(text, member)                                                                                              \
    { text, out->member, sizeof out->member }

enum rc settings_read(struct settings *out) {
    AUTO(buf) text = {0};
    char path[PATH_CAP] = "capbu.conf";

    *out = (struct settings){0};
    const struct key keys[] = {KEY("server", server),
                               KEY("server-ca", server_ca),
                               KEY("ca", ca),
                               KEY("proxy", proxy),
                               KEY("proxy-user", proxy_user),
                               KEY("proxy-password-file", proxy_password_file),
                               KEY("lang", lang),
                               {NULL, NULL, 0}};
    enum rc rc = settings_path(path);
    if (rc == RC_OK)
        rc = fs_read(path, FILE_LIMIT, &text);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc != RC_OK)
        return err_in(RC_INPUT, "%s: correct it or take it away", path);
    return parse(path, buf_span(&text), keys);
}
