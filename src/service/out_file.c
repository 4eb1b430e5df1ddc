/* Opens and ends the files that commands write. */
#include "service/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/out.h"
#include "service/out_guard.h"
#include "service/out_stamp.h"

#define MODE 0640

void out_file_free(struct out_file *f) {
    if (f->stream != NULL)
        (void)fclose(f->stream);
    if (f->temporary[0] != '\0')
        (void)unlink(f->temporary);
    *f = (struct out_file){0};
}

static enum rc failed(const char *path) {
    if (errno == EPIPE && fs_is_stdout(path)) /* as `head` does: nobody is told (base/out.h) */
        FAIL(RC_IO, "%s", OUT_GONE);
    FAIL(RC_IO, "%s: %s", path, strerror(errno));
}

/* Pipes and devices are written through: nothing stands in them that could be lost. */
static bool in_place(const struct stat *st) {
    return S_ISFIFO(st->st_mode) || S_ISCHR(st->st_mode) || S_ISSOCK(st->st_mode);
}

/* A stream beside `path`, of which only this process knows. */
static enum rc beside(struct out_file *f, int *fd) {
    int n = snprintf(f->temporary, sizeof f->temporary, "%s.part-XXXXXX", f->path);
    if (n < 0 || (size_t)n >= sizeof f->temporary)
        FAIL(RC_LIMIT, "the file's name is too long");
    *fd = mkostemp(f->temporary, O_CLOEXEC);
    if (*fd < 0) {
        f->temporary[0] = '\0';
        return failed(f->path);
    }
    return fchmod(*fd, MODE) == 0 ? RC_OK : failed(f->path);
}

static enum rc find_place(struct out_file *f, int *fd) {
    struct stat target;
    if (fs_is_stdout(f->path)) {
        *fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
        return *fd < 0 ? failed(f->path) : RC_OK;
    }
    if (stat(f->path, &target) == 0 && in_place(&target)) {
        *fd = open(f->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return *fd < 0 ? failed(f->path) : RC_OK;
    }
    TRY(out_guard(f->path, f->mark, f->rules));
    return beside(f, fd);
}

enum rc out_file_open(const char *path, struct out_mark mark, const struct out_rules *rules, struct out_file *out) {
    static const struct out_rules none = {0};
    AUTO(out_file) f = {.mark = mark, .rules = rules == NULL ? &none : rules};
    AUTO_FD fd = -1;
    TRY(text_set(f.path, sizeof f.path, path));
    TRY(find_place(&f, &fd));
    f.stream = fdopen(fd, "w");
    if (f.stream == NULL)
        return failed(path);
    fd = -1; /* the stream's now */
    *out = f;
    f = (struct out_file){0};
    return RC_OK;
}

enum rc out_file_add(struct out_file *f, struct span bytes) {
    return fwrite(bytes.ptr, 1, bytes.len, f->stream) == bytes.len ? RC_OK : failed(f->path);
}

enum rc out_file_close(struct out_file *f) {
    bool whole = fflush(f->stream) == 0 && ferror(f->stream) == 0;
    if (whole && f->temporary[0] != '\0')
        whole = fsync(fileno(f->stream)) == 0;
    if (!whole)
        return failed(f->path);
    if (f->temporary[0] != '\0') {
        TRY(out_stamp(fileno(f->stream)));
        TRY(out_guard(f->path, f->mark, f->rules));
        if (rename(f->temporary, f->path) != 0)
            return failed(f->path);
        f->temporary[0] = '\0';
    }
    int ended = fclose(f->stream);
    f->stream = NULL;
    return ended == 0 ? RC_OK : failed(f->path);
}

enum rc out_file_put(const char *path, struct out_mark mark, const struct out_rules *rules, struct span text) {
    AUTO(out_file) out = {0};

    TRY(out_file_open(path, mark, rules, &out));
    TRY(out_file_add(&out, text));
    return out_file_close(&out);
}
