/* The page's meeting place and its commands: one answer to one screen, an end when nobody looks, a PIN straight into
   locked memory. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/os.h"
#include "client/ui/ui_api.h"
#include "client/ui/ui_http.h"
#include "lib/must.h"

static void one_answer_to_one_screen(void **state) {
    AUTO_PTR(ui_state) s = NULL;
    AUTO(ui_command) got = {0};
    (void)state;
    MUST_OK(ui_state_new(&s));
    MUST_OK(ui_state_publish(s, "\"a\":1"));
    struct ui_command first = {.kind = UI_RETRY, .seq = 1}, second = first, past = {.kind = UI_CANCEL, .seq = 0};
    struct ui_command lang = {.kind = UI_LANG, .seq = 0};
    MUST_FAIL(RC_BUSY, ui_state_post(s, &past));
    MUST_OK(ui_state_post(s, &first));
    MUST_FAIL(RC_BUSY, ui_state_post(s, &second)); /* a double click */
    MUST_OK(ui_state_post(s, &lang));
    assert_true(ui_state_take(s, 0, &got));
    assert_int_equal(got.kind, UI_RETRY);
    MUST_FAIL(RC_BUSY, ui_state_post(s, &second)); /* not before the next screen */
    assert_true(ui_state_take(s, 0, &got));
    assert_false(ui_state_take(s, 10, &got));
    MUST_OK(ui_state_publish(s, "\"a\":2"));
    second.seq = 2;
    MUST_OK(ui_state_post(s, &second));
}

static void the_inbox_has_a_limit(void **state) {
    AUTO_PTR(ui_state) s = NULL;
    int taken = 0;
    (void)state;
    MUST_OK(ui_state_new(&s));
    for (int i = 0; i < 100; i++) {
        struct ui_command mark = {.kind = UI_MARK};
        taken += ui_state_post(s, &mark) == RC_OK;
    }
    assert_in_range(taken, 1, 99);
}

static void *publish_later(void *arg) {
    usleep(50 * 1000);
    MUST_OK(ui_state_publish(arg, "\"b\":1"));
    return NULL;
}

static void a_wait_ends_with_the_next_state(void **state) {
    AUTO_PTR(ui_state) s = NULL;
    AUTO(buf) json = {0};
    pthread_t thread;
    (void)state;
    MUST_OK(ui_state_new(&s));
    MUST_OK(ui_state_publish(s, "\"a\":1"));
    MUST_OK(ui_state_wait(s, 0, 5000, NULL, NULL, &json));
    assert_string_equal(buf_str(&json), "{\"seq\":1,\"a\":1}");
    assert_int_equal(pthread_create(&thread, NULL, publish_later, s), 0);
    int64_t from = os_clock_ms();
    MUST_OK(ui_state_wait(s, 1, 5000, NULL, NULL, &json));
    assert_string_equal(buf_str(&json), "{\"seq\":2,\"b\":1}");
    assert_true(os_clock_ms() - from < 3000);
    pthread_join(thread, NULL);
    MUST_OK(ui_state_wait(s, 2, 20, NULL, NULL, &json)); /* time is up: the same again */
    assert_string_equal(buf_str(&json), "{\"seq\":2,\"b\":1}");
}

static void a_page_that_leaves_is_missed_soon(void **state) {
    AUTO_PTR(ui_state) s = NULL;
    AUTO(buf) json = {0};
    (void)state;
    MUST_OK(ui_state_new(&s));
    assert_false(ui_state_abandoned(s)); /* there is time to open it */
    ui_state_leave(s);
    assert_false(ui_state_abandoned(s)); /* a reload comes back */
    MUST_OK(ui_state_wait(s, 5, 0, NULL, NULL, &json));
    usleep(2300 * 1000);
    assert_false(ui_state_abandoned(s));
    ui_state_leave(s);
    usleep(2300 * 1000);
    assert_true(ui_state_abandoned(s));
}

