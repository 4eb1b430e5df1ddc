/* HTTPS by libmicrohttpd over GnuTLS, a thread a connection: limits what comes in and calls admit, serve and done. */
#include "server/http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/os.h"
#include "server/deadline.h"

#define TLS_LIMIT (64 * 1024)
#define REPEAT_MS (10 * 1000)

/* TLS 1.2 and 1.3 with authenticated ciphers and forward secrecy; nothing older has to be served (tokens sign CMP
   messages, not handshakes). */
#define TLS_PRIORITY                                                                                                   \
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM:"          \
    "+CHACHA20-POLY1305:+AES-128-GCM:%SERVER_PRECEDENCE"

struct http {
    struct http_config cfg;
    struct MHD_Daemon *daemon;
    struct buf pem;
    int listener;        /* taken back from the library by http_drain; -1 before */
    atomic_bool closing; /* tells kept-alive connections to end after their next answer */
    pthread_mutex_t lock;
    pthread_cond_t quiet;
    int busy;        /* requests under way, by `lock`, as what follows */
    char said[256];  /* what the library said last */
    int64_t said_ms; /* and when it was logged */
    int64_t repeated;
    struct deadlines *deadlines;
};

struct exchange { /* one request on its way through the library's callbacks */
    struct http *http;
    struct deadline *deadline; /* of its connection */
    struct request q;
    struct response r;
    const char *target_end; /* in the library's buffer, as the request line came */
    int64_t started_ms;
    uint64_t thrown_away; /* bytes of body that nobody wants */
    bool begun, answered;
};

static void busy_add(struct http *h, int change) {
    pthread_mutex_lock(&h->lock);
    h->busy += change;
    if (h->busy == 0)
        pthread_cond_broadcast(&h->quiet);
    pthread_mutex_unlock(&h->lock);
}

/* The connection must have done its part in `seconds` from now. */
static void hurry(struct http *h, struct deadline *d, int seconds) {
    deadline_set(h->deadlines, d, os_clock_ms() + seconds * INT64_C(1000));
}

/* A connection comes or goes. Until its first request is there it has as long as a body has: handshake and headers. */
static void on_connection(void *arg, struct MHD_Connection *conn, void **state,
                          enum MHD_ConnectionNotificationCode what) {
    struct http *h = arg;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        deadline_remove(h->deadlines, *state);
        *state = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info != NULL)
        *state = deadline_add(h->deadlines, info->connect_fd, os_clock_ms() + h->cfg.body_s * INT64_C(1000));
}

static struct deadline *deadline_of(struct MHD_Connection *conn) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void peer_read(struct MHD_Connection *conn, struct peer *out) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *addr = info == NULL ? NULL : info->client_addr;

    if (addr != NULL && addr->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)addr;
        memcpy(out->limited_by, &in->sin_addr, 4);
        inet_ntop(AF_INET, &in->sin_addr, out->text, sizeof out->text);
    } else if (addr != NULL && addr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)addr;
        memcpy(out->limited_by, &in6->sin6_addr, 8); /* one subscriber line owns a whole /64 */
        out->limited_by[PEER_LEN - 1] = 6;
        inet_ntop(AF_INET6, &in6->sin6_addr, out->text, sizeof out->text);
    }
}

static enum MHD_Result query_add(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                 const char *value, size_t value_len) {
    struct request *q = arg;
    (void)kind;

    if (value == NULL)
        value = "";
    if (strlen(name) != name_len || strlen(value) != value_len || q->query_count == QUERY_MAX) {
        q->query_bad = true;
        return MHD_NO;
    }
    for (int i = 0; i < q->query_count; i++)
        if (strcmp(q->query[i].name, name) == 0)
            q->query_bad = true;
    q->query[q->query_count++] = (struct query_arg){name, value};
    return MHD_YES;
}

struct head { /* what decides for whom a message is, and where its body ends */
    int hosts, lengths, codings;
    bool odd; /* a name that is none, or a coding that we do not take */
};

static enum MHD_Result head_line(void *arg, enum MHD_ValueKind kind, const char *name, const char *value) {
    struct head *h = arg;
    (void)kind;

