/* Files that a command writes for people who named them: lists of subscribers, so a new one is not for everybody. What
   stood there before stays until the new one is whole, and is replaced only if it was an output of the same kind that
   nobody has changed since (out_stamp.h). */
#pragma once

#include <stdio.h>

#include "base/fs.h"

/* By what an earlier output of a kind is known: a CSV by its first line, what is no text by words that stand in it. */
struct out_mark {
    const char *begins;        /* after a byte order mark; NULL: the others tell */
    const char *const *one_of; /* the same of several, NULL behind the last */
    const char *holds;         /* within its first or last bytes; NULL too: nothing tells one from what people made */
    bool mended;               /* people work in it: kept where its disk cannot tell whether they did (out_stamp.h) */
};

#define OUT_KEPT 24

/* What an output never is, and whether it may be what it usually may not. */
struct out_rules {                 /* zero: nothing is kept, nothing forced */
    bool force;                    /* a file of another kind may be replaced */
    char dir[PATH_CAP];            /* "": none; a file in this folder that is no earlier output is kept even so */
    char kept[OUT_KEPT][PATH_CAP]; /* names that are never taken, whether a file is there or not */
    size_t count;
};
/* RC_LIMIT: one too many. An empty path is none. */
MUST enum rc out_keep(struct out_rules *r, const char *path);

struct out_file {
    FILE *stream; /* NULL: not open */
    char path[PATH_CAP];
    char temporary[PATH_CAP]; /* "": a pipe, a device or standard output, written in place */
    struct out_mark mark;     /* borrowed, as the rules are */
    const struct out_rules *rules;
};
void out_file_free(struct out_file *f); /* what was not closed is taken back */

/* Opens for writing, mode 0640; standard output when fs_is_stdout. `rules` NULL: none. RC_USAGE: a link to a file,
   which could lead anywhere. RC_REFUSED: what stands there is kept, changed, or no earlier output of this kind. RC_IO.
 */
MUST enum rc out_file_open(const char *path, struct out_mark mark, const struct out_rules *rules, struct out_file *out);

/* Writes all of it. RC_IO. */
MUST enum rc out_file_add(struct out_file *f, struct span bytes);

/* Puts it in its place. RC_IO: it is not all there, and what stood there stays. RC_REFUSED, as when it was opened:
   something else has come there since. */
MUST enum rc out_file_close(struct out_file *f);

/* Opens, writes and closes. */
MUST enum rc out_file_put(const char *path, struct out_mark mark, const struct out_rules *rules, struct span text);
