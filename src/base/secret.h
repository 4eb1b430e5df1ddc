/* Secrets (PINs): text in one page of memory that is never dumped, not swapped where it may be locked, and wiped when
 * freed. */
#pragma once

#include "base/buf.h"

#define SECRET_MAX 256 /* longest secret read from outside, in bytes */

struct secret { /* zero-initialised is empty and valid */
    char *text; /* a C string, NULL before secret_open */
    size_t len;
    size_t cap; /* bytes of text that fit, NUL not counted */
};

void secret_free(struct secret *s); /* wipes first */

/* Each makes a fresh secret in `s`, freeing what was there; on failure `s` is as it was.
   RC_IO: no memory; RC_LIMIT: longer than a page or SECRET_MAX. */
MUST enum rc secret_open(struct secret *s, size_t cap); /* empty, room for `cap` bytes */
MUST enum rc secret_from(struct secret *s, struct span text);

/* Reads one line without its end (LF or CRLF), byte by byte, so that nothing behind the newline is taken from `fd`.
   RC_INPUT: the input is at its end, or a NUL. */
MUST enum rc secret_read_line(int fd, struct secret *s);
MUST enum rc secret_read_file(const char *path, struct secret *s); /* its first line. RC_NOT_FOUND */
