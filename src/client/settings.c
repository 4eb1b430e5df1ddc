/* Reads capbu.conf, wherever one lies: every line is known, or refused by its number. */
#include "client/settings.h"

#include <string.h>

#include "base/lang.h"
#include "client/desktop.h"

#define FILE_LIMIT (16 * 1024)
#define BLANKS     " \t\r"

/* As the program was built (meson_options.txt); "" not set. */
static const char BUILT_SERVER[] = CAPBU_BUILT_SERVER, BUILT_HOTLINE[] = CAPBU_BUILT_HOTLINE,
                  BUILT_ISSUER[] = CAPBU_BUILT_ISSUER;

struct key {
    const char *name;
    char *field;
    size_t cap;
    bool path; /* a relative one begins where the file lies */
};

int settings_paths(char out[SETTINGS_FILES][PATH_CAP]) {
    enum rc (*const folders[SETTINGS_FILES])(char[PATH_CAP]) = {desktop_program, desktop_config, desktop_machine};
    char dir[PATH_CAP];
    int count = 0;

    for (int i = 0; i < SETTINGS_FILES; i++) {
        enum rc rc = folders[i](dir);
        if (rc == RC_OK)
            rc = fs_join(out[count], dir, "capbu.conf");
        count += rc == RC_OK;
    }
    return count;
}

const char *settings_built_ca(const char *server) {
    return server_ca_built_len > 0 && strcmp(server, BUILT_SERVER) == 0 ? SETTINGS_BUILT_CA : NULL;
}

static struct span trimmed(struct span s) {
    while (s.len > 0 && strchr(BLANKS, s.ptr[0]) != NULL)
        s = span_of(s.ptr + 1, s.len - 1);
    while (s.len > 0 && strchr(BLANKS, s.ptr[s.len - 1]) != NULL)
        s.len--;
    return s;
}

static bool is_absolute(struct span path) {
    return path.ptr[0] == '/' || path.ptr[0] == '\\' || path.ptr[0] == '%' || (path.len > 1 && path.ptr[1] == ':');
}

static enum rc value_take(const struct key *key, struct span folder, struct span value) {
    AUTO(buf) whole = {0};
    enum lang lang;

    if (key->path && value.len > 0 && !is_absolute(value))
        TRY(buf_add_span(&whole, folder));
    TRY(buf_add_span(&whole, value));
    if (text_set(key->field, key->cap, buf_str(&whole)) != RC_OK)
        return err_in(RC_INPUT, "%s", key->name);
    if (strcmp(key->name, "lang") == 0 && value.len > 0 && !lang_from(key->field, &lang))
        FAIL(RC_INPUT, "lang is vi or en, not \"%s\"", key->field);
    return RC_OK;
}

static enum rc line_take(struct span line, struct span folder, const struct key *keys) {
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
        return value_take(keys, folder, value);
    }
    FAIL(RC_INPUT, "unknown key \"%.*s\": remove the line, or see capbu(1) for the keys there are",
         (int)(name.len < 40 ? name.len : 40), (const char *)name.ptr);
}

static enum rc parse(const char *path, struct span text, const struct key *keys) {
    struct span folder = span_of(path, (size_t)(fs_base_name(path) - path));
    int number = 1;

    for (; text.len > 0; number++) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);
        if (line_take(trimmed(span_of(text.ptr, len)), folder, keys) != RC_OK)
            return err_in(RC_INPUT, "%s:%d", path, number);
        size_t used = len + (end != NULL);
        text = span_of(text.ptr + used, text.len - used);
    }
    return RC_OK;
}

#define KEY(text, member, path)                                                                                        \
    { text, out->member, sizeof out->member, path }
#define KEYS 10

static void keys_of(struct settings *out, struct key keys[KEYS]) {
    const struct key all[KEYS] = {KEY("server", server, false),
                                  KEY("server-ca", server_ca, true),
                                  KEY("ca", ca, true),
                                  KEY("hotline", hotline, false),
                                  KEY("issuer-name", issuer, false),
                                  KEY("proxy", proxy, false),
                                  KEY("proxy-user", proxy_user, false),
                                  KEY("proxy-password-file", proxy_password_file, true),
                                  KEY("lang", lang, false),
                                  {NULL, NULL, 0, false}};
    memcpy(keys, all, sizeof all);
}

static enum rc file_read(const char *path, struct settings *out) {
    AUTO(buf) text = {0};
    struct key keys[KEYS];

    *out = (struct settings){0};
    keys_of(out, keys);
    enum rc rc = fs_read(path, FILE_LIMIT, &text);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc != RC_OK)
        return err_in(RC_INPUT, "%s: correct it or take it away", path);
    return parse(path, buf_span(&text), keys);
}

/* What `out` has not got it takes from `file`. */
static void fill(struct settings *out, struct settings *file) {
    struct key into[KEYS], from[KEYS];

    keys_of(out, into);
    keys_of(file, from);
    for (int i = 0; into[i].name != NULL; i++)
        if (into[i].field[0] == '\0')
            memcpy(into[i].field, from[i].field, into[i].cap);
}

enum rc settings_read(struct settings *out) {
    char paths[SETTINGS_FILES][PATH_CAP];
    int count = settings_paths(paths);
    static struct settings file;

    *out = (struct settings){0};
    for (int i = 0; i < count; i++) {
        TRY(file_read(paths[i], &file));
        fill(out, &file);
    }
    file = (struct settings){0};
    TRY(text_set(file.server, sizeof file.server, BUILT_SERVER));
    TRY(text_set(file.hotline, sizeof file.hotline, BUILT_HOTLINE));
    TRY(text_set(file.issuer, sizeof file.issuer, BUILT_ISSUER));
    fill(out, &file);
    return RC_OK;
}
