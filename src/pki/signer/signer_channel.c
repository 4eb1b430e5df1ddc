/* The ends of channels: where one is found, and the asker's of a helper, where packets of requests go out and packets
 * of answers come in. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "p11/module.h"
#include "pki/signer/signer_wire.h"

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

enum rc signer_channel_hear(int fd, int wait_ms, size_t count, uint8_t *packet, struct span *heard) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int ready;
    ssize_t got;
    do
        ready = poll(&p, 1, wait_ms);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        FAIL(RC_BUSY, "the signing helper does not answer");
    do
        got = recv(fd, packet, count * sizeof(struct signer_tell), 0);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        FAIL(RC_NETWORK, "the signing helper is gone");
    *heard = span_of(packet, (size_t)got);
    return RC_OK;
}

/* The system counts twice what is asked for, and its own books in it. */
enum rc signer_channel_room(int fd, int packet) {
    int got = 0;
    socklen_t len = sizeof got;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &packet, sizeof packet); /* in vain, it only holds what was sent */
    if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &got, &len) == 0 && got >= 2 * packet)
        return RC_OK;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &packet, sizeof packet) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &got, &len) != 0 || got < 2 * packet)
        FAIL(RC_LIMIT, "a channel has room for %d bytes and not for %d: see net.core.wmem_max", got / 2, packet);
    return RC_OK;
}

/* Who has been asked has answered all before, so there is room in its socket: nothing here waits. */
enum rc signer_channel_send(int fd, struct signer_job *const *jobs, size_t count) {
    struct signer_ask heads[SIGNER_BATCH];
    struct iovec parts[SIGNER_BATCH][4];
    for (size_t i = 0; i < count; i++) {
        const struct signer_request *r = &jobs[i]->req;
        heads[i] = (struct signer_ask){(uint32_t)r->old_cert.len, (uint32_t)r->kur.len, (uint32_t)r->tbs.len, r->claim};
        parts[i][0] = (struct iovec){&heads[i], sizeof heads[i]};
        parts[i][1] = (struct iovec){p11_arg(r->old_cert.ptr), r->old_cert.len};
        parts[i][2] = (struct iovec){p11_arg(r->kur.ptr), r->kur.len};
        parts[i][3] = (struct iovec){p11_arg(r->tbs.ptr), r->tbs.len};
    }
    const struct msghdr m = {.msg_iov = parts[0], .msg_iovlen = 4 * count};
    ssize_t sent;
    do
        sent = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        FAIL(RC_NETWORK, "the signing helper takes no request: %s", strerror(errno));
    return RC_OK;
}

enum rc signer_channel_address(const char *path, struct sockaddr_un *out) {
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof out->sun_path)
        FAIL(RC_LIMIT, "the path of a socket has at most %zu bytes: %s", sizeof out->sun_path - 1, path);
    memcpy(out->sun_path, path, strlen(path) + 1);
    return RC_OK;
}
