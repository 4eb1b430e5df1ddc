/* Shuts in the processes that hold the CA key or fork those that do: prctl, and system calls refused by seccomp. */
#include "pki/signer/signer_cage.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/os.h"

#if defined(__x86_64__)
#define ARCH      AUDIT_ARCH_X86_64
#define FOREIGN   0x40000000 /* from here on: x32, other numbers for the same calls */
#define OWN_CALLS CALL(open) CALL(creat) CALL(fork) CALL(vfork) CALL(rename) CALL(unlink) CALL(mkdir)
#define OWN_TALK  CALL(poll) CALL(time)
#elif defined(__aarch64__)
#define ARCH    AUDIT_ARCH_AARCH64
#define FOREIGN 0x40000000
#define OWN_CALLS
#define OWN_TALK
#else
#define ARCH    0
#define FOREIGN 0x40000000
#define OWN_CALLS
#define OWN_TALK
#endif

#define CALL(name) __NR_##name,

/* What neither a key nor a driver needs, and who has taken over a process does. */
static const int never[] = {
    CALL(ptrace) CALL(process_vm_readv) CALL(process_vm_writev) CALL(bpf) CALL(perf_event_open) CALL(userfaultfd)
        CALL(io_uring_setup) CALL(io_uring_enter) CALL(io_uring_register) CALL(mount) CALL(umount2) CALL(pivot_root)
            CALL(chroot) CALL(setns) CALL(unshare) CALL(init_module) CALL(finit_module) CALL(delete_module)
                CALL(kexec_load) CALL(keyctl) CALL(add_key) CALL(request_key) CALL(open_by_handle_at) CALL(swapon)
                    CALL(reboot) CALL(acct) CALL(quotactl) CALL(setuid) CALL(setgid) CALL(setresuid) CALL(setresgid)
                        CALL(setreuid) CALL(setregid) CALL(setfsuid) CALL(setfsgid) CALL(setgroups)
                            CALL(kexec_file_load) CALL(pidfd_getfd) CALL(process_madvise) CALL(fsopen) CALL(fsconfig)
                                CALL(fsmount) CALL(fspick) CALL(move_mount) CALL(open_tree) CALL(mount_setattr)};

static const int programs[] = {CALL(execve) CALL(execveat)};

/* In the cage of a key in a file these are no mistake of a library's. */
static const int outside[] = {CALL(socket) CALL(socketpair) CALL(connect) CALL(bind) CALL(listen) CALL(accept4)
                                  CALL(accept) CALL(openat) CALL(openat2) CALL(linkat) CALL(unlinkat) CALL(renameat2)
                                      CALL(mkdirat) CALL(mknodat) CALL(symlinkat) CALL(truncate) CALL(clone)
                                          CALL(clone3) CALL(kill) CALL(memfd_create) OWN_CALLS};

static const int inside[] = {
    CALL(read) CALL(write) CALL(writev) CALL(readv) CALL(close) CALL(recvfrom) CALL(recvmsg) CALL(sendto) CALL(sendmsg)
        CALL(ppoll) CALL(munmap) CALL(mremap) CALL(madvise) CALL(brk) CALL(mlock) CALL(munlock) CALL(futex)
            CALL(clock_gettime) CALL(clock_nanosleep) CALL(nanosleep) CALL(gettimeofday) CALL(getrandom) CALL(exit)
                CALL(exit_group) CALL(rt_sigaction) CALL(rt_sigprocmask) CALL(rt_sigreturn) CALL(sigaltstack)
                    CALL(getpid) CALL(gettid) CALL(getppid) CALL(sched_yield) CALL(restart_syscall) CALL(fstat)
                        OWN_TALK};

/* New memory is for data. */
static const int memory[] = {CALL(mmap) CALL(mprotect)};

struct program {
    struct sock_filter code[512];
    size_t len;
};

static void put(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no) {
    if (p->len < sizeof p->code / sizeof p->code[0])
        p->code[p->len] = (struct sock_filter){code, yes, no, k};
    p->len++;
}

static void answer(struct program *p, uint32_t what) {
    put(p, BPF_RET | BPF_K, what, 0, 0);
}

