/* Makes them (declared in nameless.h). */
#include "service/nameless.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum rc nameless_open(const char *dir, FILE **out) {
    char path[PATH_CAP];
    TRY(fs_join(path, dir, ".import-XXXXXX"));
    AUTO_FD fd = mkstemp(path);
    if (fd < 0)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    (void)unlink(path);
    FILE *file = fdopen(fd, "w+");
    if (file == NULL)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    fd = -1; /* the stream's now */
    *out = file;
    return RC_OK;
}
