/* Handshake, then requests one after the other: read, ask the hooks, write; at the end, what still comes is read away
   for a moment, for an answer is lost when its connection closes on unread bytes. */
#include "server/http/conn.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/os.h"
#include "server/http/caller.h"
#include "server/http/message.h"
#include "server/http/reply.h"

#define ROUNDS 64 /* steps in one go: others want their turn too */

enum step { STEP_SHAKE, STEP_READ, STEP_WRITE, STEP_LINGER };

struct exchange { /* one request and its answer */
    struct message *message;
    struct response r;
    int64_t started_ms, until_ms;
    bool admitted, told;
};

struct conn {
    struct guest guest;
    struct hall *hall;
    struct ssl_st *tls;
    struct exchange *x;   /* NULL: between two requests */
    struct buf in, out;   /* what came behind a request; what is on its way */
    size_t in_at, out_at; /* how much of it is done */
    uint64_t lingered;
    struct peer peer;
    int fd;
    enum step step;
    atomic_uint handed; /* to the thread that goes on with it: the kernel's order is not known to C */
    bool known, last;   /* has brought a whole request; ends after this answer */
};

static void turn(struct conn *c, enum turn whose, int64_t ms) {
    int64_t now_ms = os_clock_ms();
    crowd_turn(c->hall->crowd, &c->guest, whose, now_ms, ms == CROWD_NEVER ? CROWD_NEVER : now_ms + ms);
}

enum rc conn_new(struct hall *h, int fd, const struct sockaddr_storage *from, struct conn **out) {
    struct conn *c = calloc(1, sizeof *c);
    int64_t now_ms = os_clock_ms();

    if (c == NULL)
        FAIL(RC_LIMIT, "out of memory");
    *c = (struct conn){.hall = h, .fd = fd, .guest = {.owner = c}};
    caller_of(from, &c->peer);
    c->tls = tls_new(h->tls, fd);
    enum rc rc = c->tls == NULL ? err_set(RC_LIMIT, "out of memory")
                                : crowd_enter(h->crowd, &c->guest, fd, &c->peer, now_ms, now_ms + CONN_HANDSHAKE_MS);
    if (rc != RC_OK) {
        tls_free(c->tls);
        free(c);
        return rc;
    }
    *out = c;
    return RC_OK;
}

static void tell_done(struct conn *c) {
    struct exchange *x = c->x;
    const struct http_config *cfg = &c->hall->cfg;

    if (!x->told)
        cfg->done(cfg->arg, message_request(x->message), &x->r, os_clock_ms() - x->started_ms);
    x->told = true;
}

static void exchange_end(struct conn *c) {
    struct exchange *x = MOVE(c->x);

    if (x == NULL)
        return;
    if (x->admitted)
        atomic_fetch_sub(&c->hall->busy, 1);
    buf_free(&x->r.body);
    message_free(x->message);
    free(x);
}

void conn_free(struct conn *c) {
    if (c == NULL)
        return;
    if (c->x != NULL && c->x->admitted && !c->x->told) {
        c->x->r.status = 0;
        tell_done(c);
    }
    exchange_end(c);
    crowd_leave(c->hall->crowd, &c->guest);
    tls_free(c->tls);
    close(c->fd);
    buf_free(&c->in);
    buf_free(&c->out);
    free(c);
}

int conn_fd(const struct conn *c) {
    return c->fd;
}

static enum conn_want wants(enum tls_state s) {
    switch (s) {
    case TLS_DONE:
        return CONN_EITHER;
    case TLS_WANTS_READ:
        return CONN_READ;
    case TLS_WANTS_WRITE:
        return CONN_WRITE;
    case TLS_OVER:
        break;
    }
    return CONN_OVER;
}

static enum conn_want shake(struct conn *c, uint8_t *room) {
    enum tls_state s = tls_accept(c->tls);
    (void)room;

    if (s == TLS_DONE) {
        c->step = STEP_READ;
        turn(c, TURN_NEW, c->hall->cfg.body_s * INT64_C(1000));
    } else if (s == TLS_OVER && err_text()[0] != '\0') {
        repeats_log(&c->hall->repeats, "no-handshake", err_text());
    }
    return wants(s);
}

static bool exchange_begin(struct conn *c) {
    struct exchange *x = calloc(1, sizeof *x);

    if (x == NULL)
        return false;
    c->x = x;
    x->started_ms = os_clock_ms();
    x->until_ms = x->started_ms + c->hall->cfg.body_s * INT64_C(1000);
    x->message = message_new();
    return x->message != NULL;
}

/* The caller has a while for each part of a request, and must not be silent in it. */
static void await(struct conn *c) {
    int64_t now_ms = os_clock_ms(), silent_ms = now_ms + c->hall->cfg.idle_s * INT64_C(1000);

    crowd_turn(c->hall->crowd, &c->guest, c->known ? TURN_CALLER : TURN_NEW, now_ms,
               silent_ms < c->x->until_ms ? silent_ms : c->x->until_ms);
}

/* Until the socket takes it all; the log line is written first, so that who has read the answer finds the line. */
static enum conn_want answer(struct conn *c, bool last) {
    struct exchange *x = c->x;

    c->last = last;
    tell_done(c);
    if (reply_write(message_request(x->message), &x->r, last, &c->out) != RC_OK)
        return CONN_OVER;
    buf_free(&x->r.body);
    c->known = true;
    c->step = STEP_WRITE;
    turn(c, TURN_CALLER, c->hall->cfg.body_s * INT64_C(1000));
    return CONN_EITHER;
}

