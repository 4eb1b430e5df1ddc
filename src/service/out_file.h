/* Files that a command writes for people who named them: lists of subscribers, so a new one is not for everybody. What
   stood there before stays until the new one is whole, and is replaced only if it was an output of the same kind. */
#pragma once

#include <stdio.h>

#include "base/fs.h"

struct out_file {
    FILE *stream; /* NULL: not open */
    char path[PATH_CAP];
    char temporary[PATH_CAP]; /* "": a pipe, a device or standard output, written in place */
};
void out_file_free(struct out_file *f); /* what was not closed is taken back */

/* Opens for writing, mode 0640; standard output when fs_is_stdout. RC_USAGE: a link to a file, which could lead
   anywhere. RC_IO. */
MUST enum rc out_file_open(const char *path, struct out_file *out);

/* Writes all of it. RC_IO. */
MUST enum rc out_file_add(struct out_file *f, struct span bytes);

/* Puts it in its place. RC_IO: it is not all there, and what stood there stays. RC_REFUSED: what stands there is no
   earlier output of this kind, by its beginning. */
MUST enum rc out_file_close(struct out_file *f);

/* Opens, writes and closes. */
MUST enum rc out_file_put(const char *path, struct span text);
