/* The server's end of its talk with the parent of the helpers: forks it or calls the service, hears and gives orders.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pki/signer/signer_service.h"
#include "pki/signer/signer_wire.h"

#define REAP_TRIES   500 /* the parent gives its helpers a second to end by themselves */
#define REAP_STEP_US 5000

enum rc signer_link_fork(const struct signer_config *cfg, struct signer_link *out) {
    int pair[2], self = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        FAIL(RC_IO, "socketpair: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        signer_service_forked(pair[1], cfg, self);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        FAIL(RC_IO, "fork: %s", strerror(errno));
    }
    *out = (struct signer_link){.fd = pair[0], .pid = pid};
    return RC_OK;
}

/* Waits for nobody: a service takes who calls at once. */
enum rc signer_link_connect(struct signer_link *l) {
    struct sockaddr_un a;
    TRY(signer_channel_address(l->path, &a));
    AUTO_FD fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
        FAIL(RC_NETWORK, "%s: %s", l->path, strerror(errno));
    l->fd = fd;
    fd = -1;
    return RC_OK;
}

/* The descriptor that came along; others, which nobody sends, are closed. */
static int take_fd(struct msghdr *m) {
    int fd = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        if (fd >= 0)
            close(fd);
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    }
    return fd;
}

enum rc signer_link_hear(const struct signer_link *l, int wait_ms, struct signer_note *note, int *fd) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {note, sizeof *note};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    int ready = poll(&p, 1, wait_ms);
    if (ready == 0 || (ready < 0 && errno == EINTR))
        FAIL(RC_BUSY, "nothing was said");
    ssize_t got = recvmsg(l->fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        FAIL(RC_BUSY, "nothing was said");
    *fd = got > 0 ? take_fd(&m) : -1;
    if (got == sizeof *note) {
        note->text[sizeof note->text - 1] = '\0';
        return RC_OK;
    }
    fs_fd_free(fd);
    FAIL(RC_NETWORK, "the other end is closed");
}

void signer_link_order(const struct signer_link *l, enum signer_wish wish, uint32_t id) {
    const struct signer_order o = {wish, id};
    if (l->fd >= 0)
        (void)send(l->fd, &o, sizeof o, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void signer_link_close(struct signer_link *l) {
    fs_fd_free(&l->fd);
    l->fd = -1;
    for (int tries = 0; l->pid > 0; tries++) {
        if (tries == REAP_TRIES)
            kill(l->pid, SIGKILL);
        if (waitpid(l->pid, NULL, tries < REAP_TRIES ? WNOHANG : 0) != 0)
            l->pid = 0;
        else
            usleep(REAP_STEP_US);
    }
}
