/* A run's connection, and its patience with the server: repeats, slow answers and dead servers, over real TLS. */
#include "lib/must.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fs.h"
#include "client/flow/cause.h"
#include "client/net/http.h"
#include "lib/tmp.h"
#include "pki/ca/mint.h"

#define NEVER   60000 /* ms: longer than any run */
#define MOST_MS 10000 /* a run that meets trouble ends within this */

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
#define KEPT   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
#define BUSY   "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"

static struct tmp home;
static char tls_path[PATH_CAP], other_path[PATH_CAP]; /* key and certificate of the server, and of one in its place */
static struct http_line line;
static pid_t server;
static char url[64];

/* What the server's processes saw. */
static struct seen { atomic_int connections, requests; } * seen;

enum then { THEN_CLOSES, THEN_DROPS, THEN_IS_SILENT }; /* the last one answers nothing more, and stays */

static struct play { /* what a connection gets */
    const char *tls; /* NULL: tls_path */
    const char *text;
    int delay_ms; /* after a request came; NEVER: not even TLS */
    int answers;  /* 0: one */
    enum then then;
} played;

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000L + t.tv_nsec / 1000000L;
}

static void tls_make(const char *path) {
    AUTO_PTR(key) k = NULL;
    AUTO(buf) der = {0};
    AUTO(buf) pem = {0};
    time_t now = time(NULL);
    MUST_OK(key_make_file(path, 0, &k));
    MUST_OK(mint_tls(k, "localhost", now - 60, now + 3600, &der));
    MUST_OK(fs_read(path, 65536, &pem));
    MUST_OK(cert_to_pem(buf_span(&der), &pem));
    MUST_OK(fs_write(path, buf_span(&pem), 0600));
}

static int world_make(void **state) {
    (void)state;
    MUST_OK(digest_init());
    MUST_OK(http_init());
    MUST_OK(tmp_make(&home, NULL, "http"));
    MUST_OK(fs_join(tls_path, home.dir, "tls.pem"));
    MUST_OK(fs_join(other_path, home.dir, "other.pem"));
    tls_make(tls_path);
    tls_make(other_path);
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return seen == MAP_FAILED ? -1 : 0;
}

static int world_drop(void **state) {
    (void)state;
    tmp_free(&home);
    return 0;
}

/* A whole request; false: the client has closed the connection. */
static bool request_read(SSL *ssl) {
    char request[4096] = "";
    size_t got = 0;
    while (strstr(request, "\r\n\r\n{}") == NULL) {
        int n = SSL_read(ssl, request + got, (int)(sizeof request - 1 - got));
        if (n <= 0)
            return false;
        got += (size_t)n;
        request[got] = '\0';
    }
    atomic_fetch_add(&seen->requests, 1);
    return true;
}

static void connection_serve(SSL_CTX *ctx, int fd) {
    SSL *ssl = SSL_new(ctx);
    int answers = played.answers == 0 ? 1 : played.answers;

    SSL_set_fd(ssl, fd);
    bool there = SSL_accept(ssl) == 1;
    for (int i = 0; there && i < answers; i++) {
        there = request_read(ssl);
        usleep((useconds_t)played.delay_ms * 1000);
        if (there)
            SSL_write(ssl, played.text, (int)strlen(played.text));
    }
    while (there && played.then == THEN_IS_SILENT)
        pause();
    if (there && played.then == THEN_DROPS)
        (void)request_read(ssl);
    else if (there)
        SSL_shutdown(ssl);
    SSL_free(ssl);
    _exit(0);
}

static void serve(int listener) {
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    const char *tls = played.tls == NULL ? tls_path : played.tls;

    (void)signal(SIGCHLD, SIG_IGN);
    if (SSL_CTX_use_PrivateKey_file(ctx, tls, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_certificate_file(ctx, tls, SSL_FILETYPE_PEM) != 1)
        _exit(1);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        atomic_fetch_add(&seen->connections, fd >= 0);
        if (played.delay_ms < NEVER && fd >= 0 && fork() == 0) {
            close(listener); /* or the port is taken until this one has died too, for whom nobody waits */
            connection_serve(ctx, fd);
        }
        if (played.delay_ms < NEVER)
            close(fd);
    }
}

/* `port` 0: any that is free. All processes of a server are one group, and go together. */
static void start_at(in_port_t port, struct play play) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = port};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    played = play;
    assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 64), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    (void)snprintf(url, sizeof url, "https://localhost:%d", ntohs(at.sin_port));
    server = fork();
    assert_true(server >= 0);
    if (server == 0) {
        setpgid(0, 0);
        serve(listener);
    }
    setpgid(server, server);
    close(listener);
}

