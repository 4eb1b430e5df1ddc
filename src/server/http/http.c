/* One epoll for all sockets, and threads that wait at it: whoever wakes takes one socket, goes on with its connection
   as far as it can, handler included, and gives it back. So a silent connection costs no thread, a handler may wait,
   and no request changes hands. Threads are started when all are at work, and end when there is nothing for them. */
#include "server/http/http.h"

#include <errno.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/os.h"
#include "server/http/conn.h"

#define TLS_LIMIT  (64 * 1024)
#define BACKLOG    1024
#define ACCEPTS    64   /* in one go */
#define TICK_MS    200  /* how late a cut may be, and how long accepting pauses when there are no files */
#define TRIM_LEAST 256  /* so many connections fewer: their memory goes back to the system */
#define WAIT_MS    5000 /* a thread that has waited so long for nothing ends, */
#define WAITING    4    /* when so many others wait */
#define DRAIN_MS   10

struct worker {
    struct http *http;
    pthread_t thread;
    enum { WORKER_NONE, WORKER_RUNS, WORKER_ENDED } state; /* by the lock */
};

struct http {
    struct hall hall;
    int poll, listener, stop; /* `stop` can be read when all is over */
    atomic_bool paused;       /* the listener is not looked at until the next tick */
    atomic_int waiting;       /* threads at the epoll */
    pthread_mutex_t lock;
    struct worker workers[HTTP_THREADS];
    pthread_t ticker;
    bool ticking, over; /* `over` by the lock */
    int most, last;     /* connections since memory was given back, and a tick ago; the ticker's alone */
};

static void *work(void *arg);

/* By the lock. NULL: there are enough. */
static struct worker *worker_spare(struct http *h) {
    for (struct worker *w = h->workers; w < h->workers + HTTP_THREADS; w++)
        if (w->state != WORKER_RUNS)
            return w;
    return NULL;
}

static void worker_start(struct worker *w, struct http *h) {
    pthread_attr_t attr;

    if (w->state == WORKER_ENDED)
        pthread_join(w->thread, NULL);
    w->state = WORKER_NONE;
    w->http = h;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, HTTP_STACK);
    if (pthread_create(&w->thread, &attr, work, w) == 0)
        w->state = WORKER_RUNS;
    pthread_attr_destroy(&attr);
}

/* A thread must be left to wait for the others' sockets. None to be had: those that are there go on. */
static bool one_more(struct http *h) {
    pthread_mutex_lock(&h->lock);
    struct worker *w = h->over ? NULL : worker_spare(h);
    if (w != NULL)
        worker_start(w, h);
    bool started = w != NULL && w->state == WORKER_RUNS;
    pthread_mutex_unlock(&h->lock);
    return started;
}

static bool watch(struct http *h, int how, int fd, uint32_t events, void *what) {
    struct epoll_event e = {.events = events, .data.ptr = what};
    return epoll_ctl(h->poll, how, fd, &e) == 0;
}

static void listen_again(struct http *h, int how) {
    if (!atomic_load(&h->hall.closing))
        (void)watch(h, how, h->listener, EPOLLIN | EPOLLONESHOT, &h->listener);
}

static void welcome(struct http *h, int fd, const struct sockaddr_storage *from) {
    struct conn *c = NULL;
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (conn_new(&h->hall, fd, from, &c) != RC_OK)
        close(fd);
    else if (!watch(h, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLONESHOT, c))
        conn_free(c);
}

/* Without files or memory for another one, accepting pauses: it would fail again at once. */
static void accept_some(struct http *h) {
    struct sockaddr_storage from;

    for (int i = 0; i < ACCEPTS; i++) {
        socklen_t len = sizeof from;
        int fd = accept4(h->listener, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            welcome(h, fd, &from);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            repeats_log(&h->hall.repeats, "no-more-connections", strerror(errno));
            atomic_store(&h->paused, true);
            return;
        } else if (errno != ECONNABORTED && errno != EINTR) {
            break;
        }
    }
    listen_again(h, EPOLL_CTL_MOD);
}

