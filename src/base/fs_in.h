/* What fs.c asks of fs_posix.c or fs_windows.c. */
#pragma once

#include "base/fs.h"

/* One folder whose parent is there; fine when it exists. */
MUST enum rc fs_make_one(const char *path, mode_t mode);
