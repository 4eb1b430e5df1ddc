/* The pool of helper processes as the server sees it: takes a free channel, asks, waits, gives it back. */
#include "pki/signer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pki/pubkey.h"
#include "pki/signer_wire.h"

#define HELPERS_MAX   64
#define READY_SECONDS 30 /* a network HSM may take its time to log in */
#define SIGN_SECONDS  10
#define REAP_TRIES    200
#define REAP_STEP_US  5000

struct helper {
    int fd; /* -1: its helper is gone */
    pid_t pid;
    bool taken;
};

struct signer {
    pthread_mutex_t lock; /* over helpers[].taken and .fd */
    pthread_cond_t freed;
    struct helper helpers[HELPERS_MAX];
    int count;
    struct span alg;
};

static void set_timeout(int fd, int seconds) {
    const struct timeval t = {.tv_sec = seconds};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

static enum rc start(const struct signer_config *cfg, struct helper *c) {
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
    *c = (struct helper){.fd = pair[0], .pid = pid};
    return RC_OK;
}

/* The next packet. RC_BUSY: the helper is dead or does not answer in time, so the channel is of no use any more. */
static enum rc hear(int fd, struct signer_tell *t) {
    ssize_t got;
    do
        got = recv(fd, t, sizeof *t, 0);
    while (got < 0 && errno == EINTR);
    if (got < (ssize_t)offsetof(struct signer_tell, bytes) || t->len > sizeof t->bytes ||
        (size_t)got != offsetof(struct signer_tell, bytes) + t->len)
        FAIL(RC_BUSY, "the signing helper %s", got < 0 ? "does not answer" : "is gone");
    return RC_OK;
}

static enum rc told(const struct signer_tell *t) {
    return t->rc == RC_OK ? RC_OK : err_set((enum rc)t->rc, "%.*s", (int)t->len, (const char *)t->bytes);
}

static enum rc wait_ready(struct helper *c) {
    struct signer_tell t;
    if (hear(c->fd, &t) != RC_OK)
        FAIL(RC_IO, "a signing helper did not start");
    TRY(told(&t));
    set_timeout(c->fd, SIGN_SECONDS);
    return RC_OK;
}

/* One after the other: a wrong PIN costs the CA's token one try, not one for each helper. */
static enum rc start_all(const struct signer_config *cfg, struct signer *s) {
    for (int i = 0; i < cfg->helpers; i++) {
        TRY(start(cfg, &s->helpers[i]));
        s->count++;
        TRY(wait_ready(&s->helpers[i]));
    }
    return RC_OK;
}

enum rc signer_open(const struct signer_config *cfg, struct signer **out) {
    struct cert ca;
    if (cfg->helpers < 1 || cfg->helpers > HELPERS_MAX)
        FAIL(RC_USAGE, "1 to %d signing helpers, not %d", HELPERS_MAX, cfg->helpers);
    TRY(cert_parse(cfg->ca_der, &ca));
    AUTO_PTR(signer) s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->freed, NULL);
    s->alg = sig_alg_of(ca.facts.key_kind, HASH_SHA256);
    TRY(start_all(cfg, s));
    *out = MOVE(s);
    return RC_OK;
}

/* A helper ends at the end of its channel. One that hangs in a token's driver does not: it has had its time. */
static void reap(pid_t pid) {
    for (int tries = 0; tries < REAP_TRIES; tries++) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return;
        usleep(REAP_STEP_US);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

void signer_free(struct signer *s) {
    if (s == NULL)
        return;
    for (int i = 0; i < s->count; i++)
        if (s->helpers[i].fd >= 0)
            close(s->helpers[i].fd);
    for (int i = 0; i < s->count; i++)
        reap(s->helpers[i].pid);
    pthread_cond_destroy(&s->freed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* Waits for a channel that nobody uses; NULL when every helper is gone. */
static struct helper *take(struct signer *s) {
    struct helper *found = NULL;
    int alive;
    pthread_mutex_lock(&s->lock);
    do {
        alive = 0;
        for (int i = 0; i < s->count && found == NULL; i++) {
            alive += s->helpers[i].fd >= 0;
            if (s->helpers[i].fd >= 0 && !s->helpers[i].taken)
                found = &s->helpers[i];
        }
        if (found == NULL && alive > 0)
            pthread_cond_wait(&s->freed, &s->lock);
    } while (found == NULL && alive > 0);
    if (found != NULL)
        found->taken = true;
    pthread_mutex_unlock(&s->lock);
    return found;
}

/* The last channel that is dropped must wake everybody who waits for one. */
static void give_back(struct signer *s, struct helper *c, bool usable) {
    pthread_mutex_lock(&s->lock);
    c->taken = false;
    if (!usable) {
        close(c->fd);
        c->fd = -1;
        pthread_cond_broadcast(&s->freed);
    } else {
        pthread_cond_signal(&s->freed);
    }
    pthread_mutex_unlock(&s->lock);
}

static enum rc ask(int fd, const struct signer_request *req, struct signer_tell *t) {
    struct signer_ask head = {(uint32_t)req->old_cert.len, (uint32_t)req->tbs.len, req->contract_end};
    struct iovec parts[] = {
        {&head, sizeof head}, {p11_arg(req->old_cert.ptr), req->old_cert.len}, {p11_arg(req->tbs.ptr), req->tbs.len}};
    const struct msghdr m = {.msg_iov = parts, .msg_iovlen = 3};
    ssize_t sent;
    do
        sent = sendmsg(fd, &m, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        FAIL(RC_BUSY, "the signing helper takes no request: %s", strerror(errno));
    return hear(fd, t);
}

enum rc signer_sign(struct signer *s, const struct signer_request *req, struct buf *signature) {
    struct signer_tell t;
    if (req->old_cert.len > CERT_LIMIT || req->tbs.len > CERT_LIMIT)
        FAIL(RC_LIMIT, "more than %d bytes of certificate", CERT_LIMIT);
    struct helper *c = take(s);
    if (c == NULL)
        FAIL(RC_BUSY, "no signing helper is alive: the service has to be restarted");
    enum rc rc = ask(c->fd, req, &t);
    give_back(s, c, rc == RC_OK);
    TRY(rc);
    TRY(told(&t));
    return buf_add(signature, t.bytes, t.len);
}

struct span signer_alg(const struct signer *s) {
    return s->alg;
}

/* A helper never speaks first: what can be read on an idle channel is its end. */
static bool hung_up(int fd) {
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

int signer_alive(const struct signer *s) {
    struct signer *all = p11_arg(s);
    int alive = 0;
    pthread_mutex_lock(&all->lock);
    for (int i = 0; i < s->count; i++)
        alive += s->helpers[i].fd >= 0 && (s->helpers[i].taken || !hung_up(s->helpers[i].fd));
    pthread_mutex_unlock(&all->lock);
    return alive;
}
