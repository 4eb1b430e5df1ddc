/* HTTPS to the server, with its certificate pinned. */
#pragma once

#include "base/secret.h"

/* Why there was no answer, as far as it is the person's to know. */
enum http_trouble {
    HTTP_FINE,
    HTTP_AWAY,        /* no connection, no answer in time */
    HTTP_PROXY,       /* the proxy refuses, or cannot be found */
    HTTP_PROXY_LOGIN, /* the proxy wants a login, or another one than it got */
    HTTP_CLOCK,       /* the server's certificate is not valid at this machine's time */
    HTTP_TRUST        /* something else answers in the server's place */
};

struct http_proxy {
    const char *url;               /* http://HOST:PORT, NULL: the system's own */
    const char *user;              /* NULL: no login */
    const struct secret *password; /* NULL: none */
    unsigned edition;              /* another number whenever one of the above has changed */
};

/* The connection that a run keeps between its requests: zero-initialised there is none. Must not be copied. */
struct http_line {
    void *kept;     /* the transport's, NULL: none */
    int64_t used;   /* when it brought an answer last, by the wall clock, which counts the machine's sleep too */
    unsigned proxy; /* the edition that it was opened with */
};
void http_line_free(struct http_line *l);

struct http {
    const char *server;             /* https://HOST:PORT */
    const char *server_ca;          /* PEM, NULL: the system's trust */
    const struct http_proxy *proxy; /* NULL: the system's own */
    struct http_line *line;         /* outlives this; copies share it */
    const char *lang;               /* Accept-Language */
    const char *support;            /* the run's support code, which the server logs; NULL: none */
    int calls;                      /* requests sent so far, retries included */
    enum http_trouble trouble;      /* of the last call */
    long lost_ms;                   /* of a run: what slow and missing answers and the pauses before repeats took */
};

struct http_answer {
    long status;
    int retry_after; /* seconds, 0 when the server did not say */
    struct buf body;
};
void http_answer_free(struct http_answer *a);

MUST enum rc http_init(void); /* once per process, before threads */

#define HTTP_ANSWER_LIMIT (256 * 1024)
#define HTTP_LOST_MS      8000 /* of all calls of a run: one that meets a bad server ends within 10 s */

/* POSTs `body`. Everything we send may be sent twice without harm, so a lost answer is asked for again, with growing
   pauses and jitter, until the run has lost 8 seconds in all its calls: then it is RC_NETWORK. 503 and 429 are RC_BUSY;
   any other status is an answer. What is set in `h` holds from the next request on, also where a connection is kept,
   and one that has died meanwhile is replaced. */
MUST enum rc http_post(struct http *h, const char *path, const char *content_type, struct span body,
                       struct http_answer *out);

/* The same as a GET. */
MUST enum rc http_get(struct http *h, const char *path, struct http_answer *out);
