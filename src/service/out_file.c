/* Opens and ends the files that commands write. */
#include "service/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

enum rc out_file_open(const char *path, FILE **out) {
    AUTO_FD fd = fs_is_stdout(path) ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                                    : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0640);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

    if (f == NULL)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    fd = -1; /* the stream's now */
    *out = f;
    return RC_OK;
}

enum rc out_file_close(const char *path, FILE **out) {
    FILE *f = *out;
    bool lost = ferror(f) != 0;

    *out = NULL;
    if (fclose(f) != 0 || lost)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    return RC_OK;
}

enum rc out_file_put(const char *path, struct span text) {
    AUTO_FILE out = NULL;

    TRY(out_file_open(path, &out));
    if (fwrite(text.ptr, 1, text.len, out) != text.len)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    return out_file_close(path, &out);
}
