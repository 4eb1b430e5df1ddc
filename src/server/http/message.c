/* http-parser finds the lines, lengths and chunks; what it lets pass although a proxy may read it in another way is
   refused here (RFC 9112, 2.2, 3.2, 5.1, 5.2, 6.1, 6.3, 7.1), its lines in framing.c. */
#include "server/http/message.h"

#include <http_parser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/http/framing.h"
#include "server/http/target.h"

#define NAME_KEPT 32 /* bytes of a header's name; ours are shorter */

enum kept { KEPT_TYPE, KEPT_LANGUAGE, KEPT_CODE, KEPT_EXPECT, KEPT_CODING, KEPT_HOST, KEPT_COUNT };
static const char *const kept_names[KEPT_COUNT] = {"Content-Type", "Accept-Language",   "Support-Code",
                                                   "Expect",       "Transfer-Encoding", "Host"};

struct message {
    http_parser parser;
    struct request q;
    struct buf text;         /* target and kept values, each with its NUL */
    size_t kept[KEPT_COUNT]; /* where in `text`; 0: absent, for the target stands there */
    char name[NAME_KEPT];    /* of the header that is being read; cut */
    size_t name_len, value_at;
    size_t head_len;
    uint64_t refused;
    struct framing framing;
    int headers, hosts, codings;
    bool target_done, in_value, head_done, body_done, keeps, odd, no_memory;
};

static struct message *of(http_parser *p) {
    return p->data;
}

static void keep_text(struct message *m, const char *at, size_t len) {
    m->no_memory |= buf_add(&m->text, at, len) != RC_OK;
}

static int on_url(http_parser *p, const char *at, size_t len) {
    keep_text(of(p), at, len);
    return 0;
}

static void target_end(struct message *m) {
    if (!m->target_done)
        keep_text(m, "", 1);
    m->target_done = true;
}

static bool value_keep(struct message *m, enum kept what) {
    m->codings += what == KEPT_CODING;
    m->hosts += what == KEPT_HOST;
    if (m->kept[what] != 0)
        return false;
    m->kept[what] = m->value_at;
    return true;
}

/* A header is whole when the next begins or the head ends. Only the first of a name counts, as a proxy may see it. */
static void header_end(struct message *m) {
    bool kept = false;

    if (!m->in_value)
        return;
    m->headers++;
    keep_text(m, "", 1);
    for (enum kept i = 0; i < KEPT_COUNT; i++)
        if (strcasecmp(m->name, kept_names[i]) == 0)
            kept = value_keep(m, i);
    if (!kept && m->text.len > m->value_at)
        m->text.len = m->value_at;
    m->in_value = false;
    m->name_len = 0;
    m->name[0] = '\0';
}

static bool is_token(const char *text, size_t len) { /* RFC 9110, 5.6.2 */
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] == 127 || strchr("\"(),/:;<=>?@[\\]{}", text[i]) != NULL)
            return false;
    return true;
}