static void go_on(struct http *h, struct conn *c, uint8_t *room) {
    static const uint32_t events[] = {
        [CONN_READ] = EPOLLIN, [CONN_WRITE] = EPOLLOUT, [CONN_EITHER] = EPOLLIN | EPOLLOUT};
    int fd = conn_fd(c);
    enum conn_want want = conn_run(c, room);

    if (want == CONN_OVER || !watch(h, EPOLL_CTL_MOD, fd, events[want] | EPOLLONESHOT, c))
        conn_free(c);
}

static void worker_end(struct worker *w) {
    pthread_mutex_lock(&w->http->lock);
    w->state = WORKER_ENDED;
    pthread_mutex_unlock(&w->http->lock);
}

static void *work(void *arg) {
    struct worker *w = arg;
    struct http *h = w->http;
    uint8_t room[CONN_ROOM];
    struct epoll_event e;

    for (;;) {
        atomic_fetch_add(&h->waiting, 1);
        int count = epoll_wait(h->poll, &e, 1, WAIT_MS);
        int left = atomic_fetch_sub(&h->waiting, 1) - 1;
        if ((count == 0 && left >= WAITING) || (count == 1 && e.data.ptr == &h->stop))
            break;
        if (count != 1)
            continue;
        if (left == 0)
            (void)one_more(h);
        if (e.data.ptr == &h->listener)
            accept_some(h);
        else
            go_on(h, e.data.ptr, room);
    }
    worker_end(w);
    return NULL;
}

/* What 10,000 connections needed stays with the process otherwise. When no more are leaving, once for all of them. */
static void give_back(struct http *h) {
    int count = crowd_count(h->hall.crowd), last = h->last;

    h->last = count;
    if (count > h->most)
        h->most = count;
    if (h->most - count < TRIM_LEAST || count < last)
        return;
    h->most = count;
    (void)malloc_trim(0);
}

static void *tick(void *arg) {
    struct http *h = arg;
    bool over = false;

    while (!over) {
        (void)poll(&(struct pollfd){.fd = h->stop, .events = POLLIN}, 1, TICK_MS);
        crowd_cut_late(h->hall.crowd, os_clock_ms());
        if (atomic_exchange(&h->paused, false))
            listen_again(h, EPOLL_CTL_MOD);
        give_back(h);
        repeats_tell(&h->hall.repeats, os_clock_ms());
        pthread_mutex_lock(&h->lock);
        over = h->over;
        pthread_mutex_unlock(&h->lock);
    }
    return NULL;
}

static enum rc address_find(const struct http_config *cfg, struct sockaddr_storage *out, socklen_t *len) {
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    char port[8];

    snprintf(port, sizeof port, "%u", (unsigned)cfg->port & 0xffff);
    int why = getaddrinfo(cfg->host, port, &hints, &list);
    if (why != 0)
        FAIL(RC_IO, "cannot listen on %s: %s; set another address in the listen line", cfg->host, gai_strerror(why));
    memcpy(out, list->ai_addr, list->ai_addrlen);
    *len = list->ai_addrlen;
    freeaddrinfo(list);
    return RC_OK;
}

static enum rc bind_to(struct http *h) {
    const struct http_config *cfg = &h->hall.cfg;
    struct sockaddr_storage addr = {0};
    socklen_t len = 0;
    int on = 1;

