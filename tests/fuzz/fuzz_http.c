/* Fuzzes HTTP requests (server/http): the first byte says how the rest is cut into pieces. Any bytes are one request
   after the other, or none; texts are texts, and no request is longer than its bytes. The same bytes in one piece give
   the same requests. */
#include <string.h>

#include "fuzz.h"
#include "server/http/message.h"
#include "server/http/reply.h"

#define BODY_LIMIT 1000

struct seen { /* of all requests in the bytes */
    size_t requests, body, refused, end;
    bool bad, large;
};

static void texts_hold(const struct request *q) {
    require(q->query_count >= 0 && q->query_count <= QUERY_MAX);
    require(q->method != NULL && q->path != NULL && q->content_type != NULL && q->caller_code != NULL);
    size_t all = strlen(q->method) + strlen(q->path) + strlen(q->content_type) + strlen(q->accept_language);
    for (int i = 0; i < q->query_count; i++)
        all += strlen(q->query[i].name) + strlen(q->query[i].value);
    require(all <= 2 * HEAD_MAX);
    require(q->body.len <= BODY_LIMIT);
    require(q->body_state == BODY_WHOLE || q->body.len == 0);
    require(q->content_length >= -1);
}

static void answer_holds(const struct request *q) {
    AUTO(buf) out = {0};
    struct response r = {.status = q->head_bad ? 400 : 200};

    require(reply_write(q, &r, q->head_bad, &out) == RC_OK);
}

/* Until the end, or until nothing can follow. */
static struct seen read_all(struct span in, size_t piece) {
    struct seen s = {0};
    struct message *m = message_new();

    require(m != NULL);
    while (s.end < in.len && !s.bad) {
        size_t len = in.len - s.end < piece ? in.len - s.end : piece, taken;
        enum message_step step = message_feed(m, span_of(in.ptr + s.end, len), &taken);
        struct request *q = message_request(m);
        require(taken <= len && (step != MESSAGE_MORE || taken == len));
        s.end += taken;
        if (step == MESSAGE_MORE)
            continue;
        texts_hold(q);
        require(q->head_bad == (step == MESSAGE_BAD) || step == MESSAGE_HEAD);
        if (step == MESSAGE_HEAD && !q->head_bad) {
            q->body_limit = BODY_LIMIT;
            continue;
        }
        require(!q->head_bad || !message_keeps(m));
        answer_holds(q);
        s.requests++;
        s.body += q->body.len;
        s.refused += message_refused(m);
        s.bad = q->head_bad || !message_keeps(m);
        s.large |= q->head_large;
        message_free(m);
        m = message_new();
        require(m != NULL);
    }
    message_free(m);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    const struct span in = span_of(data + 1, size - 1);
    struct seen cut = read_all(in, (size_t)data[0] + 1), whole = read_all(in, in.len);
    /* Where a head that is too large is found out depends on the pieces; nothing else does. */
    if (!cut.large && !whole.large)
        require(cut.requests == whole.requests && cut.body == whole.body && cut.bad == whole.bad &&
                (cut.bad || cut.refused == whole.refused));
    return 0;
}
