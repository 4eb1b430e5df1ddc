/* Tests of server/http and server/router over real TLS on a loopback port, with stub handlers: limits, refusals, bytes
   that are no HTTP, many connections, and stopping. */
#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/os.h"
#include "https.h"
#include "lib/must.h"
#include "lib/tmp.h"
#include "raw_tls.h"
#include "server/http/http.h"
#include "server/problem.h"
#include "server/router.h"

#define PARALLEL  100
#define BODY_MAX  1000
#define SLOW_MS   300
#define PER_ADDR  10
#define BODY_TIME 2
#define IDLE_TIME 3
#define BUSY_MS   5000 /* what a busy machine may add */

static char tls_path[PATH_CAP];
static atomic_int running, most_running;

static enum rc say_length(struct request *q, struct response *r) {
    AUTO(buf) out = {0};
    TRY(buf_printf(&out, "%zu %s", q->body.len, request_arg(q, "x")));
    response_ok(r, "text/plain", &out);
    return RC_OK;
}

static enum rc take_a_while(struct request *q, struct response *r) {
    int now = atomic_fetch_add(&running, 1) + 1, most = atomic_load(&most_running);
    while (now > most && !atomic_compare_exchange_weak(&most_running, &most, now))
        continue;
    nanosleep(&(struct timespec){.tv_nsec = SLOW_MS * 1000000L}, NULL);
    atomic_fetch_sub(&running, 1);
    return say_length(q, r);
}

static enum rc fail_inside(struct request *q, struct response *r) {
    (void)q;
    (void)r;
    FAIL(RC_DB, "secret detail of the database");
}

static const struct route table[] = {{"POST", "/echo", "application/json", BODY_MAX, RATE_FREE, WAIT_NONE, say_length},
                                     {"GET", "/echo", NULL, 0, RATE_FREE, WAIT_NONE, say_length},
                                     {"GET", "/slow", NULL, 0, RATE_FREE, WAIT_STORE, take_a_while},
                                     {"GET", "/fails", NULL, 0, RATE_FREE, WAIT_NONE, fail_inside},
                                     {"GET", "/rare", NULL, 0, RATE_LOOKUP, WAIT_NONE, say_length}};

static struct {
    struct metrics metrics;
    struct limits *limits;
    struct router router;
    struct http *http;
} server;

static int start_with(int per_address) {
    MUST_OK(limits_new(3, &server.limits));
    server.router = (struct router){.table = table,
                                    .count = sizeof table / sizeof table[0],
                                    .max_body = BODY_MAX,
                                    .limits = {[RATE_LOOKUP] = server.limits},
                                    .metrics = &server.metrics};
    const struct http_config cfg = {.host = "127.0.0.1",
                                    .tls = tls_path,
                                    .max_connections = 2 * per_address,
                                    .max_per_address = per_address,
                                    .max_per_block = 2 * per_address,
                                    .idle_s = IDLE_TIME,
                                    .body_s = BODY_TIME,
                                    .admit = router_admit,
                                    .serve = router_serve,
                                    .done = router_done,
                                    .arg = &server.router};
    MUST_OK(http_start(&cfg, &server.http));
    return 0;
}

static int start(void **state) {
    (void)state;
    return start_with(2 * PARALLEL);
}

static int start_narrow(void **state) {
    (void)state;
    return start_with(PER_ADDR);
}

static int stop(void **state) {
    (void)state;
    if (server.http != NULL)
        MUST_OK(http_drain(server.http, 10000));
    http_free(MOVE(server.http));
    limits_free(MOVE(server.limits));
    return 0;
}

static void expect(struct https_call c, long status, const char *part) {
    https_run(http_port(server.http), tls_path, &c);
    https_check(&c);
    if (c.status != status)
        fail_msg("%s %s: status %ld, not %ld: %s", c.method, c.path, c.status, status, buf_str(&c.body));
    if (strstr(buf_str(&c.head), part) == NULL && strstr(buf_str(&c.body), part) == NULL)
        fail_msg("%s %s: neither %s nor %s has %s", c.method, c.path, buf_str(&c.head), buf_str(&c.body), part);
    https_call_free(&c);
}

static void answers_what_fits(void **state) {
    (void)state;
    expect((struct https_call){.path = "/echo?x=a%20b", .method = "GET"}, 200, "0 a b");
    expect((struct https_call){.path = "/echo", .method = "HEAD"}, 200, "Content-Length: 2");
    expect((struct https_call){.path = "/echo", .method = "POST", .body_len = BODY_MAX}, 200, "1000 ");
    expect((struct https_call){.path = "/echo", .method = "POST", .body_len = BODY_MAX, .chunked = true}, 200, "1000 ");
    expect((struct https_call){.path = "/echo", .method = "POST", .type = "application/json; charset=utf-8"}, 200,
           "0 ");
}