/* Trailers are read away; but one that tells of length or host is obeyed by somebody, and so none is let pass. */
static void trailer_end(struct message *m) {
    static const char *const bad[] = {"Content-Length", "Transfer-Encoding", "Host"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        m->odd |= strcasecmp(m->name, bad[i]) == 0;
    m->in_value = false;
    m->name_len = 0;
}

static int on_header_field(http_parser *p, const char *at, size_t len) {
    struct message *m = of(p);

    if (!m->head_done) {
        target_end(m);
        header_end(m);
    } else if (m->in_value) {
        trailer_end(m);
    }
    m->odd |= !is_token(at, len);
    for (size_t i = 0; i < len && m->name_len + 1 < NAME_KEPT; i++)
        m->name[m->name_len++] = at[i];
    m->name[m->name_len] = '\0';
    return 0;
}

static int on_header_value(http_parser *p, const char *at, size_t len) {
    struct message *m = of(p);

    if (!m->in_value)
        m->value_at = m->text.len;
    m->in_value = true;
    if (!m->head_done)
        keep_text(m, at, len);
    return 0;
}

/* Paused: the body needs its limit first, and what follows it is another request's. */
static int on_headers_complete(http_parser *p) {
    http_parser_pause(p, 1);
    return 0;
}

static int on_message_complete(http_parser *p) {
    struct message *m = of(p);

    m->body_done = true;
    if (m->in_value)
        trailer_end(m);
    http_parser_pause(p, 1);
    return 0;
}

static int on_body(http_parser *p, const char *at, size_t len) {
    struct message *m = of(p);
    struct request *q = &m->q;

    if (q->body_state == BODY_WHOLE && len <= q->body_limit - q->body.len) {
        m->no_memory |= buf_add(&q->body, at, len) != RC_OK;
        return 0;
    }
    q->body_state = BODY_TOO_LONG;
    buf_free(&q->body);
    m->refused += len;
    return 0;
}

static const http_parser_settings settings = {.on_url = on_url,
                                              .on_header_field = on_header_field,
                                              .on_header_value = on_header_value,
                                              .on_headers_complete = on_headers_complete,
                                              .on_body = on_body,
                                              .on_message_complete = on_message_complete};

struct message *message_new(void) {
    struct message *m = calloc(1, sizeof *m);

    if (m == NULL)
        return NULL;
    http_parser_init(&m->parser, HTTP_REQUEST);
    m->parser.data = m;
    m->q.method = m->q.path = m->q.content_type = m->q.accept_language = m->q.caller_code = "";
    m->q.content_length = -1;
    return m;
}

void message_free(struct message *m) {
    if (m == NULL)
        return;
    buf_free(&m->q.body);
    buf_free(&m->text);
    free(m);
}

static char *value_of(const struct message *m, enum kept what) {
    static char none[1];
    return m->kept[what] == 0 ? none : (char *)m->text.data + m->kept[what];
}

/* The host without the blanks that may stand behind it. */
static const char *host_of(const struct message *m) {
    char *host = value_of(m, KEPT_HOST);
    size_t len = strlen(host);

    while (len > 0 && (host[len - 1] == ' ' || host[len - 1] == '\t'))
        host[--len] = '\0';
    return host;
}

/* One name or address, perhaps with its port (RFC 9110, 7.2): no list, no user, no path. */
static bool host_is_good(const char *host) {
    size_t len = strlen(host);

    return len > 0 &&
           strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+;=:[]") == len;
}

/* Whom it is for, and how long it is, must be said once and in one way. http-parser has refused two lengths, and one
   beside a coding. */
static bool head_is_odd(const struct message *m) {
    const http_parser *p = &m->parser;

    return m->odd || m->framing.odd || p->http_major != 1 || p->http_minor > 1 || m->hosts > 1 ||
           (m->hosts == 0 && p->http_minor == 1) || (m->hosts == 1 && !host_is_good(value_of(m, KEPT_HOST))) ||
           m->codings > p->http_minor || (m->codings == 1 && strcasecmp(value_of(m, KEPT_CODING), "chunked") != 0);
}

static void head_end(struct message *m) {
    struct request *q = &m->q;
    http_parser *p = &m->parser;

    m->head_done = true;
    p->upgrade = 0; /* we go on as we are (RFC 9110, 7.8) */
    framing_head_over(&m->framing, (p->flags & F_CHUNKED) != 0);
    q->method = http_method_str((enum http_method)p->method);
    target_read((char *)m->text.data, host_of(m), q);
    q->content_type = value_of(m, KEPT_TYPE);
    q->accept_language = value_of(m, KEPT_LANGUAGE);
    q->caller_code = value_of(m, KEPT_CODE);
    if (p->content_length != UINT64_MAX)
        q->content_length = p->content_length > INT64_MAX ? INT64_MAX : (int64_t)p->content_length;
    q->head_bad |= head_is_odd(m);
    m->keeps = !q->head_bad && http_should_keep_alive(p) != 0;
}

static enum message_step broken(struct message *m, bool large) {
    m->q.head_bad = true;
    m->q.head_large |= large;
    buf_free(&m->q.body); /* how much of it was taken depends on how it was cut */
    m->keeps = false;
    return MESSAGE_BAD;
}

static bool too_much(const struct message *m) {
    return m->no_memory || m->framing.extra > HEAD_MAX ||
           (!m->head_done && (m->head_len > HEAD_MAX || m->headers > HEADERS_MAX));
}

/* The parser has stopped: at the end of head or body, or at what is none. */
static enum message_step stopped(struct message *m, enum http_errno why) {
    if (why != HPE_PAUSED)
        return broken(m, why == HPE_HEADER_OVERFLOW);
    if (m->body_done)
        return MESSAGE_DONE;
    target_end(m);
    header_end(m);
    if (too_much(m))
        return broken(m, true);
    head_end(m);
    return MESSAGE_HEAD;
}

enum message_step message_feed(struct message *m, struct span in, size_t *taken) {
    http_parser *p = &m->parser;

    if (HTTP_PARSER_ERRNO(p) == HPE_PAUSED)
        http_parser_pause(p, 0);
    *taken = http_parser_execute(p, &settings, (const char *)in.ptr, in.len);
    enum http_errno why = HTTP_PARSER_ERRNO(p);
    framing_look(&m->framing, span_of(in.ptr, *taken));
    m->head_len += m->head_done ? 0 : *taken;
    if (too_much(m))
        return broken(m, true);
    if (m->head_done && (m->odd || !framing_agrees(&m->framing, m->body_done)))
        return broken(m, false);
    return why == HPE_OK ? MESSAGE_MORE : stopped(m, why);
}

struct request *message_request(struct message *m) {
    return &m->q;
}

bool message_keeps(const struct message *m) {
    return m->keeps;
}

bool message_expects(const struct message *m) {
    return m->parser.http_minor > 0 && strcasecmp(value_of(m, KEPT_EXPECT), "100-continue") == 0 &&
           (m->q.content_length > 0 || m->codings > 0);
}

uint64_t message_refused(const struct message *m) {
    return m->refused;
}

const char *message_reason(int status) {
    return http_status_str((enum http_status)status);
}
