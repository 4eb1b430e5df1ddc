/* The HTTPS listener: bytes in, struct request out, struct response back. http.c alone knows the HTTP library. */
#pragma once

#include "server/exchange.h"

#define HTTP_POOL  (32 * 1024)        /* request line, headers and read buffer of one connection together */
#define HTTP_STACK (512 * 1024)       /* of each connection's thread */
#define HTTP_DRAIN (16 * 1024 * 1024) /* a refused body is read away up to here, so that the answer arrives */

struct http_config {
    const char *host; /* address or name to bind */
    int port;         /* 0: any free one */
    const char *tls;  /* private key and certificate, PEM */
    int max_connections;
    int max_per_address;
    int idle_s; /* a silent connection is closed */
    int body_s; /* headers, body and reading the answer may each take so long, however they trickle */
    /* The headers are in: sets q->body_limit, or fills in `r` (status) to refuse. */
    void (*admit)(void *arg, struct request *q, struct response *r);
    /* The body is in: fills in `r`. Called on the connection's own thread, as admit and done. */
    void (*serve)(void *arg, struct request *q, struct response *r);
    /* Once a request, just before the answer leaves; status 0: the caller went away or was too slow. */
    void (*done)(void *arg, const struct request *q, const struct response *r, int64_t ms);
    void *arg;
};

struct http;

/* RC_IO: address in use, TLS key unusable ...; the text says which. */
MUST enum rc http_start(const struct http_config *cfg, struct http **out);
int http_port(const struct http *h);

/* No new connections; waits until every request under way is answered or `patience_ms` has passed. RC_BUSY: some are
   not finished, and http_free would wait for them. */
MUST enum rc http_drain(struct http *h, int patience_ms);
void http_free(struct http *h);
OWN(http)

/* Milliseconds of the monotonic clock: what waiting and limits are measured by. */
