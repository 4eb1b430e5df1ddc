/* One request and its answer as handlers see them: plain values, no HTTP library in sight. */
#pragma once

#include "base/buf.h"
#include "base/lang.h"
#include "base/support_code.h"

#define HEAD_MAX    (32 * 1024) /* bytes of request line and headers */
#define HEADERS_MAX 100
#define QUERY_MAX   8
#define PEER_LEN    16
#define CODE_TEXT   256 /* room for all reason codes joined by ';' */
#define SERIAL_TEXT 44  /* upper-case hex of 21 bytes (rules/facts.h), a spare digit and NUL */

struct app;
struct route;

struct peer {
    uint8_t limited_by[PEER_LEN]; /* what rate limits count: an IPv4 address, or the /64 of an IPv6 one */
    char text[46];
};

struct query_arg { /* percent-decoded */
    const char *name;
    const char *value;
};

enum body_state {
    BODY_WHOLE,
    BODY_TOO_LONG /* more came than q->body_limit; it was thrown away */
};

struct request {
    /* Filled in by the HTTP layer; strings live as long as the request. */
    const char *method;
    const char *path;
    const char *content_type;    /* "" when absent */
    const char *accept_language; /* "" when absent */
    const char *caller_code;     /* the Support-Code of the caller's run, "" when absent */
    struct query_arg query[QUERY_MAX];
    int query_count;
    bool query_bad;         /* more than QUERY_MAX, one twice, or a NUL inside */
    bool head_bad;          /* of two meanings, or of none: the connection ends with the answer */
    bool head_large;        /* past HEAD_MAX or HEADERS_MAX: so does it then */
    int64_t content_length; /* -1: not told */
    struct peer peer;
    struct buf body;
    enum body_state body_state;
    /* Filled in by the router when the headers are in. */
    struct app *app;
    const struct route *route; /* NULL: none fits */
    size_t body_limit;
    enum lang lang;                       /* what the caller reads best */
    char support_code[SUPPORT_CODE_TEXT]; /* what the caller can read to the hotline */
};

struct response {
    int status;       /* 0: not decided yet */
    const char *type; /* content type, static */
    struct buf body;
    const char *header; /* one more header: Allow, Retry-After, Upgrade ...; NULL: none */
    char header_value[64];
    bool early; /* refused before any handler: that can come as fast as bytes do */
    /* For the log line and the counters. */
    char code[CODE_TEXT];         /* why it was refused, "" when it was not */
    char old_serial[SERIAL_TEXT]; /* the certificate it was about, "" when none */
};

/* "" when the query does not have it. */
const char *request_arg(const struct request *q, const char *name);

/* A 200 with this content; takes `body` over. */
void response_ok(struct response *r, const char *type, struct buf *body);

/* Sets the one further header. */
void response_header(struct response *r, const char *name, const char *value);
