/* Files: whole reads with a limit, writes that are there whole or not at all. */
#pragma once

#include <stdio.h>
#include <sys/types.h>

#include "base/buf.h"

#define PATH_CAP 1024

void fs_file_free(FILE **f);
#define AUTO_FILE __attribute__((cleanup(fs_file_free))) FILE *
void fs_fd_free(int *fd); /* ignores -1 */
#define AUTO_FD __attribute__((cleanup(fs_fd_free))) int

/* A regular file, for reading: from a pipe or a device no end may ever come. RC_NOT_FOUND; RC_INPUT: it is something
   else; RC_IO. The caller closes it. */
MUST enum rc fs_open(const char *path, int *fd);

/* Appends the whole file. As fs_open, and RC_LIMIT past `limit` bytes. */
MUST enum rc fs_read(const char *path, size_t limit, struct buf *out);

/* Temporary file beside it, fsync, rename, fsync of the folder. RC_IO: also when the name is a link, a pipe or a
   device, which the rename would replace. */
MUST enum rc fs_write(const char *path, struct span data, mode_t mode);

/* As fs_write, for a name that a person gave: a pipe or a device, where nothing can be lost, is written in place.
   RC_IO: a link to a file too, which could lead anywhere. */
MUST enum rc fs_write_named(const char *path, struct span data, mode_t mode);

/* As fs_write, but RC_EXISTS when the path is taken; never replaces. */
MUST enum rc fs_write_new(const char *path, struct span data, mode_t mode);

MUST enum rc fs_mkdir(const char *path, mode_t mode); /* parents too; fine when it exists */
bool fs_is_stdout(
    const char *path); /* "-", or what standard output is already (/dev/stdout, the file it was sent to) */
bool fs_exists(const char *path);
bool fs_same(const char *a, const char *b); /* both are there, and one file whatever they are called */
bool fs_remove(const char *path);           /* false: it is still there, or never was */

/* Takes a lock on a file, which is made when it is not there, or (POSIX) on a folder, for as long as `fd` is open; it
   goes with the process. RC_BUSY: somebody else has it. RC_IO. */
MUST enum rc fs_lock(const char *path, int *fd);

/* Names the first `most` files of a folder, in no order, "." and ".." among them; none when there is no such folder. */
void fs_each(const char *dir, int most, void (*take)(void *arg, const char *name), void *arg);

/* "dir/name" into a bounded array. RC_LIMIT. */
MUST enum rc fs_join(char out[PATH_CAP], const char *dir, const char *name);

/* A path as people write it, with variables of the environment in it where the system knows that: %SystemRoot%. */
MUST enum rc fs_expand(const char *path, char out[PATH_CAP]);

extern const char FS_LIST_MARK; /* between the items of a list of paths: what $PATH has there */

const char *fs_base_name(const char *path); /* what follows the last slash or backslash */

/* Writes all bytes, over short writes and EINTR. RC_IO. */
MUST enum rc fs_write_all(int fd, struct span data);
