/* SIGKILL, SIGSEGV, exit, exec. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/kill.h"

static int is_host(void) {
    char line[4096] = "";
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, line, sizeof line - 1);

    (void)close(fd);
    return len > 0 && memmem(line, (size_t)len, KILL_HOST_WORD, sizeof KILL_HOST_WORD) != NULL;
}

void kill_all(void) {
    if (is_host())
        (void)kill(getppid(), SIGKILL);
    (void)raise(SIGKILL);
    abort();
}

void kill_crash(void) {
    (void)signal(SIGSEGV, SIG_DFL);
    (void)raise(SIGSEGV);
}

void kill_hang(void) {
    for (;;)
        (void)pause();
}

void kill_quit(void) {
    exit(3);
}

void exec_other(void) {
    (void)execl("/bin/true", "true", (char *)NULL);
    abort();
}
