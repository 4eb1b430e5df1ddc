/* POSIX and Linux: the words of the command line are UTF-8 already; signals. */
#include "client/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/os.h"

static atomic_bool stopping;

/* Who started us may have closed the standard streams: the next file opened would be taken for one of them. */
static void streams_open(void) {
    while (true) {
        int fd = open("/dev/null", O_RDWR);
        if (fd > STDERR_FILENO)
            (void)close(fd);
        if (fd < 0 || fd > STDERR_FILENO)
            return;
    }
}

void process_begin(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    streams_open();
    os_guard();
}

static void on_stop(int sig) {
    (void)sig;
    atomic_store(&stopping, true);
}

/* One that is ignored stays so. */
void process_stop_kept(void) {
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    struct sigaction ours = {.sa_handler = on_stop}, old;

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        /* a terminal that closes may send SIGHUP twice, by its shell and by the system */
        ours.sa_flags = SA_RESTART | (signals[i] == SIGHUP ? 0 : (int)SA_RESETHAND);
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            (void)sigaction(signals[i], &ours, NULL);
    }
}

bool process_stopping(void) {
    return atomic_load(&stopping);
}
