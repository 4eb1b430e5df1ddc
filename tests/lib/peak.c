/* peak FILE CMD ARGS...: runs CMD and writes the most memory it (or a child it waited for) ever held into FILE, in KiB,
 * as getrusage(2) tells it; ends as CMD does. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct rusage used;
    int status;
    if (argc < 3) {
        fprintf(stderr, "usage: peak FILE CMD ARGS...\n");
        return 2;
    }
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        fprintf(stderr, "peak: %s: %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    while (waitpid(pid, &status, 0) != pid)
        if (errno != EINTR)
            return 70;
    FILE *out = fopen(argv[1], "we");
    if (out == NULL || getrusage(RUSAGE_CHILDREN, &used) != 0 || fprintf(out, "%ld\n", used.ru_maxrss) < 0 ||
        fclose(out) != 0) {
        fprintf(stderr, "peak: %s: %s\n", argv[1], strerror(errno));
        return 70;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
