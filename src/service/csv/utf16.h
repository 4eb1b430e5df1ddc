/* UTF-16 with a byte order mark, as spreadsheets save "Unicode text", to UTF-8. */
#pragma once

#include <stdio.h>

#include "base/buf.h"

/* Is there a byte order mark of UTF-16, of either order, at the beginning? */
bool utf16_begins(int fd);

/* Streams all of `in`, whose bytes `tap` sees. What is no character becomes a byte that is no UTF-8, so that its own
   record is refused. RC_INPUT: half a unit at the end. RC_IO. */
MUST enum rc utf16_to_utf8(FILE *in, void (*tap)(void *arg, struct span read), void *arg, FILE *out);
