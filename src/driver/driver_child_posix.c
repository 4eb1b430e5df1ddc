/* Linux: a socket pair, posix_spawn of capbu-driver or else of ourselves, and a thread in the child that sees us go. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/os.h"
#include "base/thread.h"
#include "driver/driver_child.h"

#define SELF    "/proc/self/exe"
#define WAY_FD  3
#define LAST_MS 2000 /* for the driver to end, when we are gone */

extern char **environ;

/* No signal mask of the thread that happened to start it, and a process group of its own: Ctrl-C is for us, who let a
   write come to its end. */
static int attributes(posix_spawnattr_t *a) {
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGPIPE); /* ignored here, and there */
    int failed = posix_spawnattr_setsigmask(a, &none);
    failed = failed ? failed : posix_spawnattr_setsigdefault(a, &all);
    failed = failed ? failed : posix_spawnattr_setpgroup(a, 0);
    return failed ? failed
                  : posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

static int actions(posix_spawn_file_actions_t *f, int way) {
    int failed = posix_spawn_file_actions_adddup2(f, way, WAY_FD);

    for (int fd = 0; fd < WAY_FD && failed == 0; fd++)
        failed = posix_spawn_file_actions_addopen(f, fd, "/dev/null", O_RDWR, 0);
    return failed;
}

/* Beside this program, as it was built, or where it is installed. */
static bool find_beside(const char *where, char out[PATH_CAP]) {
    ssize_t len = readlink(SELF, out, PATH_CAP - 1);
    if (len <= 0)
        return false;
    out[len] = '\0';
    char *name = strrchr(out, '/') + 1;
    size_t room = PATH_CAP - (size_t)(name - out);
    return snprintf(name, room, "%s", where) < (int)room && access(out, X_OK) == 0;
}

static const char *program(char out[PATH_CAP]) {
    return find_beside("capbu-driver", out) || find_beside("../libexec/capbu-driver", out) ? out : SELF;
}

static int spawn(int way, pid_t *pid) {
    char path[PATH_CAP];
    char name[] = "capbu", word[] = CHILD_WORD, fd[] = "3";
    char *argv[] = {name, word, fd, NULL};
    posix_spawn_file_actions_t f;
    posix_spawnattr_t a;

    posix_spawn_file_actions_init(&f);
    posix_spawnattr_init(&a);
    int failed = actions(&f, way);
    failed = failed ? failed : attributes(&a);
    failed = failed ? failed : posix_spawn(pid, program(path), &f, &a, argv, environ);
    posix_spawnattr_destroy(&a);
    posix_spawn_file_actions_destroy(&f);
    return failed;
}

enum rc child_start(struct child *c) {
    int ends[2];
    pid_t pid = 0;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        FAIL(RC_IO, "no process for the token's driver: %s", strerror(errno));
    int failed = spawn(ends[1], &pid);
    (void)close(ends[1]);
    if (failed != 0) {
        (void)close(ends[0]);
        FAIL(RC_IO, "no process for the token's driver: %s", strerror(failed));
    }
    *c = (struct child){.way = ends[0], .process = pid};
    return RC_OK;
}

/* For reading or writing. */
static enum child_got ready(struct child *c, short events, int64_t until) {
    for (;;) {
        int64_t left = until == CHILD_NO_LIMIT ? -1 : until - os_clock_ms();
        if (left < 0 && until != CHILD_NO_LIMIT)
            left = 0; /* what has come in the meantime counts */
        struct pollfd p = {(int)c->way, events, 0};
        int n = poll(&p, 1, (int)left);
        if (n >= 0)
            return n > 0 ? CHILD_FINE : CHILD_LATE;
        if (n < 0 && errno != EINTR)
            return CHILD_GONE;
    }
}

enum child_got child_send(struct child *c, struct span s, int64_t until) {
    while (s.len > 0) {
        ssize_t n = send((int)c->way, s.ptr, s.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            s = span_of(s.ptr + n, s.len - (size_t)n);
            continue;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            return CHILD_GONE;
        enum child_got got = ready(c, POLLOUT, until);
        if (got != CHILD_FINE)
            return got;
    }
    return CHILD_FINE;
}

enum child_got child_receive(struct child *c, uint8_t *out, size_t len, int64_t until) {
    while (len > 0) {
        enum child_got got = ready(c, POLLIN, until);
        if (got != CHILD_FINE)
            return got;
        ssize_t n = recv((int)c->way, out, len, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return CHILD_GONE;
        out += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return CHILD_FINE;
}

void child_hang_up(struct child *c) {
    (void)shutdown((int)c->way, SHUT_RDWR);
}

struct child_end child_reap(struct child *c, int ms) {
    int64_t until = os_clock_ms() + ms;
    struct child_end end = {0};
    int status = 0;
    pid_t pid = (pid_t)c->process;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (os_clock_ms() >= until) {
            (void)kill(pid, SIGKILL);
            end.killed = true;
            (void)waitpid(pid, &status, 0);
            break;
        }
        os_pause_ms(1);
    }
    (void)close((int)c->way);
    *c = (struct child){0};
    end.crashed = WIFSIGNALED(status);
    end.peaceful = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    (void)snprintf(end.how, sizeof end.how, end.crashed ? "signal %d" : "status %d",
                   end.crashed ? WTERMSIG(status) : WEXITSTATUS(status));
    return end;
}

/* The other end was closed. A driver that never comes back out of a call does not outlive us for that. */
static void *lifeline(void *arg) {
    struct pollfd p = {WAY_FD, POLLRDHUP, 0};

    (void)arg;
    while (poll(&p, 1, -1) < 0 && errno == EINTR)
        ;
    os_pause_ms(LAST_MS);
    _exit(0);
}

enum rc child_enter(const char *word, int *fd) {
    pthread_t thread;

    if (strcmp(word, "3") != 0 || fcntl(WAY_FD, F_SETFD, FD_CLOEXEC) != 0)
        FAIL(RC_USAGE, CHILD_WORD " is for capbu itself");
    closefrom(WAY_FD + 1);
    TRY(thread_start("lifeline", lifeline, NULL, &thread));
    (void)pthread_detach(thread);
    *fd = WAY_FD;
    return RC_OK;
}
