/* Tests of base/log: the line's shape, levels, escapes, and that threads do not mix their lines. */
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/day.h"
#include "base/fs.h"
#include "base/log.h"
#include "lib_base.h"

/* Runs `work` with stderr going into a file, and gives what it wrote. */
static void capture(void (*work)(void), struct buf *out) {
    AUTO_FILE file = tmpfile();
    assert_non_null(file);
    AUTO_FD kept = dup(STDERR_FILENO);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    work();
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
    MUST_OK(fs_read(path, 1 << 24, out));
}

static void one_line(void) {
    log_open("capbud", LOG_INFO);
    log_line(LOG_DEBUG, "too-small", NULL);
    log_line(LOG_WARN, "ready", "address", "https://[::1]:1", "left_out", NULL, "odd \"key\"\n", "a\nb\xff", NULL);
}

static void writes_a_json_line(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    capture(one_line, &out);
    assert_int_equal(out.data[out.len - 1], '\n');
    assert_null(memchr(out.data, '\n', out.len - 1));
    json_t *line = json_loadb(buf_str(&out), out.len, 0, NULL);
    assert_non_null(line);
    assert_int_equal(json_object_size(line), 6);
    assert_string_equal(json_string_value(json_object_get(line, "level")), "warn");
    assert_string_equal(json_string_value(json_object_get(line, "program")), "capbud");
    assert_string_equal(json_string_value(json_object_get(line, "event")), "ready");
    assert_string_equal(json_string_value(json_object_get(line, "address")), "https://[::1]:1");
    assert_string_equal(json_string_value(json_object_get(line, "odd \"key\"\n")), "a\nb\xef\xbf\xbd");
    int64_t instant = 0;
    const char *time = json_string_value(json_object_get(line, "time"));
    assert_int_equal(strlen(time), 24);
    MUST_OK(instant_parse(time, &instant));
    assert_true(instant > 1577836800); /* the machine's clock */
    json_decref(line);
}

#define THREADS 4
#define LINES   300

static void *many_lines(void *arg) {
    for (int i = 0; i < LINES; i++)
        log_line(LOG_ERROR, "tick", "who", arg, "padding", "0123456789012345678901234567890123456789", NULL);
    return NULL;
}

static void from_threads(void) {
    static char names[THREADS][2] = {"a", "b", "c", "d"};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, many_lines, names[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void keeps_lines_of_threads_whole(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    capture(from_threads, &out);
    int lines = 0;
    for (const char *p = buf_str(&out); *p != 0; lines++) {
        const char *end = strchr(p, '\n');
        assert_non_null(end);
        json_t *line = json_loadb(p, (size_t)(end - p), 0, NULL);
        assert_non_null(line);
        json_decref(line);
        p = end + 1;
    }
    assert_int_equal(lines, THREADS * LINES);
}

static void into_nothing(void) {
    close(STDERR_FILENO);
    log_line(LOG_ERROR, "nobody-hears", NULL);
}

static void bears_a_closed_stderr(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    capture(into_nothing, &out);
    assert_int_equal(out.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_json_line),
        cmocka_unit_test(keeps_lines_of_threads_whole),
        cmocka_unit_test(bears_a_closed_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