    h->hosts += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0;
    h->lengths += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
    h->odd |= name[strcspn(name, " \t\r\n\"(),/:;<=>?@[\\]{}")] != '\0'; /* no token (RFC 9110, 5.6.2) */
    if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) != 0)
        return MHD_YES;
    h->codings++;
    h->odd |= value == NULL || strcasecmp(value, "chunked") != 0;
    return MHD_YES;
}

/* Whom it is for, and how long it is, must be said once and in one way: a proxy in front may read it another way
   (RFC 9112, 3.2, 5.1, 6.1, 6.3). */
static bool head_is_bad(struct MHD_Connection *conn) {
    struct head h = {0};
    (void)MHD_get_connection_values(conn, MHD_HEADER_KIND, head_line, &h);
    return h.odd || h.hosts > 1 || h.lengths + h.codings > 1;
}

static const char *header(struct MHD_Connection *conn, const char *name) {
    const char *value = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, name);
    return value == NULL ? "" : value;
}

static void exchange_free(struct exchange *x) {
    if (x == NULL)
        return;
    buf_free(&x->q.body);
    buf_free(&x->r.body);
    free(x);
}

/* A server accepts a whole address in place of a path (RFC 9112, 3.2.2). */
static const char *path_of(const char *target) {
    const char *host = strstr(target, "://");

    if (target[0] == '/' || host == NULL)
        return target;
    const char *path = strchr(host + 3, '/');
    return path == NULL ? "/" : path;
}

/* The target as it came, before the library decodes it. A NUL in the path would end it there, and make another of it;
   one in the query is found with the arguments. Nothing else is known of the request yet. */
static void *on_target(void *arg, const char *target, struct MHD_Connection *conn) {
    struct exchange *x = calloc(1, sizeof *x);
    (void)conn;

    if (x == NULL)
        return NULL;
    const char *nul = strstr(target, "%00");
    x->http = arg;
    x->target_end = target + strlen(target);
    x->q.head_bad = nul != NULL && nul < target + strcspn(target, "?");
    return x;
}

static void exchange_begin(struct exchange *x, struct MHD_Connection *conn, const char *path, const char *method,
                           const char *version) {
    const char *length = header(conn, MHD_HTTP_HEADER_CONTENT_LENGTH);

    x->begun = true;
    x->deadline = deadline_of(conn);
    x->started_ms = os_clock_ms();
    x->q.method = method;
    x->q.path = path_of(path);
    x->q.content_type = header(conn, MHD_HTTP_HEADER_CONTENT_TYPE);
    x->q.accept_language = header(conn, MHD_HTTP_HEADER_ACCEPT_LANGUAGE);
    x->q.caller_code = header(conn, "Support-Code");
    /* The library has refused what is no number; one too large for the type saturates, which is too long as well. */
    x->q.content_length = *length == '\0' ? -1 : strtoll(length, NULL, 10);
    /* The version stands right behind the target and the one NUL that the library wrote between: more is the caller's.
     */
    x->q.head_bad |= head_is_bad(conn) || version != x->target_end + 1;
    peer_read(conn, &x->q.peer);
    MHD_get_connection_values_n(conn, MHD_GET_ARGUMENT_KIND, query_add, &x->q);
}

static void tell_done(struct exchange *x) {
    const struct http_config *cfg = &x->http->cfg;
    if (!x->answered)
        cfg->done(cfg->arg, &x->q, &x->r, os_clock_ms() - x->started_ms);
    x->answered = true;
}

static bool headers_put(struct MHD_Response *out, const struct exchange *x) {
    const char *const pairs[][2] = {{"Content-Type", x->r.type == NULL ? "text/plain" : x->r.type},
                                    {"Cache-Control", "no-store"},
                                    {"X-Content-Type-Options", "nosniff"},
                                    {"Support-Code", x->q.support_code},
                                    {x->r.header, x->r.header_value},
                                    {atomic_load(&x->http->closing) || x->q.head_bad ? "Connection" : NULL, "close"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i][0] != NULL && pairs[i][1][0] != '\0' &&
            MHD_add_response_header(out, pairs[i][0], pairs[i][1]) != MHD_YES)
            return false;
    return true;
}

