/* Loopback HTTP by libmicrohttpd: every request must prove that it comes from our own page (Host, Origin, cookie, key).
 *
 * The address in the hand of the browser carries a token that works once; it is exchanged for a cookie (HttpOnly,
 * SameSite=Strict) and a key that only our page's script holds. Cookies do not know ports: any server on 127.0.0.1 that
 * the browser visits is sent ours. So the cookie alone opens nothing; the key, kept in sessionStorage, knows its port.
 */
#include "client/ui/ui_http.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/hex.h"
#include "base/os.h"
#include "client/desktop.h"
#include "client/ui/ui_api.h"
#include "client/ui/ui_door.h"

#define KEY_BYTES 16
#define KEY_TEXT  (2 * KEY_BYTES + 1)
#define POLL_MS   20000
#define IDLE_S    30

struct ui_http {
    struct ui_state *state;
    struct MHD_Daemon *daemon;
    struct ui_door door;
    char host[32], origin[40]; /* "127.0.0.1:PORT", "http://127.0.0.1:PORT" */
    char cookie_name[24];      /* with the port: two capbu in one browser leave each other's cookie alone */
    char token[KEY_TEXT], cookie[KEY_TEXT], key[KEY_TEXT]; /* random */
    pthread_mutex_t lock;
    bool used; /* the token */
};

struct call { /* one request on its way through the library's callbacks */
    bool refused;
    struct secret body; /* it may be a PIN */
};

/* Embedded by tools/embed.c: the page. */
extern const unsigned char web_subscriber_html[], web_subscriber_js[], web_subscriber_css[];
extern const size_t web_subscriber_html_len, web_subscriber_js_len, web_subscriber_css_len;

static const char CLOSED[] = "<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\"><title>capbu</title><h1>Trang "
                             "này không mở được ở đây</h1>"
                             "<p>Hãy mở lại chương trình capbu.</p><p lang=\"en\">This page cannot be opened here. "
                             "Start capbu again.</p></html>";

static const char CSP[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static const char *header(struct MHD_Connection *conn, const char *name) {
    const char *value = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, name);
    return value == NULL ? "" : value;
}

/* In constant time: who guesses learns nothing from how long it takes. */
static bool same_secret(const char *a, const char *b) {
    unsigned differ = strlen(a) != KEY_TEXT - 1;

    for (size_t i = 0; !differ && i < KEY_TEXT - 1; i++)
        differ |= (unsigned)(a[i] ^ b[i]) << 8;
    return differ == 0;
}

static enum MHD_Result send_bytes(struct MHD_Connection *conn, unsigned status, const char *type, struct span body,
                                  const char *cookie) {
    struct MHD_Response *r =
        MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.ptr, MHD_RESPMEM_MUST_COPY);
    const char *const headers[][2] = {{"Content-Type", type},
                                      {"Content-Security-Policy", CSP},
                                      {"Cache-Control", "no-store"},
                                      {"X-Content-Type-Options", "nosniff"},
                                      {"Referrer-Policy", "no-referrer"},
                                      {"Cross-Origin-Resource-Policy", "same-origin"},
                                      {"Cross-Origin-Opener-Policy", "same-origin"},
                                      {"X-Frame-Options", "DENY"},
                                      {"Set-Cookie", cookie}};

    if (r == NULL)
        return MHD_NO;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        if (headers[i][1] != NULL)
            (void)MHD_add_response_header(r, headers[i][0], headers[i][1]);
    enum MHD_Result sent = MHD_queue_response(conn, status, r);
    MHD_destroy_response(r);
    return sent;
}

static enum MHD_Result send_text(struct MHD_Connection *conn, unsigned status, const char *text) {
    return send_bytes(conn, status, "text/plain; charset=utf-8", span_str(text), NULL);
}

