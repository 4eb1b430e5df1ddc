/* Starts threads with all signals blocked. */
#include "base/thread.h"

#include <signal.h>
#include <string.h>

enum rc thread_start(const char *name, void *(*run)(void *arg), void *arg, pthread_t *out) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(out, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        FAIL(RC_IO, "no thread %s: %s", name, strerror(failed));
    (void)pthread_setname_np(*out, name);
    return RC_OK;
}
