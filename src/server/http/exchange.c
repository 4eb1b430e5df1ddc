/* The few things that every handler does with a request and a response. */
#include "server/http/exchange.h"

#include <stdio.h>
#include <string.h>

const char *request_arg(const struct request *q, const char *name) {
    for (int i = 0; i < q->query_count; i++)
        if (strcmp(q->query[i].name, name) == 0)
            return q->query[i].value;
    return "";
}

void response_ok(struct response *r, const char *type, struct buf *body) {
    buf_free(&r->body);
    r->body = *body;
    *body = (struct buf){0};
    r->status = 200;
    r->type = type;
}

void response_header(struct response *r, const char *name, const char *value) {
    r->header = name;
    snprintf(r->header_value, sizeof r->header_value, "%s", value);
}
