/* Stands in front of libc's fsync and fdatasync, which SQLite calls by these names. */
#include "syncs.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_llong begun, ended;

/* Only one thread of a process syncs here (the store's writer), so begun and ended number the same syncs; one
   that fails is never counted as ended. */
static int counted(long call, int fd) {
    atomic_fetch_add(&begun, 1);
    int result = (int)syscall(call, fd);
    if (result == 0)
        atomic_fetch_add(&ended, 1);
    return result;
}

int fdatasync(int fd) {
    return counted(SYS_fdatasync, fd);
}

int fsync(int fd) {
    return counted(SYS_fsync, fd);
}

int64_t syncs_mark(void) {
    return atomic_load(&begun);
}

int64_t syncs_since(int64_t mark) {
    return atomic_load(&ended) - mark;
}