/* Hands the answer to the library, which sends it with its Content-Length; the log line is written first, so that who
   has read the answer finds the line. */
static enum MHD_Result answer(struct MHD_Connection *conn, struct exchange *x) {
    struct MHD_Response *out = MHD_create_response_from_buffer(x->r.body.len, x->r.body.data, MHD_RESPMEM_MUST_FREE);

    if (out == NULL)
        return MHD_NO;
    x->r.body = (struct buf){0};
    tell_done(x);
    enum MHD_Result sent = MHD_NO;
    if (headers_put(out, x))
        sent = MHD_queue_response(conn, (unsigned)x->r.status, out);
    MHD_destroy_response(out);
    return sent;
}

/* First call for a request: headers only. A refusal is sent at once when the body is too much to read away or the
   caller waits for leave to send it (Expect); else the body is read away first, for an answer sent before that is lost
   when the connection closes on unread bytes. */
static enum MHD_Result on_headers(struct exchange *x, struct MHD_Connection *conn) {
    struct http *h = x->http;

    busy_add(h, 1);
    hurry(h, x->deadline, h->cfg.body_s);
    h->cfg.admit(h->cfg.arg, &x->q, &x->r);
    if (x->r.status != 0 &&
        (x->q.head_bad || *header(conn, MHD_HTTP_HEADER_EXPECT) != '\0' || x->q.content_length > HTTP_DRAIN))
        return answer(conn, x);
    return MHD_YES;
}

static enum MHD_Result on_body(struct exchange *x, const char *data, size_t *size) {
    struct request *q = &x->q;
    size_t len = *size;

    *size = 0;
    if (x->r.status == 0 && q->body_state == BODY_WHOLE && len <= q->body_limit - q->body.len)
        return buf_add(&q->body, data, len) == RC_OK ? MHD_YES : MHD_NO;
    q->body_state = BODY_TOO_LONG;
    buf_free(&q->body);
    x->thrown_away += len;
    return x->thrown_away <= HTTP_DRAIN ? MHD_YES : MHD_NO;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *conn, const char *path, const char *method,
                                  const char *version, const char *data, size_t *size, void **state) {
    struct http *h = arg;
    struct exchange *x = *state;

    if (x == NULL)
        return MHD_NO; /* no memory */
    if (!x->begun) {
        exchange_begin(x, conn, path, method, version);
        return on_headers(x, conn);
    }
    if (*size > 0)
        return on_body(x, data, size);
    if (x->r.status == 0) {
        deadline_set(h->deadlines, x->deadline, DEADLINE_NONE); /* our own time is not the caller's */
        h->cfg.serve(h->cfg.arg, &x->q, &x->r);
    }
    hurry(h, x->deadline, h->cfg.body_s);
    return answer(conn, x);
}

static void on_completed(void *arg, struct MHD_Connection *conn, void **state, enum MHD_RequestTerminationCode code) {
    struct exchange *x = *state;
    (void)arg;
    (void)conn;
    (void)code;

    *state = NULL;
    if (x == NULL || !x->begun) { /* the library has refused it */
        exchange_free(x);
        return;
    }
    x->r.status = x->answered ? x->r.status : 0;
    tell_done(x);
    busy_add(x->http, -1);
    hurry(x->http, x->deadline, x->http->cfg.idle_s + x->http->cfg.body_s); /* for the next one, if any */
    exchange_free(x);
}

/* What the library has to say: failed handshakes, no HTTP at all. What it says again and again is counted: the next
   line tells how often the one before came (`repeated`). Kept as the thread's text too, for http_start. */
