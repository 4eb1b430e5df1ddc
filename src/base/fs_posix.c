/* Files on POSIX: writes that survive a crash at any point, folders, names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs_in.h"

const char FS_LIST_MARK = ':';

enum rc fs_expand(const char *path, char out[PATH_CAP]) {
    return text_set(out, PATH_CAP, path);
}

enum rc fs_open(const char *path, int *out) {
    struct stat st;
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a pipe would wait for its writer */
    if (fd < 0)
        FAIL(errno == ENOENT ? RC_NOT_FOUND : RC_IO, "cannot open %s: %s", path, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        FAIL(RC_INPUT, "%s is not a regular file: name a file that holds it", path);
    *out = fd;
    fd = -1;
    return RC_OK;
}

/* Makes a rename or a link last over a power cut. */
static enum rc sync_folder(const char *path) {
    char folder[PATH_CAP];
    TRY(text_set(folder, sizeof folder, path));
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        TRY(text_set(folder, sizeof folder, "."));
    else
        slash[slash == folder ? 1 : 0] = 0;
    AUTO_FD fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        FAIL(RC_IO, "cannot sync folder %s: %s", folder, strerror(errno));
    return RC_OK;
}

static enum rc fill(int fd, const char *path, struct span data, mode_t mode) {
    enum rc rc = fs_write_all(fd, data);
    if (rc != RC_OK)
        return err_in(rc, "%s", path);
    if (fchmod(fd, mode) != 0 || fsync(fd) != 0)
        FAIL(RC_IO, "cannot write %s: %s", path, strerror(errno));
    return RC_OK;
}

/* Gives the finished file its name. link() is the one call that never replaces on every file system of Linux. */
static enum rc publish(const char *temporary, const char *path, bool replace) {
    if ((replace ? rename(temporary, path) : link(temporary, path)) != 0)
        FAIL(!replace && errno == EEXIST ? RC_EXISTS : RC_IO, "cannot make %s: %s", path, strerror(errno));
    if (!replace && unlink(temporary) != 0)
        FAIL(RC_IO, "cannot remove %s: %s", temporary, strerror(errno));
    return RC_OK;
}

static enum rc write_whole(const char *path, struct span data, mode_t mode, bool replace) {
    static const char suffix[] = ".XXXXXX";
    char temporary[PATH_CAP];
    if (strlen(path) + sizeof suffix > sizeof temporary)
        FAIL(RC_LIMIT, "path too long: %.60s...", path);
    snprintf(temporary, sizeof temporary, "%s%s", path, suffix);
    AUTO_FD fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        FAIL(RC_IO, "cannot make a file beside %s: %s", path, strerror(errno));
    enum rc rc = fill(fd, path, data, mode);
    if (rc == RC_OK)
        rc = publish(temporary, path, replace);
    if (rc != RC_OK) {
        unlink(temporary);
        return rc;
    }
    return sync_folder(path);
}

/* What a rename must not replace: a link, a pipe, a device, a folder. */
static bool is_special(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

enum rc fs_write(const char *path, struct span data, mode_t mode) {
    if (is_special(path))
        FAIL(RC_IO, "%s is not a regular file, so it is not replaced", path);
    return write_whole(path, data, mode, true);
}

enum rc fs_write_named(const char *path, struct span data, mode_t mode) {
    struct stat st;
    if (!is_special(path))
        return write_whole(path, data, mode, true);
    bool open_ended = stat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode) || S_ISSOCK(st.st_mode));
    AUTO_FD fd = open_ended ? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) : -1;
    if (!open_ended)
        FAIL(RC_IO, "%s is a link or a folder: name the file itself", path);
    if (fd < 0)
        FAIL(RC_IO, "cannot write %s: %s", path, strerror(errno));
    enum rc rc = fs_write_all(fd, data);
    return rc == RC_OK ? RC_OK : err_in(rc, "%s", path);
}

bool fs_is_stdout(const char *path) {
    struct stat named, standard, null;

    if (strcmp(path, "-") == 0)
        return true;
    if (stat(path, &named) != 0 || fstat(STDOUT_FILENO, &standard) != 0 || named.st_ino != standard.st_ino)
        return false;
    bool nowhere = S_ISCHR(named.st_mode) && stat("/dev/null", &null) == 0 && named.st_rdev == null.st_rdev;
    return named.st_dev == standard.st_dev && !nowhere; /* what goes to /dev/null meets nothing */
}

enum rc fs_write_new(const char *path, struct span data, mode_t mode) {
    return write_whole(path, data, mode, false);
}

enum rc fs_make_one(const char *path, mode_t mode) {
    struct stat st;
    if (mkdir(path, mode) == 0)
        return RC_OK;
    int why = errno;
    if (why == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return RC_OK;
    FAIL(RC_IO, "cannot make folder %s: %s", path, strerror(why));
}

bool fs_same(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool fs_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bool fs_remove(const char *path) {
    return unlink(path) == 0;
}

void fs_each(const char *dir, int most, void (*take)(void *arg, const char *name), void *arg) {
    DIR *d = opendir(dir);
    const struct dirent *e;
    for (int i = 0; d != NULL && i < most && (e = readdir(d)) != NULL; i++)
        take(arg, e->d_name);
    if (d != NULL)
        closedir(d);
}

enum rc fs_lock(const char *path, int *out) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EISDIR)
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        FAIL(RC_IO, "cannot open %s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        bool held = errno == EWOULDBLOCK;
        enum rc rc = err_set(held ? RC_BUSY : RC_IO, "cannot lock %s: %s", path, strerror(errno));
        close(fd);
        return rc;
    }
    *out = fd;
    return RC_OK;
}
