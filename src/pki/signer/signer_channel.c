/* One helper process seen from the server: forked, asked a packet of requests at a time, heard, reaped. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "p11/module.h"
#include "pki/signer/signer_wire.h"

#define READY_SECONDS 30 /* a network HSM may take its time to log in */
#define SIGN_SECONDS  10 /* without a word: a helper that is slow tells each signature as it is made */
#define REAP_TRIES    200
#define REAP_STEP_US  5000

static void set_timeout(int fd, long seconds) {
    const struct timeval t = {.tv_sec = seconds};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

enum rc signer_channel_open(const struct signer_config *cfg, struct signer_channel *out) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        FAIL(RC_IO, "socketpair: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        signer_helper_run(pair[1], cfg);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        FAIL(RC_IO, "fork: %s", strerror(errno));
    }
    set_timeout(pair[0], READY_SECONDS);
    *out = (struct signer_channel){.fd = pair[0], .pid = pid};
    return RC_OK;
}

bool signer_tell_read(struct span *packet, struct signer_tell *t) {
    if (packet->len < SIGNER_TELL_HEAD)
        return false;
    memcpy(t, packet->ptr, SIGNER_TELL_HEAD);
    if (t->len > sizeof t->bytes || t->len > packet->len - SIGNER_TELL_HEAD)
        return false;
    memcpy(t->bytes, packet->ptr + SIGNER_TELL_HEAD, t->len);
    *packet = span_of(packet->ptr + SIGNER_TELL_HEAD + t->len, packet->len - SIGNER_TELL_HEAD - t->len);
    return true;
}

/* The next packet, of `count` tells at most. RC_NETWORK: the helper is dead; RC_BUSY: it does not answer in time. */
static enum rc hear(int fd, size_t count, uint8_t *packet, struct span *heard) {
    ssize_t got;
    do
        got = recv(fd, packet, count * sizeof(struct signer_tell), 0);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        FAIL(RC_BUSY, "the signing helper does not answer");
    if (got <= 0)
        FAIL(RC_NETWORK, "the signing helper is gone");
    *heard = span_of(packet, (size_t)got);
    return RC_OK;
}

enum rc signer_channel_ready(struct signer_channel *c) {
    uint8_t packet[sizeof(struct signer_tell)];
    struct span heard;
    struct signer_tell t;
    if (hear(c->fd, 1, packet, &heard) != RC_OK || !signer_tell_read(&heard, &t))
        FAIL(RC_IO, "a signing helper did not start");
    if (t.rc != RC_OK)
        FAIL((enum rc)t.rc, "%.*s", (int)t.len, (const char *)t.bytes);
    set_timeout(c->fd, SIGN_SECONDS);
    return RC_OK;
}

static enum rc send_asks(int fd, struct signer_job *const *jobs, size_t count) {
    struct signer_ask heads[SIGNER_BATCH];
    struct iovec parts[SIGNER_BATCH][4];
    for (size_t i = 0; i < count; i++) {
        const struct signer_request *r = &jobs[i]->req;
        heads[i] = (struct signer_ask){(uint32_t)r->old_cert.len, (uint32_t)r->kur.len, (uint32_t)r->tbs.len};
        parts[i][0] = (struct iovec){&heads[i], sizeof heads[i]};
        parts[i][1] = (struct iovec){p11_arg(r->old_cert.ptr), r->old_cert.len};
        parts[i][2] = (struct iovec){p11_arg(r->kur.ptr), r->kur.len};
        parts[i][3] = (struct iovec){p11_arg(r->tbs.ptr), r->tbs.len};
    }
    const struct msghdr m = {.msg_iov = parts[0], .msg_iovlen = 4 * count};
    ssize_t sent;
    do
        sent = sendmsg(fd, &m, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        FAIL(errno == EPIPE || errno == ECONNRESET ? RC_NETWORK : RC_BUSY, "the signing helper takes no request: %s",
             strerror(errno));
    return RC_OK;
}

/* The text of this thread's last failure becomes the job's. */
static void settle(struct signer_job *job, enum rc rc) {
    job->rc = rc;
    job->orphaned = false;
    if (rc != RC_OK)
        (void)snprintf(job->text, sizeof job->text, "%s", err_text());
}

/* The answers of a packet. RC_BUSY: it is none; what the helper says from then on belongs to nobody. */
static enum rc take_tells(struct span heard, struct signer_job *const *jobs, size_t count, size_t *answered) {
    struct signer_tell t;
    while (heard.len > 0 && *answered < count) {
        if (!signer_tell_read(&heard, &t))
            FAIL(RC_BUSY, "the signing helper answers something else than it was asked");
        struct signer_job *job = jobs[(*answered)++];
        settle(job, t.rc == RC_OK ? buf_add(&job->signature, t.bytes, t.len)
                                  : err_set((enum rc)t.rc, "%.*s", (int)t.len, (const char *)t.bytes));
    }
    return RC_OK;
}

/* What is without an answer may be asked of another helper if this one died; for good if it never got it. */
static void give_up(struct signer_job *job, enum rc rc, bool sent) {
    settle(job, RC_BUSY);
    job->orphaned = rc == RC_NETWORK;
    job->deaths += job->orphaned && sent;
}

bool signer_channel_ask(struct signer_channel *c, struct signer_job *const *jobs, size_t count) {
    uint8_t packet[SIGNER_BATCH * sizeof(struct signer_tell)];
    struct span heard = {0};
    size_t answered = 0;
    enum rc rc = send_asks(c->fd, jobs, count);
    bool sent = rc == RC_OK;
    while (rc == RC_OK && answered < count) {
        rc = hear(c->fd, count - answered, packet, &heard);
        if (rc == RC_OK)
            rc = take_tells(heard, jobs, count, &answered);
    }
    for (size_t i = answered; i < count; i++)
        give_up(jobs[i], rc, sent);
    return rc == RC_OK;
}

/* A helper never speaks first: what can be read on an idle channel is its end. */
bool signer_channel_hung_up(const struct signer_channel *c) {
    char byte;
    return recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

void signer_channel_drop(struct signer_channel *c) {
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

/* A helper ends at the end of its channel. One that hangs in a token's driver does not: it has had its time. */
void signer_channel_reap(struct signer_channel *c) {
    for (int tries = 0; tries < REAP_TRIES; tries++) {
        if (waitpid(c->pid, NULL, WNOHANG) != 0)
            return;
        usleep(REAP_STEP_US);
    }
    kill(c->pid, SIGKILL);
    waitpid(c->pid, NULL, 0);
}