static void start(int delay_ms, const char *text) {
    atomic_store(&seen->connections, 0);
    atomic_store(&seen->requests, 0);
    start_at(0, (struct play){.delay_ms = delay_ms, .text = text});
}

static void start_keeping(int answers, enum then then) {
    atomic_store(&seen->connections, 0);
    atomic_store(&seen->requests, 0);
    start_at(0, (struct play){.text = KEPT, .answers = answers, .then = then});
}

static void halt(void) {
    kill(-server, SIGKILL);
    assert_int_equal(waitpid(server, NULL, 0), server);
}

/* The same address, another process, perhaps another one's. */
static void start_again(const char *tls) {
    in_port_t port = htons((in_port_t)strtol(strrchr(url, ':') + 1, NULL, 10));

    halt();
    start_at(port, (struct play){.tls = tls, .text = KEPT, .answers = 9});
}

static int stop(void **state) {
    (void)state;
    http_line_free(&line);
    halt();
    return 0;
}

static void expect_seen(int connections, int requests) {
    assert_int_equal(atomic_load(&seen->connections), connections);
    assert_int_equal(atomic_load(&seen->requests), requests);
}

static struct http run_new(void) {
    return (struct http){.server = url, .server_ca = tls_path, .line = &line, .lang = "en"};
}

static enum rc post(struct http *h) {
    AUTO(http_answer) a = {0};
    TRY(http_post(h, "/x", "application/json", span_str("{}"), &a));
    assert_string_equal(buf_str(&a.body), "{}");
    return RC_OK;
}

static void posts(struct http *h, int count) {
    for (int i = 0; i < count; i++)
        MUST_OK(post(h));
}

static void a_run_has_one_connection(void **state) {
    (void)state;
    start_keeping(9, THEN_CLOSES);
    struct http h = run_new(), brief = h; /* as the page has copies of it */
    posts(&h, 3);
    posts(&brief, 1);
    expect_seen(1, 4);
    line.used -= 60; /* a person thought it over: what lies between may have forgotten the connection */
    posts(&h, 2);
    expect_seen(2, 6);
}

/* Closed by the server while nobody asked; or by what was asked: nothing is lost, and each answer came once. */
static void one_that_was_closed_is_replaced(void **state) {
    (void)state;
    start_keeping(1, THEN_CLOSES);
    struct http h = run_new();
    posts(&h, 4);
    expect_seen(4, 4);
    (void)stop(NULL);
    start_keeping(2, THEN_DROPS);
    h = run_new();
    posts(&h, 5);
    expect_seen(3, 7); /* two died of their third request, which was asked again on the next */
}

static void one_that_is_silent_is_replaced(void **state) {
    (void)state;
    start_keeping(1, THEN_IS_SILENT);
    struct http h = run_new();
    posts(&h, 2);
    expect_seen(2, 2);
}

static void a_restarted_server_is_found(void **state) {
    (void)state;
    start_keeping(9, THEN_CLOSES);
    struct http h = run_new();
    posts(&h, 2);
    start_again(NULL);
    posts(&h, 2);
    expect_seen(2, 4);
}

/* The pin holds for each connection, not for the first alone, and no body goes out before. */
static void another_in_its_place_is_refused(void **state) {
    (void)state;
    start_keeping(9, THEN_CLOSES);
    struct http h = run_new();
    posts(&h, 1);
    start_again(other_path);
    MUST_FAIL(RC_NETWORK, post(&h));
    assert_int_equal(h.trouble, HTTP_TRUST);
    expect_seen(2, 1);
}

static void what_is_set_holds_from_the_next_request_on(void **state) {
    (void)state;
    start_keeping(9, THEN_CLOSES);
    struct http h = run_new();
    struct http_proxy proxy = {.edition = 1};
    posts(&h, 1);
    h.server_ca = other_path;
    MUST_FAIL(RC_NETWORK, post(&h));
    assert_int_equal(h.trouble, HTTP_TRUST);
    expect_seen(2, 1);
    h.server_ca = tls_path;
    posts(&h, 1);
    h.proxy = &proxy; /* another login, say */
    posts(&h, 2);
    expect_seen(4, 4);
    proxy.url = "http://127.0.0.1:1";
    proxy.edition++;
    MUST_FAIL(RC_NETWORK, post(&h));
    expect_seen(4, 4);
}

