/* One connection from its handshake to its end, a step whenever the socket is ready. */
#pragma once

#include <netinet/in.h>
#include <stdatomic.h>

#include "server/http/crowd.h"
#include "server/http/repeats.h"
#include "server/http/settings.h"
#include "server/http/tls.h"

#define CONN_ROOM         (16 * 1024) /* bytes read at a time */
#define CONN_HANDSHAKE_MS 5000        /* from connecting to the end of the TLS handshake */
#define CONN_LINGER_MS    2000        /* how long what nobody reads any more is taken, so that the answer arrives */

struct hall { /* what all connections of a server share */
    struct http_config cfg;
    struct ssl_ctx_st *tls;
    struct crowd *crowd;
    struct repeats repeats;
    atomic_bool closing; /* kept-alive connections end after their next answer */
    atomic_int busy;     /* requests under way */
};

enum conn_want { CONN_READ, CONN_WRITE, CONN_EITHER, CONN_OVER };

struct conn;

/* Takes a place in the crowd. RC_BUSY: there is none. The socket is the connection's on success only. */
MUST enum rc conn_new(struct hall *h, int fd, const struct sockaddr_storage *from, struct conn **out);
void conn_free(struct conn *c); /* closes the socket */
int conn_fd(const struct conn *c);

/* Goes on as far as it can, and says what it waits for; on one thread at a time. CONN_EITHER: it has had its share of
   this thread. `room` has CONN_ROOM bytes. */
enum conn_want conn_run(struct conn *c, uint8_t *room);
