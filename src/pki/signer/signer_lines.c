/* The server's end of the audit's channel to the signers' parent: a group of lines goes out, the new end's MAC comes
 * back. */
#include "pki/signer/signer_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "p11/module.h"
#include "pki/signer/signer_chain.h"
#include "pki/signer/signer_pool.h"

#define TRIP_MS 5000 /* there and back: the database's one writer waits for it */

#define AWAY   "the audit cannot be sealed: the signers' parent is away; ask again in a moment"
#define SILENT "the audit cannot be sealed: the signers' parent does not answer"

/* A channel of our own while we talk: the ear puts another one in its place when the parent comes back. */
static int channel(struct signer *s) {
    pthread_mutex_lock(&s->lock);
    int fd = s->chain < 0 ? -1 : fcntl(s->chain, F_DUPFD_CLOEXEC, 0);
    pthread_mutex_unlock(&s->lock);
    return fd;
}

/* Until the channel is ready for that; false: it was not in time. */
static bool ready(int fd, short events, int64_t until) {
    struct pollfd p = {.fd = fd, .events = events};
    for (int64_t left; (left = until - os_clock_ms()) > 0;)
        if (poll(&p, 1, (int)left) > 0)
            return true;
    return false;
}

/* A parent that was stopped, or hangs at a disk, takes nothing: its socket is full after a few packets. */
static enum rc send_packet(int fd, const struct chain_ask *ask, struct span lines, int64_t until) {
    struct iovec parts[2] = {{p11_arg(ask), sizeof *ask}, {p11_arg(lines.ptr), lines.len}};
    const struct msghdr m = {.msg_iov = parts, .msg_iovlen = lines.len > 0 ? 2 : 1};
    ssize_t sent;
    while ((sent = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT)) < 0 && (errno == EAGAIN || errno == EINTR))
        if (!ready(fd, POLLOUT, until))
            FAIL(RC_NETWORK, SILENT);
    return sent == (ssize_t)(sizeof *ask + lines.len) ? RC_OK : err_set(RC_NETWORK, AWAY);
}

#define ROOM (CHAIN_PACKET - sizeof(struct chain_ask))

/* As many whole lines as fit into a packet. RC_LIMIT: not one does. */
static enum rc take_lines(struct span *lines, struct span *out) {
    size_t taken = 0;
    while (taken < lines->len) {
        uint32_t len;
        memcpy(&len, lines->ptr + taken, sizeof len);
        if (taken + sizeof len + len > ROOM)
            break;
        taken += sizeof len + len;
    }
    if (taken == 0 && lines->len > 0)
        FAIL(RC_LIMIT, "a line of the audit is longer than %zu bytes", ROOM);
    *out = span_of(lines->ptr, taken);
    *lines = span_of(lines->ptr + taken, lines->len - taken);
    return RC_OK;
}

static struct span take_claims(struct span *claims) {
    size_t most = ROOM / sizeof(struct signer_claim) * sizeof(struct signer_claim);
    size_t taken = claims->len < most ? claims->len : most;
    const struct span part = span_of(claims->ptr, taken);
    *claims = span_of(claims->ptr + taken, claims->len - taken);
    return part;
}

static enum rc send_all(int fd, uint64_t id, const struct signer_lines *in, int64_t until) {
    struct chain_ask ask = {.word = CHAIN_LINK, .id = id, .seq = in->seq, .hash = in->hash, .mac = in->mac};
    struct span lines = in->lines, claims = in->claims, part;
    do {
        TRY(take_lines(&lines, &part));
        ask.last = lines.len == 0 && claims.len == 0;
        TRY(send_packet(fd, &ask, part, until));
        ask.word = CHAIN_MORE;
    } while (lines.len > 0);
    ask.word = CHAIN_CLAIMS;
    while (!ask.last) {
        part = take_claims(&claims);
        ask.last = claims.len == 0;
        TRY(send_packet(fd, &ask, part, until));
    }
    return RC_OK;
}