static void on_library_log(void *arg, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
static void on_library_log(void *arg, const char *fmt, va_list args) {
    struct http *h = arg;
    char text[sizeof h->said], count[24];

    vsnprintf(text, sizeof text, fmt, args);
    text[strcspn(text, "\n")] = '\0';
    (void)err_set(RC_IO, "%s", text);
    pthread_mutex_lock(&h->lock);
    int64_t now_ms = os_clock_ms(), repeated = h->repeated;
    bool same = strcmp(text, h->said) == 0 && now_ms - h->said_ms < REPEAT_MS;
    h->repeated = same ? repeated + 1 : 0;
    if (!same) {
        memcpy(h->said, text, sizeof text);
        h->said_ms = now_ms;
    }
    pthread_mutex_unlock(&h->lock);
    (void)snprintf(count, sizeof count, "%lld", (long long)repeated);
    if (!same)
        log_line(LOG_INFO, "http-library", "text", text, "repeated", repeated > 0 ? count : NULL, NULL);
}

static enum rc address_find(const struct http_config *cfg, struct sockaddr_storage *out) {
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    char port[8];

    snprintf(port, sizeof port, "%u", (unsigned)cfg->port & 0xffff);
    int why = getaddrinfo(cfg->host, port, &hints, &list);
    if (why != 0)
        FAIL(RC_IO, "cannot listen on %s: %s; set another address in the listen line", cfg->host, gai_strerror(why));
    memcpy(out, list->ai_addr, list->ai_addrlen);
    freeaddrinfo(list);
    return RC_OK;
}

static struct MHD_Daemon *daemon_start(struct http *h, const struct sockaddr_storage *addr) {
    const struct http_config *cfg = &h->cfg;
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_TLS |
                     MHD_USE_ITC | MHD_USE_ERROR_LOG;

    if (addr->ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    return MHD_start_daemon(
        flags, (uint16_t)cfg->port, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, h,
        MHD_OPTION_SOCK_ADDR, (const struct sockaddr *)addr, MHD_OPTION_HTTPS_MEM_KEY, buf_str(&h->pem),
        MHD_OPTION_HTTPS_MEM_CERT, buf_str(&h->pem), MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITY,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)cfg->max_connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)cfg->max_per_address, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)cfg->idle_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_POOL, MHD_OPTION_THREAD_STACK_SIZE, (size_t)HTTP_STACK,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, h, MHD_OPTION_URI_LOG_CALLBACK, on_target, h, MHD_OPTION_END);
}

enum rc http_start(const struct http_config *cfg, struct http **out) {
    struct sockaddr_storage addr = {0};

    TRY(address_find(cfg, &addr));
    AUTO_PTR(http) h = calloc(1, sizeof *h);
    if (h == NULL)
        FAIL(RC_LIMIT, "out of memory");
    h->cfg = *cfg;
    h->listener = -1;
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->quiet, NULL);
    if (fs_read(cfg->tls, TLS_LIMIT, &h->pem) != RC_OK)
        return err_in(RC_IO, "TLS key and certificate");
    TRY(deadlines_new(&h->deadlines));
    (void)err_set(RC_IO, "the HTTP library gave no reason");
    h->daemon = daemon_start(h, &addr);
    if (h->daemon == NULL)
        return err_in(RC_IO, "cannot serve HTTPS on %s port %d with %s", cfg->host, cfg->port, cfg->tls);
    *out = MOVE(h);
    return RC_OK;
}

int http_port(const struct http *h) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL || info->port == 0 ? h->cfg.port : info->port;
}

enum rc http_drain(struct http *h, int patience_ms) {
    struct timespec until;
    int busy;

    atomic_store(&h->closing, true);
    if (h->listener == -1) {
        h->listener = MHD_quiesce_daemon(h->daemon);
        shutdown(h->listener, SHUT_RDWR); /* refuses from now on; closed when no thread can look at it any more */
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += patience_ms / 1000;
    until.tv_nsec += patience_ms % 1000 * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&h->lock);
    while (h->busy > 0 && pthread_cond_timedwait(&h->quiet, &h->lock, &until) == 0)
        continue;
    busy = h->busy;
    pthread_mutex_unlock(&h->lock);
    if (busy > 0)
        FAIL(RC_BUSY, "%d requests are still under way", busy);
    return RC_OK;
}

void http_free(struct http *h) {
    if (h == NULL)
        return;
    if (h->daemon != NULL)
        MHD_stop_daemon(h->daemon);
    deadlines_free(h->deadlines);
    if (h->listener != -1)
        close(h->listener);
    buf_wipe(&h->pem);
    pthread_cond_destroy(&h->quiet);
    pthread_mutex_destroy(&h->lock);
    free(h);
}
