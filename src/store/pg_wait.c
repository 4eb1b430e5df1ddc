/* Sends what libpq still holds and polls its socket. */
#include "store/pg_wait.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/os.h"

/* Until the socket has one of `events`. */
static bool poll_until(PGconn *conn, short events, int64_t until_ms) {
    struct pollfd fd = {.fd = PQsocket(conn), .events = events};

    for (;;) {
        int64_t left = until_ms - os_clock_ms();
        int got = fd.fd < 0 || left <= 0 ? 0 : poll(&fd, 1, (int)left);
        if (got >= 0 || errno != EINTR)
            return got > 0;
    }
}

/* The server reads only while it can write: what it says in between is taken in. */
static bool flush(PGconn *conn, int64_t until_ms) {
    for (;;) {
        int left = PQflush(conn);
        if (left <= 0)
            return left == 0;
        if (!poll_until(conn, POLLIN | POLLOUT, until_ms) || !PQconsumeInput(conn))
            return false;
    }
}

static bool answered(PGconn *conn, int64_t until_ms) {
    if (!flush(conn, until_ms))
        return false;
    while (PQisBusy(conn))
        if (!poll_until(conn, POLLIN, until_ms) || !PQconsumeInput(conn))
            return false;
    return true;
}

/* libpq sees the end of the connection at its next look, and needs no waiting for it. */
static void cut(PGconn *conn) {
    if (PQsocket(conn) >= 0)
        (void)shutdown(PQsocket(conn), SHUT_RDWR);
    (void)PQconsumeInput(conn);
}

PGresult *pg_wait(PGconn *conn, int ms, bool *late) {
    int64_t until_ms = os_clock_ms() + ms;

    if (PQstatus(conn) == CONNECTION_OK && !answered(conn, until_ms)) {
        *late = os_clock_ms() >= until_ms;
        cut(conn);
    }
    return PQgetResult(conn);
}

PGresult *pg_wait_last(PGconn *conn, int sent, int ms, bool *late) {
    PGresult *last = NULL, *r;

    if (!sent)
        return NULL;
    while ((r = pg_wait(conn, ms, late)) != NULL) {
        PQclear(last);
        last = r;
    }
    return last;
}