static void bodies(void **state) {
    AUTO(ui_command) c = {0};
    char longer[SECRET_MAX + 2];
    (void)state;
    MUST_OK(ui_api_parse("mark", 7, span_str("{\"item\":\"tax\",\"done\":true}"), &c));
    assert_int_equal(c.kind, UI_MARK);
    assert_int_equal(c.seq, 7);
    assert_string_equal(c.text, "tax");
    assert_true(c.flag);
    MUST_OK(ui_api_parse("pin", 7, span_str("8gK-grep-me"), &c));
    assert_string_equal(c.pin.text, "8gK-grep-me");
    ui_command_free(&c);
    memset(longer, 'x', sizeof longer);
    MUST_FAIL(RC_LIMIT, ui_api_parse("pin", 7, span_of(longer, sizeof longer), &c));
    MUST_FAIL(RC_INPUT, ui_api_parse("pin", 7, span_of("ab\0cd", 5), &c));
    MUST_FAIL(RC_INPUT, ui_api_parse("mark", 7, span_str("[]"), &c));
    MUST_FAIL(RC_INPUT, ui_api_parse("choose", 7, span_str(""), &c));
    MUST_OK(ui_api_parse("proxy", 7, span_str("proxy:3128\nCTY\\an\n8gK-grep-me"), &c));
    assert_string_equal(c.text, "proxy:3128");
    assert_string_equal(c.name, "CTY\\an");
    assert_string_equal(c.pin.text, "8gK-grep-me");
    ui_command_free(&c);
    MUST_OK(ui_api_parse("proxy", 7, span_str(""), &c)); /* the system's own, without a login */
    assert_string_equal(c.text, "");
    ui_command_free(&c);
    MUST_FAIL(RC_LIMIT, ui_api_parse("proxy", 7, span_of(longer, sizeof longer), &c));
    MUST_FAIL(RC_NOT_FOUND, ui_api_parse("nothing", 7, span_str("{}"), &c));
    memset(longer, 'A', sizeof longer);
    AUTO(buf) text = {0};
    MUST_OK(buf_printf(&text, "{\"serial\":\"%.256s\"}", longer));
    MUST_FAIL(RC_LIMIT, ui_api_parse("choose", 7, buf_span(&text), &c));
}

#define STRANGERS 300

static int connect_to(const char *url) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = 20};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    a.sin_port = htons((uint16_t)strtol(strrchr(url, ':') + 1, NULL, 10));
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

/* Another user of the computer holds as many connections as it can: the person still comes in, and stays. */
static void idle_strangers_do_not_shut_the_door(void **state) {
    AUTO_PTR(ui_state) s = NULL;
    AUTO_PTR(ui_http) h = NULL;
    char url[UI_URL], request[256], answer[16] = "";
    static int strangers[STRANGERS];
    (void)state;
    MUST_OK(ui_state_new(&s));
    MUST_OK(ui_http_start(s, &h, url));
    for (int i = 0; i < STRANGERS; i++)
        strangers[i] = connect_to(url);
    int fd = connect_to(url);
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %.*s\r\n\r\n", strchr(url + 7, '/'),
                       (int)strcspn(url + 7, "/"), url + 7);
    assert_int_equal(send(fd, request, (size_t)len, MSG_NOSIGNAL), len);
    assert_int_equal(recv(fd, answer, 12, MSG_WAITALL), 12);
    assert_string_equal(answer, "HTTP/1.1 200");
    for (int i = 0; i < STRANGERS; i++) /* and again as many: who showed the secret is not asked to leave */
        close(strangers[i]), strangers[i] = connect_to(url);
    usleep(500 * 1000); /* all of them have been let in */
    const struct timeval soon = {.tv_usec = 1000};
    char rest[4096];
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon), 0);
    ssize_t got;
    while ((got = recv(fd, rest, sizeof rest, 0)) > 0)
        ;
    assert_int_equal(got, -1); /* nothing more comes, but it is open */
    for (int i = 0; i < STRANGERS; i++)
        close(strangers[i]);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_answer_to_one_screen),
        cmocka_unit_test(the_inbox_has_a_limit),
        cmocka_unit_test(a_wait_ends_with_the_next_state),
        cmocka_unit_test(a_page_that_leaves_is_missed_soon),
        cmocka_unit_test(bodies),
        cmocka_unit_test(idle_strangers_do_not_shut_the_door),
    };
    return digest_init() == RC_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
