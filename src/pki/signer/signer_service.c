/* The loop of the helpers' parent: signals, the server it works for, and in a service who calls and whether he may. */
#include "pki/signer/signer_service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "pki/key/key.h"
#include "pki/signer/signer_cage.h"
#include "pki/signer/signer_late.h"
#include "pki/signer/signer_parent.h"
#include "pki/signer/signer_wire.h"

#define CALLERS 8

struct loop {
    struct signer_parent *parent;
    const struct signer_service *service; /* NULL: a child of the server */
    const struct signer_config *cfg;
    int signals, client, door; /* the service's socket */
    struct signer_chain *chain;
    int lines;   /* our end of its channel; -1: nobody has the other */
    int wait_ms; /* until the parent has something to do */
    bool over;
};

static enum rc take_signals(int *fd) {
    sigset_t all;
    sigemptyset(&all);
    sigaddset(&all, SIGCHLD);
    sigaddset(&all, SIGTERM);
    sigaddset(&all, SIGINT);
    sigaddset(&all, SIGHUP);
    sigprocmask(SIG_SETMASK, &all, NULL);
    *fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    return *fd >= 0 ? RC_OK : err_set(RC_IO, "signalfd: %s", strerror(errno));
}

/* Signals of the terminal and of the service manager are the server's business when this is its child: it still needs
   signatures while it finishes. */
static void on_signals(struct loop *l) {
    struct signalfd_siginfo i;
    const struct signer_order retry = {WISH_RETRY, 0};
    while (read(l->signals, &i, sizeof i) == (ssize_t)sizeof i) {
        if (l->service == NULL || i.ssi_signo == SIGCHLD)
            continue;
        if (i.ssi_signo == SIGHUP)
            signer_parent_order(l->parent, &retry);
        else
            l->over = true;
    }
}

