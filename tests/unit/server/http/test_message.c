/* Tests of server/http/message and target: a request however its bytes are cut, and what is none. */
#include <string.h>

#include "lib/must.h"
#include "server/http/message.h"
#include "server/http/target.h"

/* Feeds in pieces of `piece` bytes until something is done; body_limit is 100. */
static enum message_step feed(struct message *m, const char *text, size_t piece, size_t *used) {
    struct span in = span_str(text);
    enum message_step step = MESSAGE_MORE;
    for (*used = 0; *used < in.len && step <= MESSAGE_HEAD;) {
        size_t len = in.len - *used < piece ? in.len - *used : piece, taken;
        step = message_feed(m, span_of(in.ptr + *used, len), &taken);
        *used += taken;
        if (step == MESSAGE_HEAD)
            message_request(m)->body_limit = 100;
    }
    return step;
}

static void reads_it_however_it_is_cut(void **state) {
    (void)state;
    static const char text[] = "POST /a%20b?x=1+2&y=%41&z HTTP/1.1\r\nHost: h\r\ncontent-TYPE: application/json\r\n"
                               "X:\r\nAccept-Language: en\r\nAccept-Language: vi\r\nTransfer-Encoding: chunked\r\n"
                               "Support-Code: 7K3M\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\nGET";
    for (size_t piece = 1; piece <= sizeof text; piece++) {
        AUTO_PTR(message) m = message_new();
        struct request *q = message_request(m);
        size_t used;
        assert_int_equal(feed(m, text, piece, &used), MESSAGE_DONE);
        assert_int_equal(used, sizeof text - 1 - 3);
        assert_false(q->head_bad || q->query_bad);
        assert_string_equal(q->method, "POST");
        assert_string_equal(q->path, "/a b");
        assert_string_equal(request_arg(q, "x"), "1 2");
        assert_string_equal(request_arg(q, "y"), "A");
        assert_string_equal(request_arg(q, "z"), "");
        assert_string_equal(q->content_type, "application/json");
        assert_string_equal(q->accept_language, "en");
        assert_string_equal(q->caller_code, "7K3M");
        assert_int_equal(q->content_length, -1);
        assert_string_equal(buf_str(&q->body), "abcde");
        assert_true(message_keeps(m));
    }
}

static void knows_when_it_must_end(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool keeps, expects;
    } rows[] = {{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true, false},
                {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false, false},
                {"GET / HTTP/1.0\r\n\r\n", false, false},
                {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true, false},
                {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", true, false},
                {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx", true, true},
                {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", true, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_PTR(message) m = message_new();
        size_t used;
        assert_int_equal(feed(m, rows[i].text, 1000, &used), MESSAGE_DONE);
        assert_int_equal(used, strlen(rows[i].text));
        assert_int_equal(message_keeps(m), rows[i].keeps);
        assert_int_equal(message_expects(m), rows[i].expects);
    }
}

static void bounds_head_and_body(void **state) {
    (void)state;
    char xs[HEAD_MAX];
    size_t used;
    memset(xs, 'x', sizeof xs);
    AUTO(buf) long_one = {0};
    AUTO_PTR(message) m = message_new();
    MUST_OK(buf_printf(&long_one, "GET / HTTP/1.1\r\nHost: a\r\nX: %.*s\r\n\r\n", HEAD_MAX, xs));
    assert_int_equal(feed(m, buf_str(&long_one), 1000, &used), MESSAGE_BAD);
    assert_true(message_request(m)->head_large);

    AUTO_PTR(message) n = message_new();
    AUTO(buf) body = {0};
    MUST_OK(buf_printf(&body, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n%.101s", xs));
    assert_int_equal(feed(n, buf_str(&body), 1000, &used), MESSAGE_DONE);
    assert_int_equal(message_request(n)->body_state, BODY_TOO_LONG);
    assert_int_equal(message_request(n)->content_length, 101);
    assert_int_equal(message_refused(n), 101);
}

static void bounds_the_number_of_headers(void **state) {
    (void)state;
    for (int count = HEADERS_MAX; count <= HEADERS_MAX + 1; count++) {
        AUTO_PTR(message) m = message_new();
        AUTO(buf) text = {0};
        size_t used;
        MUST_OK(buf_add_str(&text, "GET / HTTP/1.1\r\nHost: a\r\n"));
        for (int i = 1; i < count; i++)
            MUST_OK(buf_printf(&text, "X%d: y\r\n", i));
        MUST_OK(buf_add_str(&text, "\r\n"));
        bool fits = count <= HEADERS_MAX;
        assert_int_equal(feed(m, buf_str(&text), 1000, &used), fits ? MESSAGE_DONE : MESSAGE_BAD);
        assert_int_equal(message_request(m)->head_large, !fits);
    }
}

static void decodes_a_target_once(void **state) {
    (void)state;
    static const struct {
        const char *target, *path, *first, *value;
        bool path_bad, query_bad;
    } rows[] = {{"/%2500", "/%00", NULL, NULL, false, false},
                {"/a%3fb", "/a?b", NULL, NULL, false, false},
                {"/%zz%4", "/%zz%4", NULL, NULL, false, false},
                {"/a%00b", "/a", NULL, NULL, true, false},
                {"/?%00=1", "/", "", "1", false, true},
                {"/?a=%00", "/", "a", "", false, true},
                {"/?a=b%26c=d", "/", "a", "b&c=d", false, false},
                {"/?a=1&a=2", "/", "a", "1", false, true},
                {"/?&&a&", "/", "a", "", false, false},
                {"/?1&2&3&4&5&6&7&8&9", "/", "1", "", false, true},
                {"https://host/x?y=1", "/x", "y", "1", false, false},
                {"https://host", "/", NULL, NULL, false, false},
                {"*", "*", NULL, NULL, false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char target[64];
        struct request q = {0};
        MUST_OK(text_set(target, sizeof target, rows[i].target));
        target_read(target, &q);
        assert_string_equal(q.path, rows[i].path);
        assert_int_equal(q.head_bad, rows[i].path_bad);
        assert_int_equal(q.query_bad, rows[i].query_bad);
        assert_int_equal(q.query_count > 0, rows[i].first != NULL);
        if (rows[i].first != NULL) {
            assert_string_equal(q.query[0].name, rows[i].first);
            assert_string_equal(q.query[0].value, rows[i].value);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_it_however_it_is_cut), cmocka_unit_test(knows_when_it_must_end),
        cmocka_unit_test(bounds_head_and_body),       cmocka_unit_test(bounds_the_number_of_headers),
        cmocka_unit_test(decodes_a_target_once),
    };
    return cmocka_run_group_tests_name("server/http/message", tests, NULL, NULL);
}
