/* Whole-file reads with a limit, and writes that survive a crash at any point. */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP 65536

void fs_file_free(FILE **f) {
    if (*f != NULL)
        fclose(*f);
    *f = NULL;
}

void fs_fd_free(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static enum rc read_all(int fd, const char *path, size_t limit, struct buf *out) {
    size_t total = 0;
    for (;;) {
        TRY(buf_reserve(out, READ_STEP));
        ssize_t got = read(fd, out->data + out->len, READ_STEP);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            FAIL(RC_IO, "cannot read %s: %s", path, strerror(errno));
        if (got == 0)
            return RC_OK;
        total += (size_t)got;
        if (total > limit)
            FAIL(RC_LIMIT, "%s is larger than the %zu bytes allowed", path, limit);
        out->len += (size_t)got;
    }
}

enum rc fs_read(const char *path, size_t limit, struct buf *out) {
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        FAIL(errno == ENOENT ? RC_NOT_FOUND : RC_IO, "cannot open %s: %s", path, strerror(errno));
    size_t before = out->len;
    enum rc rc = read_all(fd, path, limit, out);
    if (rc != RC_OK)
        out->len = before;
    if (out->data != NULL)
        out->data[out->len] = 0;
    return rc;
}

enum rc fs_write_all(int fd, struct span data) {
    while (data.len > 0) {
        ssize_t put = write(fd, data.ptr, data.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            FAIL(RC_IO, "cannot write: %s", strerror(errno));
        data = span_of(data.ptr + put, data.len - (size_t)put);
    }
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

enum rc fs_write(const char *path, struct span data, mode_t mode) {
    return write_whole(path, data, mode, true);
}

enum rc fs_write_new(const char *path, struct span data, mode_t mode) {
    return write_whole(path, data, mode, false);
}

/* One folder whose parent is there. */
static enum rc make_one(const char *path, mode_t mode) {
    struct stat st;
    if (mkdir(path, mode) == 0)
        return RC_OK;
    int why = errno;
    if (why == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return RC_OK;
    FAIL(RC_IO, "cannot make folder %s: %s", path, strerror(why));
}

enum rc fs_mkdir(const char *path, mode_t mode) {
    char part[PATH_CAP];
    TRY(text_set(part, sizeof part, path));
    for (char *slash = strchr(part + (part[0] == '/'), '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (part[0] != 0)
            TRY(make_one(part, mode));
        *slash = '/';
    }
    return make_one(part, mode);
}

bool fs_exists(const char *path) {
    return access(path, F_OK) == 0;
}

enum rc fs_join(char out[PATH_CAP], const char *dir, const char *name) {
    size_t length = strlen(dir), more = strlen(name);
    bool slash = length > 0 && dir[length - 1] != '/';
    if (length + slash + more >= PATH_CAP)
        FAIL(RC_LIMIT, "path too long: %.60s.../%.60s", dir, name);
    memmove(out, dir, length);
    if (slash)
        out[length++] = '/';
    memcpy(out + length, name, more + 1);
    return RC_OK;
}
