/* with-pg CMD ARGS...: runs CMD with CAPBU_TEST_PG set to the DSN of a PostgreSQL server of its own, which is gone when
 * CMD ends. Exit status of CMD; 77 (skipped) when PostgreSQL is not installed. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/pg.h"

static int run(char **argv) {
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        execvp(argv[0], argv);
        fprintf(stderr, "with-pg: %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    while (waitpid(pid, &status, 0) != pid)
        if (errno != EINTR)
            return 70;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv) {
    struct pg_server pg;
    char dsn[PG_DSN];
    if (argc < 2) {
        fprintf(stderr, "usage: with-pg CMD ARGS...\n");
        return 2;
    }
    enum rc rc = pg_start(&pg);
    if (rc != RC_OK) {
        fprintf(stderr, "with-pg: %s\n", err_text());
        return rc == RC_NOT_FOUND ? 77 : 1;
    }
    pg_dsn(&pg, dsn);
    setenv("CAPBU_TEST_PG", dsn, 1);
    int status = run(argv + 1);
    pg_stop(&pg);
    return status;
}
