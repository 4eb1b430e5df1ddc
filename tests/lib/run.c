/* fork, exec, and everything the program says. */
#include "lib/run.h"
#include "lib/must.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_LIMIT (4 * 1024 * 1024)
#define THREADS_MAX  64

void run_free(struct run *r) {
    buf_free(&r->out);
}

static void read_all(int fd, struct buf *out) {
    char chunk[4096];
    ssize_t got;
    while ((got = read(fd, chunk, sizeof chunk)) > 0 && out->len < OUTPUT_LIMIT)
        MUST_OK(buf_add(out, chunk, (size_t)got));
}

void run_argv(const char *const argv[], struct run *r) {
    int pair[2], status;
    assert_int_equal(pipe(pair), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(pair[1], STDOUT_FILENO);
        dup2(pair[1], STDERR_FILENO);
        close(pair[0]);
        close(pair[1]);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(pair[1]);
    buf_clear(&r->out);
    read_all(pair[0], &r->out);
    close(pair[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct crew {
    bool (*work)(void);
    bool good;
};

static void *crew_main(void *arg) {
    struct crew *c = arg;
    c->good = c->work();
    return NULL;
}

bool run_threads(int count, bool (*work)(void)) {
    pthread_t threads[THREADS_MAX];
    struct crew crew[THREADS_MAX];
    bool good = true;
    assert_true(count <= THREADS_MAX);
    for (int i = 0; i < count; i++) {
        crew[i].work = work;
        assert_int_equal(pthread_create(&threads[i], NULL, crew_main, &crew[i]), 0);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        good = good && crew[i].good;
    }
    return good;
}

void data_path(const char *name, char out[PATH_CAP]) {
    const char *dir = getenv("CAPBU_DATA");
    MUST_OK(fs_join(out, dir != NULL && dir[0] != '\0' ? dir : CAPBU_DATA_DEFAULT, name));
    if (!fs_exists(out)) {
        print_message("no %s: set CAPBU_DATA to the folder of the public data\n", out);
        skip();
    }
}
