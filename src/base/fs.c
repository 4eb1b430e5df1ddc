/* Files, as far as all systems agree: whole reads with a limit, paths. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs_in.h"

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
    AUTO_FD fd = -1;
    TRY(fs_open(path, &fd));
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

enum rc fs_mkdir(const char *path, mode_t mode) {
    char part[PATH_CAP];
    TRY(text_set(part, sizeof part, path));
    for (char *slash = strchr(part + (part[0] == '/'), '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (part[0] != 0)
            TRY(fs_make_one(part, mode));
        *slash = '/';
    }
    return fs_make_one(part, mode);
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

const char *fs_base_name(const char *path) {
    const char *name = path;
    for (const char *c = path; *c != 0; c++)
        if (*c == '/' || *c == '\\')
            name = c + 1;
    return name;
}
