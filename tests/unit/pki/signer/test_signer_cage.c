/* The cages: what a process near the CA key may not do any more, tried out by a child in each of them. */
#include "unit/pki/signer/signer_world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pki/signer/signer_cage.h"

static volatile int *refused;

static int setup(void **state) {
    void *page = mmap(NULL, sizeof *refused, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(page != MAP_FAILED);
    refused = page;
    return signer_world_setup(state);
}

/* The wait status of a child that does that in a cage. It ends with 0 when it may, with 1 when the call fails. */
static int status_in(enum cage cage, bool (*act)(void)) {
    int status;
    *refused = 0;
    pid_t child = fork();
    if (child == 0) {
        if (signer_cage_lock(cage, refused) != RC_OK)
            _exit(9);
        _exit(act() ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void may(enum cage cage, bool (*act)(void)) {
    assert_int_equal(status_in(cage, act), 0);
}

static void may_not(enum cage cage, bool (*act)(void), int call) {
    int status = status_in(cage, act);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == SIGNER_REFUSED);
    assert_int_equal(*refused, call);
}

static bool opens_a_file(void) {
    return syscall(__NR_openat, AT_FDCWD, "/dev/null", O_RDONLY) >= 0;
}

static bool opens_a_socket(void) {
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool starts_a_program(void) {
    char *const argv[] = {(char[]){"true"}, NULL};
    (void)execve("/bin/true", argv, NULL);
    return false;
}

static bool looks_into_another(void) {
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool maps_code(void) {
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool asks_what_it_has_not(void) {
    return syscall(__NR_sysinfo, NULL) == -1 && errno == ENOSYS;
}

static bool takes_memory(void) {
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool signs(void) {
    AUTO(buf) signature = {0};
    return key_sign(world.new_key, buf_span(&signer_tbs), &signature) == RC_OK;
}

#ifdef __x86_64__
static bool calls_by_foreign_numbers(void) { /* x32: the same calls, 0x40000000 higher */
    return syscall(0x40000000 | __NR_getpid) > 0;
}
#endif

static void a_key_in_a_file_needs_nothing_outside(void **state) {
    (void)state;
    may(CAGE_FILE, signs);
    may(CAGE_FILE, takes_memory);
    may(CAGE_FILE, asks_what_it_has_not);
    may_not(CAGE_FILE, opens_a_file, __NR_openat);
    may_not(CAGE_FILE, opens_a_socket, __NR_socket);
    may_not(CAGE_FILE, starts_a_program, __NR_execve);
    may_not(CAGE_FILE, looks_into_another, __NR_ptrace);
    may_not(CAGE_FILE, maps_code, __NR_mmap);
}

static void a_driver_opens_files_and_sockets_but_starts_nothing(void **state) {
    (void)state;
    may(CAGE_TOKEN, opens_a_file);
    may(CAGE_TOKEN, opens_a_socket);
    may(CAGE_TOKEN, maps_code);
    may_not(CAGE_TOKEN, starts_a_program, __NR_execve);
    may_not(CAGE_TOKEN, looks_into_another, __NR_ptrace);
    may(CAGE_PARENT, starts_a_program); /* some drivers do, while they begin */
    may_not(CAGE_PARENT, looks_into_another, __NR_ptrace);
}

static void no_detour_by_other_numbers(void **state) {
    (void)state;
#ifdef __x86_64__
    int status = status_in(CAGE_TOKEN, calls_by_foreign_numbers);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
#else
    skip();
#endif
}

/* A crash leaves no core, others cannot look in, and no program gives more rights. */
static void hardened(void **state) {
    (void)state;
    int status, self = getpid();
    pid_t child = fork();
    if (child == 0) {
        struct rlimit core;
        bool good = signer_cage_harden(self) && prctl(PR_GET_DUMPABLE) == 0 &&
                    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && getrlimit(RLIMIT_CORE, &core) == 0 &&
                    core.rlim_cur == 0 && core.rlim_max == 0;
        if (!good)
            _exit(9);
        abort();
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && !WCOREDUMP(status));
}

/* The real ones are in theirs: the system says so. */
static void helpers_and_their_parent_are_shut_in(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(1);
    pid_t pids[16], parent[16];
    AUTO_PTR(signer) s = NULL;
    MUST_OK(signer_open(&cfg, &s));
    assert_int_equal(signer_world_helpers(pids), 1);
    assert_int_equal(signer_world_children(getpid(), parent), 1);
    pids[1] = parent[0];
    for (int i = 0; i < 2; i++) {
        char path[64];
        AUTO(buf) text = {0};
        snprintf(path, sizeof path, "/proc/%d/status", (int)pids[i]);
        MUST_OK(fs_read(path, 8192, &text));
        assert_non_null(strstr(buf_str(&text), "\nNoNewPrivs:\t1\n"));
        assert_non_null(strstr(buf_str(&text), "\nSeccomp:\t2\n"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_in_a_file_needs_nothing_outside),
        cmocka_unit_test(a_driver_opens_files_and_sockets_but_starts_nothing),
        cmocka_unit_test(no_detour_by_other_numbers),
        cmocka_unit_test(hardened),
        cmocka_unit_test(helpers_and_their_parent_are_shut_in),
    };
    return cmocka_run_group_tests(tests, setup, signer_world_teardown);
}
