/* Libraries of others in this process, by the system's loader. Chosen by meson: load_posix.c or load_windows.c. */
#pragma once

#include "base/buf.h"

/* The same library under any path gives the same handle. RC_NOT_FOUND: no such file. RC_TOKEN: it does not load. */
MUST enum rc load_open(const char *path, void **handle);
void load_close(void *handle); /* on Windows it stays loaded */

void (*load_symbol(void *handle, const char *name))(void); /* NULL: it has none of that name */