static void admit(struct conn *c) {
    struct exchange *x = c->x;
    struct request *q = message_request(x->message);
    const struct http_config *cfg = &c->hall->cfg;

    if (!x->admitted) {
        atomic_fetch_add(&c->hall->busy, 1);
        q->peer = c->peer;
        x->started_ms = os_clock_ms();
        x->until_ms = x->started_ms + cfg->body_s * INT64_C(1000);
        x->admitted = true;
    }
    if (x->r.status == 0)
        cfg->admit(cfg->arg, q, &x->r);
    if (x->r.status != 0)
        q->body_limit = 0;
}

/* Into an empty socket buffer, or the connection is no good. */
static enum conn_want let_it_come(struct conn *c) {
    static const char leave[] = "HTTP/1.1 100 Continue\r\n\r\n";
    size_t sent;

    return tls_write(c->tls, span_of(leave, sizeof leave - 1), &sent) == TLS_DONE && sent == sizeof leave - 1
               ? CONN_EITHER
               : CONN_OVER;
}

/* A refusal is sent at once when the body is too much to read away or the caller waits for leave to send it; else the
   body is read away first. */
static enum conn_want head_in(struct conn *c) {
    struct exchange *x = c->x;

    admit(c);
    const struct request *q = message_request(x->message);
    if (x->r.status != 0 && (q->head_bad || message_expects(x->message) || q->content_length > HTTP_DRAIN))
        return answer(c, true);
    return x->r.status == 0 && message_expects(x->message) ? let_it_come(c) : CONN_EITHER;
}

static enum conn_want body_in(struct conn *c) {
    struct exchange *x = c->x;
    const struct http_config *cfg = &c->hall->cfg;

    if (x->r.status == 0) {
        turn(c, TURN_OURS, CROWD_NEVER); /* our own time is not the caller's */
        cfg->serve(cfg->arg, message_request(x->message), &x->r);
    }
    return answer(c, !message_keeps(x->message) || atomic_load(&c->hall->closing));
}

static enum conn_want broken(struct conn *c) {
    admit(c);
    return c->x->r.status == 0 ? CONN_OVER : answer(c, true);
}

/* `in` is `room`, or what was left in c->in. */
static bool rest_keep(struct conn *c, struct span in, size_t taken, bool fresh) {
    if (!fresh)
        c->in_at += taken;
    return !fresh || taken == in.len || buf_add(&c->in, in.ptr + taken, in.len - taken) == RC_OK;
}

static enum conn_want take(struct conn *c, struct span in, bool fresh) {
    size_t taken;

    if (c->x == NULL && !exchange_begin(c))
        return CONN_OVER;
    await(c);
    enum message_step step = message_feed(c->x->message, in, &taken);
    if (!rest_keep(c, in, taken, fresh))
        return CONN_OVER;
    switch (step) {
    case MESSAGE_HEAD:
        return head_in(c);
    case MESSAGE_DONE:
        return body_in(c);
    case MESSAGE_BAD:
        return broken(c);
    case MESSAGE_MORE:
        break;
    }
    return message_refused(c->x->message) > HTTP_DRAIN ? CONN_OVER : CONN_EITHER;
}

static enum conn_want read_on(struct conn *c, uint8_t *room) {
    size_t got;

    if (c->in_at < c->in.len)
        return take(c, span_of(c->in.data + c->in_at, c->in.len - c->in_at), false);
    buf_free(&c->in);
    c->in_at = 0;
    enum tls_state s = tls_read(c->tls, room, CONN_ROOM, &got);
    return s == TLS_DONE ? take(c, span_of(room, got), true) : wants(s);
}

static void answered(struct conn *c) {
    exchange_end(c);
    buf_free(&c->out);
    c->out_at = 0;
    if (c->last) {
        tls_bye(c->tls);
        shutdown(c->fd, SHUT_WR);
    }
    c->step = c->last ? STEP_LINGER : STEP_READ;
    turn(c, TURN_IDLE, c->last ? CONN_LINGER_MS : c->hall->cfg.idle_s * INT64_C(1000));
}

static enum conn_want write_on(struct conn *c, uint8_t *room) {
    size_t sent;
    (void)room;

    enum tls_state s = tls_write(c->tls, span_of(c->out.data + c->out_at, c->out.len - c->out_at), &sent);
    c->out_at += sent;
    if (s == TLS_DONE && c->out_at == c->out.len)
        answered(c);
    return wants(s);
}

static enum conn_want linger(struct conn *c, uint8_t *room) {
    size_t got;
    enum tls_state s = tls_read(c->tls, room, CONN_ROOM, &got);

    c->lingered += got;
    return c->lingered > HTTP_DRAIN ? CONN_OVER : wants(s);
}

enum conn_want conn_run(struct conn *c, uint8_t *room) {
    static enum conn_want (*const steps[])(struct conn *, uint8_t *) = {
        [STEP_SHAKE] = shake, [STEP_READ] = read_on, [STEP_WRITE] = write_on, [STEP_LINGER] = linger};
    enum conn_want want = CONN_EITHER;

    unsigned turns = atomic_load(&c->handed);
    for (int round = 0; want == CONN_EITHER && round < ROUNDS; round++)
        want = steps[c->step](c, room);
    atomic_store(&c->handed, turns + 1);
    return want;
}