    TRY(address_find(cfg, &addr, &len));
    h->listener = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (h->listener >= 0)
        (void)setsockopt(h->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (h->listener >= 0 && addr.ss_family == AF_INET6)
        (void)setsockopt(h->listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (h->listener < 0 || bind(h->listener, (const struct sockaddr *)&addr, len) != 0 ||
        listen(h->listener, BACKLOG) != 0)
        FAIL(RC_IO, "cannot serve HTTPS on %s port %d: %s", cfg->host, cfg->port, strerror(errno));
    return RC_OK;
}

static enum rc tls_open(struct http *h) {
    AUTO(buf) pem = {0};
    enum rc rc = fs_read(h->hall.cfg.tls, TLS_LIMIT, &pem);

    if (rc == RC_OK)
        rc = tls_server_new(buf_span(&pem), &h->hall.tls);
    buf_wipe(&pem);
    return rc == RC_OK ? RC_OK : err_in(RC_IO, "TLS key and certificate %s", h->hall.cfg.tls);
}

static enum rc threads_start(struct http *h) {
    h->poll = epoll_create1(EPOLL_CLOEXEC);
    h->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (h->poll < 0 || h->stop < 0 || !watch(h, EPOLL_CTL_ADD, h->stop, EPOLLIN, &h->stop))
        FAIL(RC_IO, "cannot watch sockets: %s", strerror(errno));
    h->ticking = one_more(h) && pthread_create(&h->ticker, NULL, tick, h) == 0;
    if (!h->ticking)
        FAIL(RC_LIMIT, "a thread cannot be started");
    listen_again(h, EPOLL_CTL_ADD);
    return RC_OK;
}

enum rc http_start(const struct http_config *cfg, struct http **out) {
    AUTO_PTR(http) h = calloc(1, sizeof *h);

    if (h == NULL)
        FAIL(RC_LIMIT, "out of memory");
    h->hall.cfg = *cfg;
    h->listener = h->poll = h->stop = -1;
    pthread_mutex_init(&h->lock, NULL);
    repeats_open(&h->hall.repeats, "text");
    TRY(crowd_new(&(struct crowd_limits){cfg->max_connections, cfg->max_per_address, cfg->max_per_block},
                  &h->hall.crowd));
    TRY(tls_open(h));
    TRY(bind_to(h));
    TRY(threads_start(h));
    *out = MOVE(h);
    return RC_OK;
}

int http_port(const struct http *h) {
    struct sockaddr_storage addr = {0};
    socklen_t len = sizeof addr;

    if (getsockname(h->listener, (struct sockaddr *)&addr, &len) != 0)
        return h->hall.cfg.port;
    /* sin_port and sin6_port lie at the same place */
    return ntohs(((const struct sockaddr_in *)&addr)->sin_port);
}

enum rc http_drain(struct http *h, int patience_ms) {
    int64_t until_ms = os_clock_ms() + patience_ms;
    int busy;

    atomic_store(&h->hall.closing, true);
    shutdown(h->listener, SHUT_RDWR); /* refuses from now on; closed when no thread can look at it any more */
    while ((busy = atomic_load(&h->hall.busy)) > 0 && os_clock_ms() < until_ms)
        os_pause_ms(DRAIN_MS);
    if (busy > 0)
        FAIL(RC_BUSY, "%d requests are still under way", busy);
    return RC_OK;
}

static void threads_end(struct http *h) {
    pthread_mutex_lock(&h->lock);
    h->over = true;
    pthread_mutex_unlock(&h->lock);
    if (h->stop >= 0)
        (void)eventfd_write(h->stop, 1);
    for (struct worker *w = h->workers; w < h->workers + HTTP_THREADS; w++) {
        pthread_mutex_lock(&h->lock);
        bool there = w->state != WORKER_NONE;
        pthread_mutex_unlock(&h->lock);
        if (there)
            pthread_join(w->thread, NULL);
    }
    if (h->ticking)
        pthread_join(h->ticker, NULL);
}

void http_free(struct http *h) {
    struct conn *c;

    if (h == NULL)
        return;
    threads_end(h);
    while (h->hall.crowd != NULL && (c = crowd_any(h->hall.crowd)) != NULL)
        conn_free(c);
    crowd_free(h->hall.crowd);
    tls_server_free(h->hall.tls);
    fs_fd_free(&h->listener);
    fs_fd_free(&h->poll);
    fs_fd_free(&h->stop);
    repeats_tell(&h->hall.repeats, INT64_MAX);
    repeats_close(&h->hall.repeats);
    pthread_mutex_destroy(&h->lock);
    free(h);
}
