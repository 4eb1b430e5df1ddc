/* A PIN or password typed at a terminal that shows nothing of it. Chosen by meson: silent_posix.c or silent_windows.c.
 */
#pragma once

#include "base/secret.h"
#include "client/say.h"

/* Asks with the words of `what` for the secret of what is called `label`, reads a line with the echo off, and puts the
   terminal back whatever happens. RC_USAGE: there is no terminal. Else as secret_read_line. */
MUST enum rc silent_read(const struct options *o, enum say what, const char *label, struct secret *pin);
