/* SIGKILL, and exec. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/kill.h"

void kill_self(void) {
    (void)raise(SIGKILL);
    abort();
}

void exec_other(void) {
    (void)execl("/bin/true", "true", (char *)NULL);
    abort();
}