static intptr_t socket_of(struct MHD_Connection *conn) {
    return (intptr_t)MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static bool cookie_ok(struct ui_http *h, struct MHD_Connection *conn) {
    const char *sent = MHD_lookup_connection_value(conn, MHD_COOKIE_KIND, h->cookie_name);
    bool ours = sent != NULL && same_secret(sent, h->cookie);
    if (ours)
        ui_door_known(&h->door, socket_of(conn));
    return ours;
}

/* The first who brings the token gets in; nobody after. */
static bool token_take(struct ui_http *h, struct MHD_Connection *conn, const char *token) {
    pthread_mutex_lock(&h->lock);
    bool fresh = !h->used && same_secret(token, h->token);
    h->used |= fresh;
    pthread_mutex_unlock(&h->lock);
    if (fresh)
        ui_door_known(&h->door, socket_of(conn));
    return fresh;
}

/* The page: with the key in it once, in exchange for the token; without it to the tab that has it already. */
static enum MHD_Result page(struct ui_http *h, struct MHD_Connection *conn) {
    const char *token = MHD_lookup_connection_value(conn, MHD_GET_ARGUMENT_KIND, "t");
    AUTO(buf) html = {0};
    char cookie[128];

    bool fresh = token != NULL && token_take(h, conn, token);
    if (!fresh && !cookie_ok(h, conn))
        return send_bytes(conn, MHD_HTTP_FORBIDDEN, "text/html; charset=utf-8", span_str(CLOSED), NULL);
    const char *text = (const char *)web_subscriber_html;
    const char *mark = strstr(text, "@KEY@");
    size_t before = mark == NULL ? strlen(text) : (size_t)(mark - text);
    if (buf_add(&html, text, before) != RC_OK || buf_add_str(&html, fresh ? h->key : "") != RC_OK ||
        buf_add_str(&html, mark == NULL ? "" : mark + strlen("@KEY@")) != RC_OK)
        return MHD_NO;
    snprintf(cookie, sizeof cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict", h->cookie_name, h->cookie);
    return send_bytes(conn, MHD_HTTP_OK, "text/html; charset=utf-8", buf_span(&html), fresh ? cookie : NULL);
}

static bool hung_up(void *arg) {
    return desktop_hung_up(socket_of(arg));
}

static enum MHD_Result state(struct ui_http *h, struct MHD_Connection *conn) {
    const char *after = MHD_lookup_connection_value(conn, MHD_GET_ARGUMENT_KIND, "after");
    AUTO(buf) json = {0};

    if (ui_state_wait(h->state, after == NULL ? -1 : strtol(after, NULL, 10), POLL_MS, hung_up, conn, &json) != RC_OK)
        return MHD_NO;
    return send_bytes(conn, MHD_HTTP_OK, "application/json", buf_span(&json), NULL);
}

static bool is_ours(struct ui_http *h, struct MHD_Connection *conn) {
    return cookie_ok(h, conn) && same_secret(header(conn, "Capbu-Key"), h->key);
}

static enum MHD_Result get(struct ui_http *h, struct MHD_Connection *conn, const char *path) {
    if (strcmp(path, "/") == 0)
        return page(h, conn);
    if (!cookie_ok(h, conn))
        return send_text(conn, MHD_HTTP_FORBIDDEN, "forbidden");
    if (strcmp(path, "/favicon.ico") == 0) /* browsers ask for one */
        return send_text(conn, MHD_HTTP_NO_CONTENT, "");
    if (strcmp(path, "/app.js") == 0)
        return send_bytes(conn, MHD_HTTP_OK, "text/javascript; charset=utf-8",
                          span_of(web_subscriber_js, web_subscriber_js_len), NULL);
    if (strcmp(path, "/app.css") == 0)
        return send_bytes(conn, MHD_HTTP_OK, "text/css; charset=utf-8",
                          span_of(web_subscriber_css, web_subscriber_css_len), NULL);
    if (strcmp(path, "/api/state") != 0)
        return send_text(conn, MHD_HTTP_NOT_FOUND, "not found");
    return is_ours(h, conn) ? state(h, conn) : send_text(conn, MHD_HTTP_FORBIDDEN, "forbidden");
}

static unsigned status_of(enum rc rc) {
    switch (rc) {
    case RC_OK:
        return MHD_HTTP_NO_CONTENT;
    case RC_BUSY:
        return MHD_HTTP_CONFLICT;
    case RC_NOT_FOUND:
        return MHD_HTTP_NOT_FOUND;
    default:
        return MHD_HTTP_BAD_REQUEST;
    }
}

static enum rc command(struct ui_http *h, struct MHD_Connection *conn, const char *name, struct span body) {
    AUTO(ui_command) c = {0};

    TRY(ui_api_parse(name, strtol(header(conn, "Capbu-Seq"), NULL, 10), body, &c));
    return ui_state_post(h->state, &c);
}

static enum MHD_Result post(struct ui_http *h, struct MHD_Connection *conn, const char *path, struct span body) {
    if (strncmp(path, "/api/", 5) != 0)
        return send_text(conn, MHD_HTTP_NOT_FOUND, "not found");
    if (strcmp(path, "/api/close") == 0) {
        ui_state_leave(h->state);
        return send_text(conn, MHD_HTTP_NO_CONTENT, "");
    }
    return send_text(conn, status_of(command(h, conn, path + 5, body)), "");
}

static enum MHD_Result answer(struct ui_http *h, struct MHD_Connection *conn, const char *path, const char *method,
                              const struct call *c) {
    bool posts = strcmp(method, "POST") == 0;

    /* DNS rebinding: a foreign name that points here still stands in Host. */
    if (strcmp(header(conn, "Host"), h->host) != 0)
        return send_text(conn, MHD_HTTP_FORBIDDEN, "forbidden");
    if (!posts && strcmp(method, "GET") != 0)
        return send_text(conn, MHD_HTTP_METHOD_NOT_ALLOWED, "method");
    if (!posts)
        return get(h, conn, path);
    if (strcmp(header(conn, "Origin"), h->origin) != 0 || !is_ours(h, conn))
        return send_text(conn, MHD_HTTP_FORBIDDEN, "forbidden");
    if (c->refused)
        return send_text(conn, MHD_HTTP_CONTENT_TOO_LARGE, "too large");
    return post(h, conn, path, span_of(c->body.text, c->body.len));
}

/* The library's buffer may hold a PIN: it is emptied as soon as it is read. */
static void take_body(struct call *c, const char *data, size_t len) {
    if (c->body.text == NULL && secret_open(&c->body, UI_BODY_MAX) != RC_OK)
        c->refused = true;
    if (c->refused || len > c->body.cap - c->body.len) {
        c->refused = true;
    } else {
        memcpy(c->body.text + c->body.len, data, len);
        c->body.len += len;
    }
    os_wipe((void *)(uintptr_t)data, len);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *conn, const char *path, const char *method,
                                  const char *version, const char *data, size_t *size, void **kept) {
    struct call *c = *kept;
    (void)version;

    if (c == NULL) {
        *kept = calloc(1, sizeof *c);
        return *kept == NULL ? MHD_NO : MHD_YES;
    }
    if (*size > 0) {
        take_body(c, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return answer(arg, conn, path, method, c);
}

static void on_connection(void *arg, struct MHD_Connection *conn, void **kept,
                          enum MHD_ConnectionNotificationCode what) {
    struct ui_http *h = arg;
    (void)kept;
    (what == MHD_CONNECTION_NOTIFY_STARTED ? ui_door_enter : ui_door_leave)(&h->door, socket_of(conn));
}

static void on_completed(void *arg, struct MHD_Connection *conn, void **kept, enum MHD_RequestTerminationCode why) {
    struct call *c = *kept;
    (void)arg;
    (void)conn;
    (void)why;

    if (c == NULL)
        return;
    secret_free(&c->body);
    free(c);
    *kept = NULL;
}

static void fresh_key(char out[KEY_TEXT]) {
    uint8_t bytes[KEY_BYTES];

    random_bytes(bytes, sizeof bytes);
    hex_to(bytes, sizeof bytes, out);
}

enum rc ui_http_start(struct ui_state *state_, struct ui_http **out, char url[UI_URL]) {
    AUTO_PTR(ui_http) h = calloc(1, sizeof *h);

    if (h == NULL)
        FAIL(RC_LIMIT, "out of memory");
    h->state = state_;
    pthread_mutex_init(&h->lock, NULL);
    ui_door_init(&h->door);
    fresh_key(h->token);
    fresh_key(h->cookie);
    fresh_key(h->key);
    h->daemon =
        MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO | MHD_USE_ITC,
                         0, NULL, NULL, on_request, h, MHD_OPTION_SOCK_ADDR, (const struct sockaddr *)os_loopback(),
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)DOOR_MOST, MHD_OPTION_CONNECTION_TIMEOUT,
                         (unsigned)IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
                         NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        h->daemon == NULL ? NULL : MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);
    if (info == NULL)
        FAIL(RC_IO, "cannot serve the page on 127.0.0.1");
    snprintf(h->host, sizeof h->host, "127.0.0.1:%u", (unsigned)info->port);
    snprintf(h->cookie_name, sizeof h->cookie_name, "capbu-%u", (unsigned)info->port);
    snprintf(h->origin, sizeof h->origin, "http://%s", h->host);
    snprintf(url, UI_URL, "%s/?t=%s", h->origin, h->token);
    *out = MOVE(h);
    return RC_OK;
}

void ui_http_free(struct ui_http *h) {
    if (h == NULL)
        return;
    ui_state_end(h->state);
    if (h->daemon != NULL)
        MHD_stop_daemon(h->daemon);
    ui_door_end(&h->door);
    pthread_mutex_destroy(&h->lock);
    os_wipe(h, sizeof *h);
    free(h);
}