static int64_t lost_by_twenty(void) {
    struct http h = run_new();
    posts(&h, 20);
    assert_int_equal(h.calls, 20);
    return h.lost_ms;
}

/* On a busy machine one of twenty may not be quick. */
static void quick_answers_cost_nothing(void **state) {
    (void)state;
    start(0, ANSWER);
    assert_true(lost_by_twenty() == 0 || lost_by_twenty() == 0 || lost_by_twenty() == 0);
}

/* Check, begin, kur and certConf of a renewal share one patience. */
static void slow_answers_add_up(void **state) {
    (void)state;
    start(3000, ANSWER);
    struct http h = run_new();
    long began = now_ms();
    MUST_OK(post(&h));
    MUST_OK(post(&h));
    MUST_FAIL(RC_NETWORK, post(&h));
    long third = now_ms();
    MUST_FAIL(RC_NETWORK, post(&h));
    assert_non_null(strstr(err_text(), "too slowly"));
    assert_int_equal(h.calls, 3);
    assert_true(now_ms() - third < 200);
    assert_in_range(now_ms() - began, 7000, MOST_MS);
}

/* With almost nothing left a try is short: 0 ms would mean for ever. */
static void what_is_left_is_kept_to(void **state) {
    (void)state;
    start(NEVER, ANSWER);
    for (long left = -1; left < 4; left++) {
        struct http h = run_new();
        h.lost_ms = 8000 - left;
        long began = now_ms();
        MUST_FAIL(RC_NETWORK, post(&h));
        assert_true(now_ms() - began < 1500);
    }
}

static void silence_ends_a_run(void **state) {
    (void)state;
    start(NEVER, ANSWER);
    struct http h = run_new();
    long began = now_ms();
    MUST_FAIL(RC_NETWORK, post(&h));
    assert_true(h.calls > 1); /* asked again */
    assert_in_range(now_ms() - began, 5000, MOST_MS);
}

static void so_does_being_busy(void **state) {
    (void)state;
    start(0, BUSY);
    struct http h = run_new();
    long began = now_ms();
    MUST_FAIL(RC_BUSY, post(&h));
    assert_true(h.calls > 1);
    assert_in_range(now_ms() - began, 1000, MOST_MS);
}

/* Whatever goes wrong on the way, a Vietnamese reader is told in Vietnamese, none of it in libcurl's words. */
static void expect_vietnamese(const char *at, const char *ca, const char *want) {
    struct http h = run_new();
    char said[CAUSE_TEXT];
    h.server = at;
    h.server_ca = ca;
    h.lost_ms = 7500;
    MUST_FAIL(RC_NETWORK, post(&h));
    cause_say(LANG_VI, err_text(), said);
    assert_string_equal(said, want);
}

static void is_told_in_vietnamese(void **state) {
    (void)state;
    start(NEVER, ANSWER);
    expect_vietnamese("https://localhost:1", tls_path, "Không kết nối được với máy chủ.");
    expect_vietnamese("https://no-such-name.invalid", tls_path, "Không tìm thấy máy chủ có tên này.");
    expect_vietnamese("http://localhost:1", tls_path, "Địa chỉ máy chủ không đúng.");
    expect_vietnamese(url, tls_path, "Máy chủ không trả lời kịp.");
    (void)stop(NULL);
    start(0, ANSWER);
    expect_vietnamese(url, "/etc/ssl/certs/ca-certificates.crt", "Chứng thư của máy chủ không tin được.");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_run_has_one_connection, stop),
        cmocka_unit_test_teardown(one_that_was_closed_is_replaced, stop),
        cmocka_unit_test_teardown(one_that_is_silent_is_replaced, stop),
        cmocka_unit_test_teardown(a_restarted_server_is_found, stop),
        cmocka_unit_test_teardown(another_in_its_place_is_refused, stop),
        cmocka_unit_test_teardown(what_is_set_holds_from_the_next_request_on, stop),
        cmocka_unit_test_teardown(quick_answers_cost_nothing, stop),
        cmocka_unit_test_teardown(slow_answers_add_up, stop),
        cmocka_unit_test_teardown(what_is_left_is_kept_to, stop),
        cmocka_unit_test_teardown(silence_ends_a_run, stop),
        cmocka_unit_test_teardown(so_does_being_busy, stop),
        cmocka_unit_test_teardown(is_told_in_vietnamese, stop),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
