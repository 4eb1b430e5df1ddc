/* POSIX and Linux: the words of the command line are UTF-8 already. */
#include "client/process.h"

#include "base/os.h"

void process_begin(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    os_guard();
}
