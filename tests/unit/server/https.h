/* An HTTPS client for tests: one call, what came back, and the server's key and certificate. */
#pragma once

#include "base/buf.h"

struct https_call {
    const char *path, *method;
    const char *type; /* NULL: application/json */
    const char *lang; /* NULL: en */
    struct span data; /* the body; NULL ptr: `body_len` bytes of nothing in particular */
    size_t body_len;
    bool chunked;
    long status; /* 0: no answer, see `why` */
    struct buf head, body;
    const char *why;
};
void https_call_free(struct https_call *c);

/* `anchor`: PEM file of the server's certificate. */
void https_run(int port, const char *anchor, struct https_call *c);

/* Fails the test unless it is a whole answer: its length told, a support code, and a problem when it is an error. */
void https_check(const struct https_call *c);

/* Key and certificate for 127.0.0.1 into one new PEM file. */
void https_make_tls(const char *path);
