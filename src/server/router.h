/* From a request to its row in a route table: what fits, what is too large, who calls too often, and the log line. */
#pragma once

#include <stdatomic.h>

#include "server/http/exchange.h"
#include "server/http/repeats.h"
#include "server/limits.h"
#include "server/metrics.h"

#define PATH_LENGTH 512 /* of a request; ours are short */

enum rate {
    RATE_FREE,   /* not limited */
    RATE_LOOKUP, /* guessable (a tax code and a serial), or public and recorded (begin, marks) */
    RATE_CALL,   /* comes with a certificate or a signature, or tells of the server only */
    RATE_COUNT
};

/* What a handler may have to wait for. A thread waits with it, and when the database hangs all of them would: some must
   be left to accept, to read, and to answer those who ask how we are. */
enum wait {
    WAIT_NONE,
    WAIT_STORE, /* database, signers */
    WAIT_LOOK,  /* a look at the database, short */
    WAIT_COUNT
};
#define ROUTER_STORE 224 /* of HTTP_THREADS: requests that may wait so at a time; more get 503 */
#define ROUTER_LOOK  16

struct route {
    const char *method; /* GET takes HEAD too */
    const char *path;   /* "*" in it: any one segment, not an empty one */
    const char *type;   /* content type the body must have; NULL: no body */
    size_t body_limit;  /* bytes */
    enum rate rate;
    enum wait wait;
    enum rc (*handler)(struct request *q, struct response *r); /* an error becomes its problem */
};

struct router {
    const struct route *table;
    size_t count;
    size_t max_body;                   /* the installation's, over every route's own */
    struct limits *limits[RATE_COUNT]; /* NULL: none */
    int most[WAIT_COUNT];              /* that may wait for the same at a time; 0: as many as come */
    atomic_int waiting[WAIT_COUNT];
    struct metrics *metrics;
    struct repeats *refused; /* what keeps refusals from filling the log; NULL: each is a line */
    struct app *app;
};

/* The three hooks of struct http_config; `arg` is the struct router. */
void router_admit(void *arg, struct request *q, struct response *r);
void router_serve(void *arg, struct request *q, struct response *r);
void router_done(void *arg, const struct request *q, const struct response *r, int64_t ms);
