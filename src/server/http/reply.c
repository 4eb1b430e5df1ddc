/* Every answer has a length, is not kept by anybody, and carries the support code. */
#include "server/http/reply.h"

#include <string.h>
#include <time.h>

#include "server/http/message.h"

static enum rc date_put(struct buf *out) {
    time_t now = time(NULL);
    struct tm tm;
    char text[64];

    if (gmtime_r(&now, &tm) == NULL || strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
        return RC_OK; /* a server without a clock gives none (RFC 9110, 6.6.1) */
    return buf_printf(out, "Date: %s\r\n", text);
}

static enum rc headers_put(const struct request *q, const struct response *r, bool last, struct buf *out) {
    const char *const pairs[][2] = {{"Content-Type", r->type == NULL ? "text/plain" : r->type},
                                    {"Cache-Control", "no-store"},
                                    {"X-Content-Type-Options", "nosniff"},
                                    {"Support-Code", q->support_code},
                                    {r->header, r->header_value},
                                    {"Connection", last ? "close" : "keep-alive"}};

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i][0] != NULL && pairs[i][1][0] != '\0')
            TRY(buf_printf(out, "%s: %s\r\n", pairs[i][0], pairs[i][1]));
    return RC_OK;
}

enum rc reply_write(const struct request *q, const struct response *r, bool last, struct buf *out) {
    TRY(buf_printf(out, "HTTP/1.1 %d %s\r\n", r->status, message_reason(r->status)));
    TRY(date_put(out));
    TRY(buf_printf(out, "Content-Length: %zu\r\n", r->body.len));
    TRY(headers_put(q, r, last, out));
    TRY(buf_add_str(out, "\r\n"));
    return strcmp(q->method, "HEAD") == 0 ? RC_OK : buf_add_span(out, buf_span(&r->body));
}
