/* POSIX and Linux: environment, clock, wiping, locked memory. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"

const char *os_env(const char *name) {
    return getenv(name);
}

int64_t os_clock_ms(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void os_pause_ms(int64_t ms) {
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

void os_cond_init(pthread_cond_t *c) {
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(c, &attr);
    pthread_condattr_destroy(&attr);
}

bool os_cond_wait(pthread_cond_t *c, pthread_mutex_t *lock, int64_t until_ms) {
    struct timespec t = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    return pthread_cond_timedwait(c, lock, &t) == 0;
}

bool os_writable(int fd, int ms) {
    return poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, ms) != 0;
}

const void *os_loopback(void) {
    static struct sockaddr_in address;

    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return &address;
}

void os_wipe(void *memory, size_t len) {
    explicit_bzero(memory, len);
}

void os_guard(void) {
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)signal(SIGPIPE, SIG_IGN);
}

size_t os_page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

static atomic_bool locked = true;

bool os_pages_locked(void) {
    return locked;
}

enum rc os_page_new(char **page) {
    size_t size = os_page_size();
    char *text = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (text == MAP_FAILED)
        FAIL(RC_IO, "no memory for a secret: %s", strerror(errno));
    locked &= mlock(text, size) == 0; /* some containers and terminal servers let nobody: no reason to refuse */
    if (madvise(text, size, MADV_DONTDUMP) != 0) {
        int why = errno;
        munmap(text, size);
        FAIL(RC_IO, "no memory for a secret: %s", strerror(why));
    }
    *page = text;
    return RC_OK;
}

void os_page_free(char *page) {
    os_wipe(page, os_page_size());
    munmap(page, os_page_size());
}

int os_files(int wanted) {
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0)
        return wanted;
    if (l.rlim_cur < (rlim_t)wanted) {
        rlim_t before = l.rlim_cur;
        l.rlim_cur = l.rlim_max < (rlim_t)wanted ? l.rlim_max : (rlim_t)wanted;
        if (setrlimit(RLIMIT_NOFILE, &l) != 0)
            l.rlim_cur = before;
    }
    return l.rlim_cur < (rlim_t)wanted ? (int)l.rlim_cur : wanted;
}