static void each(struct program *p, const int *calls, size_t size, uint32_t what) {
    for (size_t i = 0; i < size / sizeof *calls; i++) {
        put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i], 0, 1);
        answer(p, what);
    }
}

static void put_memory(struct program *p) {
    for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++) {
        put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)memory[i], 0, 4);
        put(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2]), 0,
            0); /* the low half: both are little-endian */
        put(p, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1);
        answer(p, SECCOMP_RET_TRAP);
        answer(p, SECCOMP_RET_ALLOW);
    }
}

/* The call is allowed when the low half of its first argument fits, else trapped; the number stands in the accumulator
   before and, where it is another call, after. */
static void put_first(struct program *p, int call, uint16_t test, uint32_t value, bool fits) {
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4);
    put(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]), 0, 0);
    put(p, (uint16_t)(BPF_JMP | test | BPF_K), value, fits ? 0 : 1, fits ? 1 : 0);
    answer(p, SECCOMP_RET_ALLOW);
    answer(p, SECCOMP_RET_TRAP);
}

/* Threads and processes, but in no namespace of their own; clone3 hides its flags, and a libc does without it. */
static void put_clone(struct program *p) {
    put_first(p, __NR_clone, BPF_JSET,
              CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
              false);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, __NR_clone3, 0, 1);
    answer(p, SECCOMP_RET_ERRNO | ENOSYS);
}

static void build(struct program *p, enum cage cage) {
    put(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
    answer(p, SECCOMP_RET_KILL_PROCESS);
    put(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
    put(p, BPF_JMP | BPF_JGE | BPF_K, FOREIGN, 0, 1);
    answer(p, SECCOMP_RET_KILL_PROCESS);
    each(p, never, sizeof never, SECCOMP_RET_TRAP);
    if (cage != CAGE_PARENT)
        each(p, programs, sizeof programs, SECCOMP_RET_TRAP);
    if (cage != CAGE_FILE) {
        put_clone(p);
        answer(p, SECCOMP_RET_ALLOW);
        return;
    }
    put_first(p, __NR_tgkill, BPF_JEQ, (uint32_t)getpid(), true); /* abort() */
    each(p, inside, sizeof inside, SECCOMP_RET_ALLOW);
    each(p, outside, sizeof outside, SECCOMP_RET_TRAP);
    put_memory(p);
    answer(p, SECCOMP_RET_ERRNO | ENOSYS); /* what a newer libc tries first, it does without */
}

static volatile int *refused_call;

static void on_refusal(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    *refused_call = info->si_syscall;
    _exit(SIGNER_REFUSED);
}

bool signer_cage_known(void) {
    return ARCH != 0;
}

enum rc signer_cage_lock(enum cage cage, volatile int *refused) {
    static struct program p;
    if (!signer_cage_known())
        return RC_OK;
    if (refused != NULL) {
        struct sigaction a = {.sa_sigaction = on_refusal, .sa_flags = SA_SIGINFO};
        refused_call = refused;
        (void)sigaction(SIGSYS, &a, NULL);
    }
    p.len = 0;
    build(&p, cage);
    if (p.len > sizeof p.code / sizeof p.code[0])
        FAIL(RC_BUG, "a cage of %zu bars", p.len);
    const struct sock_fprog prog = {(unsigned short)p.len, p.code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) != 0)
        FAIL(RC_IO, "seccomp: %s", strerror(errno));
    return RC_OK;
}

bool signer_cage_harden(int parent) {
    os_guard();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return getppid() == parent;
}

static void close_between(int from, int to) {
    if (from <= to)
        close_range((unsigned)from, (unsigned)to, 0);
}

void signer_cage_keep(int fd, int other) {
    int low = fd < other ? fd : other, high = fd < other ? other : fd;
    low = low < STDERR_FILENO ? STDERR_FILENO : low;
    high = high < STDERR_FILENO ? STDERR_FILENO : high;
    close_between(STDERR_FILENO + 1, low - 1);
    close_between(low + 1, high - 1);
    close_range((unsigned)high + 1, ~0u, 0);
}