static void refuses_what_does_not(void **state) {
    (void)state;
    expect((struct https_call){.path = "/nothing", .method = "GET"}, 404, "\"code\":\"not-found\"");
    expect((struct https_call){.path = "/echo/", .method = "GET"}, 404, "not-found");
    expect((struct https_call){.path = "/echo", .method = "DELETE"}, 405, "Allow: POST, GET, HEAD");
    expect((struct https_call){.path = "/slow", .method = "POST"}, 405, "Allow: GET, HEAD");
    expect((struct https_call){.path = "/slow", .method = "PATCH"}, 405, "\"code\":\"method-not-allowed\"");
    expect((struct https_call){.path = "/slow", .method = "BREW"}, 400, "bad-request"); /* no method of HTTP */
    expect((struct https_call){.path = "/echo", .method = "POST", .type = "text/plain"}, 415,
           "Content-Type: application/json");
    expect((struct https_call){.path = "/echo", .method = "POST", .type = "application/jsonx"}, 415,
           "wrong-content-type");
    expect((struct https_call){.path = "/echo?x=1&x=2", .method = "GET"}, 400, "bad-request");
    expect((struct https_call){.path = "/echo?1&2&3&4&5&6&7&8&9", .method = "GET"}, 400, "bad-request");
    expect((struct https_call){.path = "/echo?x=a%00b", .method = "GET"}, 400, "bad-request");
}

static void refuses_large_bodies_with_an_answer(void **state) {
    (void)state;
    expect((struct https_call){.path = "/echo", .method = "POST", .body_len = BODY_MAX + 1}, 413, "too-large");
    expect((struct https_call){.path = "/echo", .method = "POST", .body_len = BODY_MAX + 1, .chunked = true}, 413,
           "too-large");
    expect((struct https_call){.path = "/echo", .method = "POST", .body_len = 4 << 20}, 413, "too-large");
    expect((struct https_call){.path = "/echo", .method = "POST", .body_len = 4 << 20, .chunked = true}, 413,
           "too-large");
    expect((struct https_call){.path = "/nothing", .method = "POST", .body_len = 1 << 20}, 404, "not-found");
}

static void hides_its_own_failures(void **state) {
    (void)state;
    struct https_call c = {.path = "/fails", .method = "GET"};
    https_run(http_port(server.http), tls_path, &c);
    assert_int_equal(c.status, 503);
    assert_non_null(strstr(buf_str(&c.head), "Retry-After: "));
    assert_null(strstr(buf_str(&c.body), "secret"));
    https_call_free(&c);
}

static void limits_the_rate(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++)
        expect((struct https_call){.path = "/rare", .method = "GET"}, 200, "0 ");
    expect((struct https_call){.path = "/rare", .method = "GET"}, 429, "Retry-After: 20");
    expect((struct https_call){.path = "/echo", .method = "GET"}, 200, "0 ");
}

/* Asking for nothing is a call too, and of the lines it writes there are a few. */
static void limits_what_it_refuses(void **state) {
    (void)state;
    struct repeats refused;
    repeats_open(&refused, "code");
    server.router.limits[RATE_CALL] = server.limits;
    server.router.refused = &refused;
    expect((struct https_call){.path = "/nothing", .method = "GET"}, 404, "not-found");
    expect((struct https_call){.path = "/echo", .method = "DELETE"}, 405, "method-not-allowed");
    expect((struct https_call){.path = "/echo?x=1&x=2", .method = "GET"}, 400, "bad-request");
    for (int i = 0; i < 2 * REPEATS_LINES; i++)
        expect((struct https_call){.path = "/nothing", .method = "GET"}, 429, "Retry-After: ");
    expect((struct https_call){.path = "/slow", .method = "BREW"}, 429, "Connection: close");
    expect((struct https_call){.path = "/echo", .method = "GET"}, 200, "0 ");
    assert_int_equal(refused.kept, 4);
    assert_int_equal(refused.rows[3].lines, REPEATS_LINES);
    assert_int_equal(refused.rows[3].count, REPEATS_LINES + 1);
    server.router.refused = NULL;
    repeats_close(&refused);
}

static struct raw_tls *connected(void) {
    struct raw_tls *t = raw_tls_open(http_port(server.http));
    assert_non_null(t);
    return t;
}

