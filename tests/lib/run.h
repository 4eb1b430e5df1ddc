/* Runs a program as a judge from outside (openssl and the like), and finds the public test data. */
#pragma once

#include "base/fs.h"

struct run {
    int status;     /* exit status; 128 + signal when it was killed; 127 when it could not be started */
    struct buf out; /* stdout and stderr together */
};
void run_free(struct run *r);

/* argv ends with NULL; the first is searched in PATH. Fails the test when the program cannot be waited for. */
void run_argv(const char *const argv[], struct run *r);
#define RUN(r, ...) run_argv((const char *const[]){__VA_ARGS__, NULL}, r)

/* The program must end with 0: else the test fails with what it printed. */
#define MUST_RUN(...)                                                                                                  \
    do {                                                                                                               \
        AUTO(run) must_run_ = {0};                                                                                     \
        RUN(&must_run_, __VA_ARGS__);                                                                                  \
        if (must_run_.status != 0)                                                                                     \
            fail_msg("%s: status %d: %s", #__VA_ARGS__, must_run_.status, buf_str(&must_run_.out));                    \
    } while (0)

/* Calls `work` in so many threads at once; true when every one of them said true. */
bool run_threads(int count, bool (*work)(void));

/* DATA/name, where DATA is $CAPBU_DATA or the folder beside the project; skips the test when it is not there. */
void data_path(const char *name, char out[PATH_CAP]);
