/* Writes what --out names: a file that is no earlier output of ours is left alone. */
#include <string.h>

#include "base/fs.h"
#include "base/out.h"
#include "client/say.h"
#include "client/settings.h"
#include "client/term/cmd.h"

#define OUT_MOST (1 << 20) /* bytes: what is larger is none of ours */

static bool holds(struct span text, struct span mark) {
    for (size_t i = 0; i + mark.len <= text.len; i++)
        if (memcmp(text.ptr + i, mark.ptr, mark.len) == 0)
            return true;
    return false;
}

static bool is_any(const char *path, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL && fs_same(path, names[i]))
            return true;
    return false;
}

/* A file that this run reads: named on its line or in its environment, capbu.conf, and what that names. */
static bool is_read(const struct options *o) {
    char confs[SETTINGS_FILES][PATH_CAP];
    int conf_count = settings_paths(confs);
    struct settings s;
    const char *const given[] = {o->pin_file, o->server_ca, o->new_ca, o->proxy_password_file};

    if (is_any(o->out, given, sizeof given / sizeof given[0]) || is_any(o->out, o->modules, (size_t)o->module_count))
        return true;
    for (int i = 0; i < conf_count; i++)
        if (fs_same(o->out, confs[i]))
            return true;
    if (settings_read(&s) != RC_OK)
        return false;
    const char *const set[] = {s.server_ca, s.ca, s.proxy_password_file};
    return is_any(o->out, set, sizeof set / sizeof set[0]);
}

/* A slip of the hand must not cost somebody's document, and by no wish at all what is read here. */
static enum rc check_replaced(const struct options *o, const char *mark) {
    AUTO(buf) old = {0};

    if (fs_is_stdout(o->out))
        return RC_OK;
    if (is_read(o))
        FAIL(RC_EXISTS, "this file is one that capbu reads: name another");
    if (o->force)
        return RC_OK;
    enum rc rc = fs_read(o->out, OUT_MOST, &old);
    if (rc == RC_NOT_FOUND || rc == RC_INPUT) /* no file, or none that could be lost */
        return RC_OK;
    if (rc == RC_OK && (old.len == 0 || holds(buf_span(&old), span_str(mark))))
        return RC_OK;
    FAIL(RC_EXISTS, "a file is there and no earlier output of this kind: name another, or say --force");
}

enum exit_status cmd_out(const struct options *o, struct span data, const char *mark) {
    enum rc rc = check_replaced(o, mark);

    if (rc == RC_OK)
        rc = out_file(o->out, data);
    if (rc == RC_OK)
        return EXIT_DONE;
    (void)err_in(rc, "--out %s: name a file that can be made", o->out);
    cmd_say_why(o, SAY_PLAIN);
    return EXIT_OUTPUT;
}
