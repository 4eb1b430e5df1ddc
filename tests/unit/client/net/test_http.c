/* A run's patience with the server: repeats, slow answers and dead servers, over real TLS. */
#include "lib/must.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fs.h"
#include "client/flow/cause.h"
#include "client/net/http.h"
#include "pki/ca/mint.h"

#define NEVER   60000 /* ms: longer than any run */
#define MOST_MS 10000 /* a run that meets trouble ends within this */

static char tls_path[] = "/tmp/capbu-client-http-XXXXXX";
static pid_t server;
static char url[64];

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000L + t.tv_nsec / 1000000L;
}

static int key_make(void **state) {
    (void)state;
    AUTO_PTR(key) k = NULL;
    AUTO(buf) der = {0};
    AUTO(buf) pem = {0};
    time_t now = time(NULL);
    int fd = mkstemp(tls_path);
    assert_true(fd >= 0);
    close(fd);
    unlink(tls_path);
    MUST_OK(digest_init());
    MUST_OK(http_init());
    MUST_OK(key_make_file(tls_path, 0, &k));
    MUST_OK(mint_tls(k, "localhost", now - 60, now + 3600, &der));
    MUST_OK(fs_read(tls_path, 65536, &pem));
    MUST_OK(cert_to_pem(buf_span(&der), &pem));
    MUST_OK(fs_write(tls_path, buf_span(&pem), 0600));
    return 0;
}

static int key_drop(void **state) {
    (void)state;
    return unlink(tls_path);
}

static void answer(SSL_CTX *ctx, int fd, int delay_ms, const char *text) {
    char request[4096];
    SSL *ssl = SSL_new(ctx);

    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1 && SSL_read(ssl, request, sizeof request) > 0) {
        usleep((useconds_t)delay_ms * 1000);
        SSL_write(ssl, text, (int)strlen(text));
        SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    _exit(0);
}

/* Each connection gets one answer, `delay_ms` after its request came; delay NEVER: not even TLS. */
static void serve(int listener, int delay_ms, const char *text) {
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    (void)signal(SIGCHLD, SIG_IGN);
    if (SSL_CTX_use_PrivateKey_file(ctx, tls_path, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_certificate_file(ctx, tls_path, SSL_FILETYPE_PEM) != 1)
        _exit(1);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (delay_ms < NEVER && fd >= 0 && fork() == 0)
            answer(ctx, fd, delay_ms, text);
        if (delay_ms < NEVER)
            close(fd);
    }
}

static void start(int delay_ms, const char *text) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 64), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    (void)snprintf(url, sizeof url, "https://localhost:%d", ntohs(at.sin_port));
    server = fork();
    assert_true(server >= 0);
    if (server == 0)
        serve(listener, delay_ms, text);
    close(listener);
}

static int stop(void **state) {
    (void)state;
    kill(server, SIGKILL);
    return waitpid(server, NULL, 0) == server ? 0 : -1;
}

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
#define BUSY   "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"

static struct http run_new(void) {
    return (struct http){.server = url, .server_ca = tls_path, .lang = "en"};
}

static enum rc post(struct http *h) {
    AUTO(http_answer) a = {0};
    return http_post(h, "/x", "application/json", span_str("{}"), &a);
}

static int64_t lost_by_twenty(void) {
    struct http h = run_new();
    for (int i = 0; i < 20; i++)
        MUST_OK(post(&h));
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
        cmocka_unit_test_teardown(quick_answers_cost_nothing, stop),
        cmocka_unit_test_teardown(slow_answers_add_up, stop),
        cmocka_unit_test_teardown(what_is_left_is_kept_to, stop),
        cmocka_unit_test_teardown(silence_ends_a_run, stop),
        cmocka_unit_test_teardown(so_does_being_busy, stop),
        cmocka_unit_test_teardown(is_told_in_vietnamese, stop),
    };
    return cmocka_run_group_tests(tests, key_make, key_drop);
}