/* What a trip before this one was not waited for is passed over. */
static enum rc hear(int fd, uint64_t id, int64_t until, struct chain_tell *tell) {
    do {
        if (!ready(fd, POLLIN, until))
            FAIL(RC_NETWORK, SILENT);
        errno = 0;
        if (recv(fd, tell, sizeof *tell, MSG_DONTWAIT) != (ssize_t)sizeof *tell && errno != EAGAIN && errno != EINTR)
            FAIL(RC_NETWORK, AWAY);
    } while (tell->id != id);
    tell->text[sizeof tell->text - 1] = '\0';
    return RC_OK;
}

/* What goes out on one trip: lines, or a packet of certificates. */
struct cargo {
    const struct signer_lines *lines;
    struct span late;
};

static enum rc carry(struct signer *s, const struct cargo *c, struct chain_tell *tell) {
    AUTO_FD fd = channel(s);
    if (fd < 0)
        FAIL(RC_NETWORK, AWAY);
    uint64_t id = ++s->chain_id;
    int64_t until = os_clock_ms() + TRIP_MS;
    const struct chain_ask late = {.word = CHAIN_LATE, .last = 1, .id = id};
    if (c->lines != NULL)
        TRY(send_all(fd, id, c->lines, until));
    else
        TRY(send_packet(fd, &late, c->late, until));
    return hear(fd, id, until, tell);
}

/* One at a time: a channel has one reader. */
static enum rc trip(struct signer *s, const struct cargo *c, struct chain_tell *tell) {
    pthread_mutex_lock(&s->trip);
    enum rc rc = carry(s, c, tell);
    pthread_mutex_unlock(&s->trip);
    return rc;
}

enum rc signer_lines_link(struct signer *s, const struct signer_lines *in, struct sha256 *mac) {
    struct chain_tell tell = {0};
    TRY(trip(s, &(struct cargo){.lines = in}, &tell));
    if (tell.rc != RC_OK)
        FAIL(tell.rc == RC_REFUSED ? RC_REFUSED : RC_DB, "%s", tell.text);
    *mac = tell.mac;
    return RC_OK;
}

static enum rc add_der(struct buf *out, struct span der) {
    uint32_t len = (uint32_t)der.len;
    TRY(buf_add(out, &len, sizeof len));
    return buf_add_span(out, der);
}

enum rc signer_lines_late(struct signer *s, const struct signer_pair *pairs, size_t count, size_t *taken,
                          uint32_t *left) {
    AUTO(buf) packet = {0};
    struct chain_tell tell = {0};
    size_t n = 0;
    for (; n < count && n < SIGNER_LATE; n++) {
        size_t more = 2 * sizeof(uint32_t) + pairs[n].old_cert.len + pairs[n].new_cert.len;
        if (packet.len + more > ROOM)
            break;
        TRY(add_der(&packet, pairs[n].old_cert));
        TRY(add_der(&packet, pairs[n].new_cert));
    }
    *taken = n;
    *left = 0;
    if (n == 0)
        FAIL(RC_LIMIT, "certificates longer than a packet");
    TRY(trip(s, &(struct cargo){.late = buf_span(&packet)}, &tell));
    *left = tell.left;
    if (tell.rc == RC_OK)
        return RC_OK;
    enum rc rc = err_set((enum rc)tell.rc, "%s", tell.text);
    return rc == RC_REFUSED || rc == RC_EXISTS ? RC_OK : rc; /* of some pairs only */
}

/* Lost, with the channel or where that is full, it is no loss: the next lines say it again. */
void signer_lines_kept(struct signer *s, int64_t seq) {
    const struct chain_ask ask = {.word = CHAIN_KEPT, .seq = seq};
    AUTO_FD fd = channel(s);
    enum rc rc = fd < 0 ? RC_NETWORK : send_packet(fd, &ask, span_of(NULL, 0), 0);
    (void)rc;
}
