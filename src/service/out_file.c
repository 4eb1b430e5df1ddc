/* Opens and ends the files that commands write. */
#include "service/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fs.h"

bool out_file_is_stdout(const char *path) {
    struct stat named, standard;

    if (strcmp(path, "-") == 0)
        return true;
    if (stat(path, &named) != 0 || fstat(STDOUT_FILENO, &standard) != 0 || named.st_ino != standard.st_ino)
        return false;
    bool nowhere = S_ISCHR(named.st_mode) && named.st_rdev == makedev(1, 3); /* what goes to /dev/null meets nothing */
    return named.st_dev == standard.st_dev && !nowhere;
}

enum rc out_file_open(const char *path, FILE **out) {
    AUTO_FD fd = out_file_is_stdout(path) ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
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
