/* Tells an earlier output from a database, a key, or the file that is being read, before anything is written. */
#include "service/out_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/out_stamp.h"

#define LOOK 1024 /* bytes at either end of a file: more than the longest first line that we write */

enum rc out_keep(struct out_rules *r, const char *path) {
    if (path[0] == '\0')
        return RC_OK;
    if (r->count == OUT_KEPT)
        FAIL(RC_LIMIT, "more than %d files are kept", OUT_KEPT);
    TRY(text_set(r->kept[r->count], PATH_CAP, path));
    r->count++;
    return RC_OK;
}

/* The name without links and dots on its way; the last part as it is, for there may be nothing yet. */
static bool resolve(const char *path, char out[PATH_CAP]) {
    char folder[PATH_CAP], real[PATH_MAX];
    if (text_set(folder, sizeof folder, path) != RC_OK)
        return false;
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    return realpath(slash == NULL ? "." : folder, real) != NULL && fs_join(out, real, fs_base_name(path)) == RC_OK;
}

/* By name, for what may come there, and by what it is, whatever it is called. */
static bool is_kept(const char *path, const struct out_rules *rules) {
    char name[PATH_CAP], kept[PATH_CAP];
    bool named = resolve(path, name);
    for (size_t i = 0; i < rules->count; i++)
        if (fs_same(path, rules->kept[i]) || (named && resolve(rules->kept[i], kept) && strcmp(name, kept) == 0))
            return true;
    return false;
}

bool out_is_one(const char *a, const char *b) {
    char x[PATH_CAP], y[PATH_CAP];
    struct stat st;
    if (fs_same(a, b))
        return stat(a, &st) != 0 || !S_ISCHR(st.st_mode);
    return resolve(a, x) && resolve(b, y) && strcmp(x, y) == 0;
}

static bool is_inside(const char *path, const char *dir) {
    char name[PATH_CAP], real[PATH_MAX];
    if (dir[0] == '\0' || !resolve(path, name) || realpath(dir, real) == NULL)
        return false;
    size_t len = strlen(real);
    return strncmp(name, real, len) == 0 && name[len] == '/';
}

static bool holds(const uint8_t *bytes, ssize_t len, const char *words) {
    return len > 0 && memmem(bytes, (size_t)len, words, strlen(words)) != NULL;
}

static bool begins(const uint8_t *bytes, ssize_t len, const char *words) {
    size_t bom = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, want = strlen(words);
    return len >= (ssize_t)(bom + want) && memcmp(bytes + bom, words, want) == 0;
}

static bool tells_nothing(struct out_mark mark) {
    return mark.begins == NULL && mark.one_of == NULL && mark.holds == NULL;
}

static bool is_marked(int fd, const struct stat *st, struct out_mark mark) {
    uint8_t head[LOOK], tail[LOOK];
    ssize_t got = pread(fd, head, sizeof head, 0);
    if (mark.begins != NULL)
        return begins(head, got, mark.begins);
    for (size_t i = 0; mark.one_of != NULL && mark.one_of[i] != NULL; i++)
        if (begins(head, got, mark.one_of[i]))
            return true;
    off_t end = st->st_size > LOOK ? st->st_size - LOOK : 0;
    return mark.holds != NULL &&
           (holds(head, got, mark.holds) || holds(tail, pread(fd, tail, sizeof tail, end), mark.holds));
}

enum kin { KIN_NONE, KIN_CHANGED, KIN_EARLIER };

static enum kin kin_of(const char *path, const struct stat *st, struct out_mark mark) {
    if (tells_nothing(mark))
        return KIN_NONE;
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || !is_marked(fd, st, mark))
        return KIN_NONE;
    bool unchanged = out_stamp_holds(fd) || (!mark.mended && out_stamp_absent(fd));
    return unchanged ? KIN_EARLIER : KIN_CHANGED;
}

enum rc out_guard(const char *path, struct out_mark mark, const struct out_rules *rules) {
    struct stat st;
    bool there = lstat(path, &st) == 0;
    if (!there && errno != ENOENT)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    if (there && S_ISLNK(st.st_mode))
        FAIL(RC_USAGE, "%s is a link: name the file itself", path);
    if (is_kept(path, rules))
        FAIL(RC_REFUSED, "%s is a file of the installation, or the one being read: name another", path);
    if (!there)
        return RC_OK;
    if (!S_ISREG(st.st_mode))
        FAIL(RC_REFUSED, "%s is no file that could be replaced: name another", path);
    enum kin kin = kin_of(path, &st, mark);
    if (kin == KIN_EARLIER || (kin == KIN_CHANGED && rules->force))
        return RC_OK;
    if (kin == KIN_CHANGED)
        FAIL(RC_REFUSED,
             "%s was changed or copied since it was written: name another file (of import: --refused FILE), move that "
             "one away, "
             "or say --force",
             path);
    if (is_inside(path, rules->dir))
        FAIL(RC_REFUSED, "%s lies in the installation and is no earlier output of this kind: name another", path);
    if (rules->force || st.st_size == 0)
        return RC_OK;
    if (tells_nothing(mark))
        FAIL(RC_REFUSED, "%s is there already: name another file, remove that one, or say --force", path);
    FAIL(RC_REFUSED,
         "%s is there and no earlier output of this kind: name another file, remove that one, or say --force", path);
}
