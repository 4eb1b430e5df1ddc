/* What the HTTPS listener is told: where it listens, what it bears, and whom it asks about each request. */
#pragma once

#include "server/http/exchange.h"

#define HTTP_DRAIN (16 * 1024 * 1024) /* a refused body is read away up to here, so that the answer arrives */

struct http_config {
    const char *host; /* address or name to bind */
    int port;         /* 0: any free one */
    const char *tls;  /* private key and certificate, PEM */
    int max_connections;
    int max_per_address; /* IPv4 address or IPv6 /64 */
    int max_per_block;   /* IPv4 /24 or IPv6 /48 */
    int idle_s;          /* a silent connection is closed */
    int body_s;          /* headers, body and reading the answer may each take so long, however they trickle */
    /* The headers are in: sets q->body_limit, or fills in `r` (status) to refuse. Called again, to refuse, when the
       body turns out to be none (q->head_bad). */
    void (*admit)(void *arg, struct request *q, struct response *r);
    /* The body is in: fills in `r`. It may wait; the connection waits with it, the others do not. */
    void (*serve)(void *arg, struct request *q, struct response *r);
    /* Once a request, just before the answer leaves; status 0: the caller went away or was too slow. */
    void (*done)(void *arg, const struct request *q, const struct response *r, int64_t ms);
    void *arg;
};
