/* The PIN typed at a terminal that shows nothing of it. Chosen by meson: silent_posix.c or silent_windows.c. */
#pragma once

#include "base/secret.h"
#include "client/options.h"

/* Asks for the PIN of the token called `label`, reads a line with the echo off, and puts the terminal back whatever
   happens. RC_USAGE: there is no terminal. Else as secret_read_line. */
MUST enum rc silent_read(const struct options *o, const char *label, struct secret *pin);