static void survives_what_is_no_http(void **state) {
    (void)state;
    static const char *const lines[] = {
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 garbage \xff\xfe\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /echo HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET /echo HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        AUTO_PTR(raw_tls) t = connected();
        AUTO(buf) out = {0};
        (void)raw_tls_send(t, span_str(lines[i]));
        if (!raw_tls_read(t, NULL, 4000, &out))
            fail_msg("line %zu: the connection stayed open: %s", i, buf_str(&out));
        assert_null(strstr(buf_str(&out), " 200 "));
    }
    expect((struct https_call){.path = "/echo", .method = "GET"}, 200, "0 ");
}

/* What one reads so and another otherwise (RFC 9112, 3.2): refused, and the connection ends, whatever else was sent. */
static void refuses_a_head_of_two_meanings(void **state) {
    (void)state;
#define HEAD(bytes)                                                                                                    \
    { (const uint8_t *)(bytes), sizeof(bytes) - 1 }
    static const struct span heads[] = {
        HEAD("GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        HEAD("GET /echo HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n"),
        HEAD("POST /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: "
             "2\r\n\r\n{}"),
        HEAD("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET"),
        HEAD("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}GET"),
        HEAD("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        HEAD("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        HEAD("GET /echo HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n"),
        HEAD("GET /echo HTTP/1.1\r\nHost: a\r\nHost : b\r\n\r\n"),
        HEAD("GET /echo%00/x HTTP/1.1\r\nHost: a\r\n\r\n"),
        HEAD("GET /echo%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
        HEAD("GET /%00?x=1 HTTP/1.1\r\nHost: a\r\n\r\n"),
        HEAD("GET https://a/echo%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
        HEAD("GET /echo\0/x HTTP/1.1\r\nHost: a\r\n\r\n"),
        HEAD("GET /echo?x=1\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
        HEAD("GET /echo HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
        HEAD("GET /echo HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"),
        HEAD("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
        HEAD("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
             "chunked\r\n\r\n0\r\n\r\n"),
        HEAD("GET /echo HTTP/1.1\nHost: a\n\n"),
        HEAD("GET /echo HTTP/1.1\r\nHost: a\r\n\n"),
        HEAD("GET /echo HTTP/1.1\r\n\r\n"),
        HEAD("GET /echo HTTP/1.2\r\nHost: a\r\n\r\n"),
        HEAD("GET /echo HTTP/1.1\r\nHost: a\r\n\rX"),
        HEAD("GET /echo HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        HEAD("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: "
             "chunked\r\n\r\n2\r\n{}XX0\r\n\r\n"),
    };
#undef HEAD
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        AUTO_PTR(raw_tls) t = connected();
        AUTO(buf) out = {0};
        assert_true(raw_tls_send(t, heads[i]));
        if (!raw_tls_read(t, NULL, 1000 * IDLE_TIME - 500, &out))
            fail_msg("head %zu: the connection stayed open: %s", i, buf_str(&out));
        print_message("head %zu: %.60s\n", i, buf_str(&out));
        if (strstr(buf_str(&out), "HTTP/1.1 400 ") == NULL)
            fail_msg("head %zu: no 400: %s", i, buf_str(&out));
    }
    expect((struct https_call){.path = "/echo%2500", .method = "GET"}, 404, "not-found"); /* a percent sign, no NUL */
    expect((struct https_call){.path = "/echo?x=%00", .method = "GET"}, 400, "bad-request");
}

static void bounds_headers(void **state) {
    (void)state;
    AUTO_PTR(raw_tls) t = connected();
    AUTO(buf) in = {0};
    AUTO(buf) out = {0};
    MUST_OK(buf_add_str(&in, "GET /echo HTTP/1.1\r\nHost: x\r\nX: "));
    for (int i = 0; i < 2 * HEAD_MAX; i++)
        MUST_OK(buf_add_char(&in, 'h'));
    MUST_OK(buf_add_str(&in, "\r\n\r\n"));
    (void)raw_tls_send(t, buf_span(&in));
    assert_true(raw_tls_read(t, NULL, 4000, &out));
    assert_non_null(strstr(buf_str(&out), "HTTP/1.1 431 "));
    assert_non_null(strstr(buf_str(&out), "head-too-large"));

    AUTO(buf) path = {0};
    MUST_OK(buf_add_char(&path, '/'));
    for (int i = 0; i < PATH_LENGTH; i++)
        MUST_OK(buf_add_char(&path, 'p'));
    AUTO_PTR(raw_tls) t2 = connected();
    buf_clear(&in);
    buf_clear(&out);
    MUST_OK(buf_printf(&in, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", buf_str(&path)));
    assert_true(raw_tls_send(t2, buf_span(&in)));
    assert_false(raw_tls_read(t2, "path-too-long", 4000, &out));
    assert_non_null(strstr(buf_str(&out), " 414 "));
}

/* Each byte in time, but the whole too late: the connection is cut off after body_s, without an answer. */
static void cut_off_while_sending(struct span first) {
    AUTO_PTR(raw_tls) t = connected();
    AUTO(buf) out = {0};
    int64_t began = os_clock_ms();
    bool closed = !raw_tls_send(t, first);
    for (int i = 0; i < 60 && !closed; i++)
        closed = raw_tls_read(t, NULL, 200, &out) || !raw_tls_send(t, span_str("b"));
    assert_true(closed);
    assert_in_range(os_clock_ms() - began, BODY_TIME * 1000 - 500, BODY_TIME * 1000 + BUSY_MS);
    assert_int_equal(out.len, 0);
}

static void cuts_off_slow_bodies(void **state) {
    (void)state;
    cut_off_while_sending(span_str("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                   "Content-Length: 500\r\n\r\n"));
}

static void cuts_off_slow_headers(void **state) {
    (void)state;
    cut_off_while_sending(span_str("GET /echo HTTP/1.1\r\nHost: x\r\nX: "));
}

/* A kept-alive connection starts anew with every request. */
static void cuts_off_a_slow_second_request(void **state) {
    (void)state;
    AUTO_PTR(raw_tls) t = connected();
    AUTO(buf) out = {0};
    for (int i = 0; i < 4; i++) {
        buf_clear(&out);
        assert_true(raw_tls_send(t, span_str("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")));
        assert_false(raw_tls_read(t, "\r\n\r\n0 ", 4000, &out));
        usleep(700000);
    }
    bool closed = false;
    int64_t began = os_clock_ms();
    for (int i = 0; i < 60 && !closed; i++)
        closed = !raw_tls_send(t, span_str("X")) || raw_tls_read(t, NULL, 200, &out);
    assert_true(closed);
    assert_in_range(os_clock_ms() - began, 0, (IDLE_TIME + BODY_TIME) * 1000 + BUSY_MS);
}

static void closes_silent_connections(void **state) {
    (void)state;
    AUTO_PTR(raw_tls) t = connected();
    AUTO(buf) out = {0};
    assert_true(raw_tls_send(t, span_str("POST /echo HTTP/1.1\r\n")));
    assert_true(raw_tls_read(t, NULL, 2000 * IDLE_TIME, &out));
}

static void *one_call(void *arg) {
    https_run(http_port(server.http), tls_path, arg);
    return NULL;
}

static void serves_a_hundred_at_once(void **state) {
    (void)state;
    pthread_t threads[PARALLEL];
    struct https_call calls[PARALLEL] = {{0}};
    for (int i = 0; i < PARALLEL; i++) {
        calls[i] = (struct https_call){.path = "/slow", .method = "GET"};
        assert_int_equal(pthread_create(&threads[i], NULL, one_call, &calls[i]), 0);
    }
    for (int i = 0; i < PARALLEL; i++) /* all of them, before one that failed ends the test and their stack with it */
        pthread_join(threads[i], NULL);
    for (int i = 0; i < PARALLEL; i++) {
        if (calls[i].status != 200)
            fail_msg("call %d: %ld, %s", i, calls[i].status, calls[i].why);
        https_call_free(&calls[i]);
    }
    assert_true(atomic_load(&most_running) > 10); /* they did run side by side */
}

/* Those who would wait for what already so many wait for are told at once, and the others are served. */
static void keeps_threads_for_those_who_need_not_wait(void **state) {
    (void)state;
    pthread_t thread;
    struct https_call c = {.path = "/slow", .method = "GET"};
    server.router.most[WAIT_STORE] = 1;
    assert_int_equal(pthread_create(&thread, NULL, one_call, &c), 0);
    for (int i = 0; i < 10000 && atomic_load(&server.router.waiting[WAIT_STORE]) == 0; i++)
        usleep(1000);
    AUTO(https_call) refused = {.path = "/slow", .method = "GET"};
    https_run(http_port(server.http), tls_path, &refused);
    expect((struct https_call){.path = "/echo", .method = "GET"}, 200, "0 ");
    pthread_join(thread, NULL);
    assert_int_equal(c.status, 200);
    https_call_free(&c);
    assert_int_equal(refused.status, 503);
    assert_non_null(strstr(buf_str(&refused.head), "Retry-After: "));
    expect((struct https_call){.path = "/slow", .method = "GET"}, 200, "0 ");
    assert_int_equal(atomic_load(&server.router.waiting[WAIT_STORE]), 0);
}

/* Whoever comes is served, and whoever of the same address was idle longest has given way. */
static void bounds_connections_of_one_address(void **state) {
    (void)state;
    struct raw_tls *held[PER_ADDR + 5] = {0};
    int count = 0;
    for (int i = 0; i < PER_ADDR + 5; i++) {
        AUTO(buf) out = {0};
        held[i] = connected();
        assert_true(raw_tls_send(held[i], span_str("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")));
        assert_false(raw_tls_read(held[i], "\r\n\r\n0 ", 4000, &out));
    }
    for (int i = 0; i < PER_ADDR + 5; i++) {
        AUTO(buf) out = {0};
        bool open = !raw_tls_read(held[i], NULL, 50, &out);
        assert_int_equal(open, i >= 5);
        count += open;
        raw_tls_free(held[i]);
    }
    assert_int_equal(count, PER_ADDR);
}

static void lets_what_runs_finish(void **state) {
    (void)state;
    pthread_t thread;
    struct https_call c = {.path = "/slow", .method = "GET"};
    int port = http_port(server.http);
    assert_int_equal(pthread_create(&thread, NULL, one_call, &c), 0);
    for (int i = 0; i < 1000 && atomic_load(&running) == 0; i++)
        usleep(10000);
    assert_int_equal(atomic_load(&running), 1);
    MUST_FAIL(RC_BUSY, http_drain(server.http, 10));
    assert_null(raw_tls_open(port));
    MUST_OK(http_drain(server.http, 3000));
    pthread_join(thread, NULL);
    assert_int_equal(c.status, 200);
    assert_non_null(strstr(buf_str(&c.head), "Connection: close"));
    https_call_free(&c);
}

static void says_why_it_cannot_start(void **state) {
    (void)state;
    struct http *second = NULL;
    struct http_config cfg = {.host = "127.0.0.1",
                              .port = http_port(server.http),
                              .tls = tls_path,
                              .max_connections = 1,
                              .max_per_address = 1,
                              .max_per_block = 1,
                              .idle_s = 1};
    MUST_FAIL(RC_IO, http_start(&cfg, &second));
    assert_non_null(strstr(err_text(), "127.0.0.1"));
    cfg.tls = "/nonexistent/tls.pem";
    MUST_FAIL(RC_IO, http_start(&cfg, &second));
    cfg.host = "no such host";
    MUST_FAIL(RC_IO, http_start(&cfg, &second));
    assert_null(second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_what_fits, start, stop),
        cmocka_unit_test_setup_teardown(refuses_what_does_not, start, stop),
        cmocka_unit_test_setup_teardown(refuses_large_bodies_with_an_answer, start, stop),
        cmocka_unit_test_setup_teardown(hides_its_own_failures, start, stop),
        cmocka_unit_test_setup_teardown(limits_the_rate, start, stop),
        cmocka_unit_test_setup_teardown(limits_what_it_refuses, start, stop),
        cmocka_unit_test_setup_teardown(survives_what_is_no_http, start, stop),
        cmocka_unit_test_setup_teardown(refuses_a_head_of_two_meanings, start, stop),
        cmocka_unit_test_setup_teardown(bounds_headers, start, stop),
        cmocka_unit_test_setup_teardown(cuts_off_slow_bodies, start, stop),
        cmocka_unit_test_setup_teardown(cuts_off_slow_headers, start, stop),
        cmocka_unit_test_setup_teardown(cuts_off_a_slow_second_request, start, stop),
        cmocka_unit_test_setup_teardown(closes_silent_connections, start, stop),
        cmocka_unit_test_setup_teardown(serves_a_hundred_at_once, start, stop),
        cmocka_unit_test_setup_teardown(keeps_threads_for_those_who_need_not_wait, start, stop),
        cmocka_unit_test_setup_teardown(bounds_connections_of_one_address, start_narrow, stop),
        cmocka_unit_test_setup_teardown(lets_what_runs_finish, start, stop),
        cmocka_unit_test_setup_teardown(says_why_it_cannot_start, start, stop),
    };
    signal(SIGPIPE, SIG_IGN);
    if (digest_init() != RC_OK)
        return 1;
    log_open("test", LOG_ERROR);
    curl_global_init(CURL_GLOBAL_ALL);
    AUTO(tmp) folder = {0};
    if (tmp_make(&folder, NULL, "http") != RC_OK || fs_join(tls_path, folder.dir, "tls.pem") != RC_OK)
        return 1;
    https_make_tls(tls_path);
    return cmocka_run_group_tests_name("server/http", tests, NULL, NULL);
}
