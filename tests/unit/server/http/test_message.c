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
                {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx", false, false},
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

/* As fed in one piece and byte by byte: bad, or read to its end. */
static void judge(struct span in, bool good, const char *what) {
    static const size_t pieces[] = {1000, 1, 7};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        AUTO_PTR(message) m = message_new();
        enum message_step step = MESSAGE_MORE;
        size_t used = 0;
        while (used < in.len && step <= MESSAGE_HEAD && !message_request(m)->head_bad) {
            size_t len = in.len - used < pieces[i] ? in.len - used : pieces[i], taken;
            step = message_feed(m, span_of(in.ptr + used, len), &taken);
            used += taken;
            if (step == MESSAGE_HEAD)
                message_request(m)->body_limit = 100;
        }
        if (message_request(m)->head_bad == good || (good && (step != MESSAGE_DONE || used != in.len)))
            fail_msg("%s, in pieces of %zu: step %d, %zu of %zu", what, pieces[i], (int)step, used, in.len);
        if (!good)
            assert_false(message_keeps(m));
        assert_true(good || message_request(m)->body.len == 0);
    }
}

#define ROW(good, text)                                                                                                \
    { (good), sizeof(text) - 1, (text) }
struct row {
    bool good;
    size_t len;
    const char *text;
};

/* What another reader may take for the end of a chunk, or not (RFC 9112, 7.1). */
static void takes_chunks_by_the_letter(void **state) {
    static const char head[] = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    static const struct row rows[] = {
        ROW(true, "2\r\n{}\r\n0\r\n\r\n"),
        ROW(true, "0000000000000002;a=\"b\tc\"\r\n{}\r\nB\r\n0123456789a\r\n000;x\r\nX: y\r\nY:\r\n\r\n"),
        ROW(false, "2;a=b\n{}\r\n0\r\n\r\n"),
        ROW(false, "2;a=\"\n\"\r\n{}\r\n0\r\n\r\n"),
        ROW(false, "2;a\0b\r\n{}\r\n0\r\n\r\n"),
        ROW(false, "2;\nxx\r\n{}\r\n0\r\n\r\n"),
        ROW(false, "2\n{}\r\n0\r\n\r\n"),
        ROW(false, "2\rX{}\r\n0\r\n\r\n"),
        ROW(false, "2 \r\n{}\r\n0\r\n\r\n"),
        ROW(false, "00000000000000002\r\n{}\r\n0\r\n\r\n"),
        ROW(false, "2\r\n{}XX0\r\n\r\n"),
        ROW(false, "2\r\n{}\rX0\r\n\r\n"),
        ROW(false, "2\r\n{}\n0\r\n\r\n"),
        ROW(false, "2\r\n{}\r\n0\rX\r\n"),
        ROW(false, "2\r\n{}\r\n0\r\n\rX"),
        ROW(false, "2\r\n{}\r\n0\r\n\n"),
        ROW(false, "2\r\n{}\r\n0\r\nX: y\n\r\n"),
        ROW(false, "2\r\n{}\r\n0\r\nX: y\r\n\n"),
        ROW(false, "2\r\n{}\r\n0\r\nX: y\r\n z\r\n\r\n"),
        ROW(false, "2\r\n{}\r\n0\r\n X: y\r\n\r\n"),
        ROW(false, "2\r\n{}\r\n0\r\nX: a\0b\r\n\r\n"),
        ROW(false, "2\r\n{}\r\n0\r\nX y: a\r\n\r\n"),
        ROW(false, "2\r\n{}\r\n0\r\nX: y\r\ncontent-length: 40\r\n\r\n"),
        ROW(false, "2\r\n{}\r\n0\r\nHost: b\r\nX: y\r\n\r\n"),
        ROW(false, "2\r\n{}\r\n0\r\nTransfer-Encoding:\r\n\r\n"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO(buf) in = {0};
        MUST_OK(buf_add_str(&in, head));
        MUST_OK(buf_add(&in, rows[i].text, rows[i].len));
        judge(buf_span(&in), rows[i].good, rows[i].text);
    }
}

static void takes_heads_by_the_letter(void **state) {
    static const struct row rows[] = {
        ROW(true, "\r\nGET / HTTP/1.1\r\nHost: a:443 \r\nX: a  b\r\n\r\n"),
        ROW(true, "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n\r\n"),
        ROW(true, "GET https://A.example/x HTTP/1.1\r\nHost: a.EXAMPLE\r\n\r\n"),
        ROW(true, "GET / HTTP/1.0\r\n\r\n"),
        ROW(false, "GET / HTTP/1.1\r\nHost: a\r\n\rX"),
        ROW(false, "GET / HTTP/1.1\rXHost: a\r\n\r\n"),
        ROW(false, "GET / HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n"),
        ROW(false, "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\r\n\r\n"),
        ROW(false, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ROW(false, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
        ROW(false, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        ROW(false, "GET / HTTP/1.1\r\nHost: \r\n\r\n"),
        ROW(false, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        ROW(false, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
        ROW(false, "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"),
        ROW(false, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        ROW(false, "GET https://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        ROW(false, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        ROW(false, "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        ROW(false,
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        judge(span_of((const uint8_t *)rows[i].text, rows[i].len), rows[i].good, rows[i].text);
}

/* Chunks of one byte with as much beside it as anybody likes are no way to send without end. */
static void bounds_extensions_and_trailers(void **state) {
    char xs[HEAD_MAX / 2];
    (void)state;
    memset(xs, 'x', sizeof xs);
    for (int i = 0; i < 2; i++) {
        AUTO_PTR(message) m = message_new();
        AUTO(buf) in = {0};
        size_t used;
        MUST_OK(buf_add_str(&in, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
        if (i == 0)
            MUST_OK(buf_printf(&in, "1;%.*s\r\na\r\n1;%.*s\r\n", HEAD_MAX / 2, xs, HEAD_MAX / 2, xs));
        else
            MUST_OK(buf_printf(&in, "0\r\nX: %.*s\r\nY: %.*s\r\n", HEAD_MAX / 2, xs, HEAD_MAX / 2, xs));
        assert_int_equal(feed(m, buf_str(&in), 1000, &used), MESSAGE_BAD);
        assert_true(message_request(m)->head_large);
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
                {"HTTPS://HOST", "/", NULL, NULL, false, false},
                {"https://other/x", "/x", NULL, NULL, true, false},
                {"https://hos/x", "/x", NULL, NULL, true, false},
                {"https:///x", "/x", NULL, NULL, true, false},
                {"https://user@host/x", "/x", NULL, NULL, true, false},
                {"http://host/x", "/x", NULL, NULL, false, false},
                {"ftp://host/x", "ftp://host/x", NULL, NULL, true, false},
                {"*", "*", NULL, NULL, false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char target[64];
        struct request q = {0};
        MUST_OK(text_set(target, sizeof target, rows[i].target));
        target_read(target, "host", &q);
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
        cmocka_unit_test(reads_it_however_it_is_cut),     cmocka_unit_test(knows_when_it_must_end),
        cmocka_unit_test(takes_chunks_by_the_letter),     cmocka_unit_test(takes_heads_by_the_letter),
        cmocka_unit_test(bounds_extensions_and_trailers), cmocka_unit_test(bounds_head_and_body),
        cmocka_unit_test(bounds_the_number_of_headers),   cmocka_unit_test(decodes_a_target_once),
    };
    return cmocka_run_group_tests_name("server/http/message", tests, NULL, NULL);
}