/* Who has the server's end has the audit's lines linked. */
static void serve(struct loop *l, int client) {
    int pair[2];
    l->client = client;
    fs_fd_free(&l->lines);
    l->lines = -1;
    signer_parent_serve(l->parent, client);
    if (client < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return;
    l->lines = pair[0];
    if (signer_channel_room(pair[1], CHAIN_PACKET) == RC_OK) /* without it says that we are away, which is as good */
        signer_parent_give_chain(l->parent, pair[1]);
    close(pair[1]);
}

/* True: *tell is to be sent. */
static bool take_packet(const struct loop *l, struct span packet, struct chain_tell *tell) {
    struct chain_ask ask;
    if (packet.len >= sizeof ask) {
        memcpy(&ask, packet.ptr, sizeof ask);
        if (ask.word == CHAIN_LATE) {
            signer_late_take(l->cfg, signer_parent_journal(l->parent), packet, tell);
            return true;
        }
    }
    return signer_chain_take(l->chain, packet, tell);
}

static void on_lines(struct loop *l) {
    static uint8_t packet[CHAIN_PACKET];
    struct chain_tell tell;
    ssize_t got = recv(l->lines, packet, sizeof packet, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        fs_fd_free(&l->lines);
        l->lines = -1;
    } else if (take_packet(l, span_of(packet, (size_t)got), &tell)) {
        (void)send(l->lines, &tell, sizeof tell, MSG_NOSIGNAL | MSG_DONTWAIT); /* who does not hear asks again */
    }
}

static void on_client(struct loop *l) {
    struct signer_order o;
    ssize_t got = recv(l->client, &o, sizeof o, MSG_DONTWAIT);
    if (got == (ssize_t)sizeof o)
        signer_parent_order(l->parent, &o);
    if (got == (ssize_t)sizeof o || (got < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    close(l->client);
    l->over = l->over || l->service == NULL;
    serve(l, -1);
}

static void send_failure(int fd, enum rc rc, const char *text) {
    struct signer_note n = {.news = NEWS_STATE, .rc = rc};
    (void)snprintf(n.text, sizeof n.text, "%s", text);
    (void)send(fd, &n, sizeof n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void send_away(const struct loop *l, int fd, enum rc rc, const char *text) {
    const struct signer_event e = {"signer-caller-refused", false, text};
    send_failure(fd, rc, text);
    if (l->cfg->tell != NULL)
        l->cfg->tell(&e);
}

static void on_door(struct loop *l) {
    char text[128];
    struct ucred who;
    socklen_t len = sizeof who;
    AUTO_FD fd = accept4(l->door, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
        return;
    if (who.uid != l->service->peer) {
        (void)snprintf(text, sizeof text, "the signer service does not serve user %u: see signer_peer",
                       (unsigned)who.uid);
        send_away(l, fd, RC_REFUSED, text);
        return;
    }
    if (l->client >= 0) {
        send_away(l, fd, RC_BUSY, "the signer service serves another capbud already");
        return;
    }
    serve(l, fd);
    fd = -1;
}

/* The server's end comes before the door: who starts again at once is not refused for what it was. */
static void turn(struct loop *l) {
    struct pollfd p[4 + SIGNER_EARS] = {{.fd = l->signals, .events = POLLIN},
                                        {.fd = l->client, .events = POLLIN},
                                        {.fd = l->door, .events = POLLIN},
                                        {.fd = l->lines, .events = POLLIN}};
    if (poll(p, 4 + signer_parent_ears(l->parent, p + 4), l->wait_ms) > 0) {
        if (p[0].revents != 0)
            on_signals(l);
        if (p[3].revents != 0)
            on_lines(l);
        if (p[1].revents != 0)
            on_client(l);
        if (p[2].revents != 0)
            on_door(l);
    }
    l->wait_ms = signer_parent_step(l->parent);
}

/* Until all helpers are there; the first that fails ends it. */
static enum rc begin(struct loop *l) {
    TRY(take_signals(&l->signals));
    TRY(signer_cage_lock(key_on_token(l->cfg->key_ref) ? CAGE_PARENT : CAGE_TOKEN, NULL));
    enum rc rc = signer_parent_new(l->cfg, &l->parent);
    if (rc != RC_OK && l->client >= 0)
        send_failure(l->client, rc, err_text());
    TRY(rc);
    TRY(signer_chain_new(signer_parent_seal(l->parent), &l->chain));
    if (l->client >= 0)
        serve(l, l->client);
    while ((rc = signer_parent_began(l->parent)) == RC_BUSY && !l->over)
        turn(l);
    return l->over ? RC_OK : rc;
}

_Noreturn void signer_service_forked(int client, const struct signer_config *cfg, int server) {
    struct loop l = {.cfg = cfg, .signals = -1, .client = client, .door = -1, .lines = -1};
    bool alive = signer_cage_harden(server);
    (void)prctl(PR_SET_NAME, "capbud-signers");
    signer_cage_keep(client, -1);
    enum rc rc = alive ? begin(&l) : RC_IO;
    while (rc == RC_OK && !l.over)
        turn(&l);
    signer_parent_free(l.parent);
    _exit(rc == RC_OK ? 0 : 1);
}

/* What lies at the path may be left by a service that was killed: then nobody answers there. */
static enum rc make_room(const struct sockaddr_un *a) {
    struct stat st;
    if (lstat(a->sun_path, &st) != 0)
        return RC_OK;
    if (!S_ISSOCK(st.st_mode))
        FAIL(RC_EXISTS, "signer_socket: %s is there and is no socket", a->sun_path);
    AUTO_FD fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && (connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 || errno == EAGAIN))
        FAIL(RC_BUSY, "another capbud --signer listens at %s", a->sun_path);
    (void)unlink(a->sun_path);
    return RC_OK;
}

/* Others may knock, and are told why they are not served; without a user of its own for the server nobody else may. */
static enum rc open_door(struct loop *l) {
    struct sockaddr_un a;
    const char *path = l->service->path;
    TRY(signer_channel_address(path, &a));
    TRY(make_room(&a));
    l->door = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(l->service->peer == geteuid() ? 0177 : 0111);
    bool bound = l->door >= 0 && bind(l->door, (struct sockaddr *)&a, sizeof a) == 0;
    int why = errno;
    (void)umask(before);
    if (!bound)
        FAIL(RC_IO, "signer_socket: %s: %s", path, strerror(why));
    if (listen(l->door, CALLERS) != 0)
        FAIL(RC_IO, "signer_socket: %s: %s", path, strerror(errno));
    return RC_OK;
}

enum rc signer_service_run(const struct signer_service *in) {
    struct loop l = {.cfg = in->cfg, .service = in, .signals = -1, .client = -1, .door = -1, .lines = -1};
    (void)signer_cage_harden(getppid());
    (void)prctl(PR_SET_PDEATHSIG, 0); /* it outlives the shell that started it */
    enum rc rc = begin(&l);
    if (rc == RC_OK && !l.over)
        rc = open_door(&l);
    if (rc == RC_OK && !l.over)
        in->ready();
    while (rc == RC_OK && !l.over)
        turn(&l);
    if (l.door >= 0)
        (void)unlink(in->path);
    signer_parent_free(l.parent);
    signer_chain_free(l.chain);
    fs_fd_free(&l.lines);
    fs_fd_free(&l.door);
    fs_fd_free(&l.client);
    fs_fd_free(&l.signals);
    return rc;
}
