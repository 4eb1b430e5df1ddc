/* The process that a driver lives in, and the way to it. Chosen by meson: driver_child_posix.c, driver_child_windows.c.
 */
#pragma once

#include "base/buf.h"

#define CHILD_WORD "--driver-host" /* the first word of its command line */

struct child {
    intptr_t way, process, job; /* as the system numbers them; `job` on Windows only */
};

/* capbu-driver, or this program anew, with nothing of ours but one way to it: standard streams on /dev/null, Ctrl-C is
   not for it, and it ends when we do. RC_IO. */
MUST enum rc child_start(struct child *c);

enum child_got { CHILD_FINE, CHILD_LATE, CHILD_GONE };
#define CHILD_NO_LIMIT INT64_MAX

/* All of it, by os_clock_ms() at the latest. */
MUST enum child_got child_send(struct child *c, struct span s, int64_t until);
MUST enum child_got child_receive(struct child *c, uint8_t *out, size_t len, int64_t until);

/* From any thread: nothing more is said on this way, and who waits on it hears that it is gone. */
void child_hang_up(struct child *c);

struct child_end {
    bool crashed;  /* else it ended by itself */
    bool killed;   /* by us, for it did not end */
    bool peaceful; /* by itself, and with nothing to complain of */
    char how[40];  /* "signal 11", "status 1", "0xC0000005" */
};
/* Waits until it has ended, kills it after `ms`, and frees what we have of it. */
struct child_end child_reap(struct child *c, int ms);

/* In the child itself: a descriptor to read from and write to. `word` is the last of its command line. */
MUST enum rc child_enter(const char *word, int *fd);
