/* From a request to its row in a route table: what fits, what is too large, who calls too often, and the log line. */
#pragma once

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

struct route {
    const char *method; /* GET takes HEAD too */
    const char *path;
    const char *type;  /* content type the body must have; NULL: no body */
    size_t body_limit; /* bytes */
    enum rate rate;
    enum rc (*handler)(struct request *q, struct response *r); /* an error becomes its problem */
};

struct router {
    const struct route *table;
    size_t count;
    size_t max_body;                   /* the installation's, over every route's own */
    struct limits *limits[RATE_COUNT]; /* NULL: none */
    struct metrics *metrics;
    struct repeats *refused; /* what keeps refusals from filling the log; NULL: each is a line */
    struct app *app;
};

/* The three hooks of struct http_config; `arg` is the struct router. */
void router_admit(void *arg, struct request *q, struct response *r);
void router_serve(void *arg, struct request *q, struct response *r);
void router_done(void *arg, const struct request *q, const struct response *r, int64_t ms);
