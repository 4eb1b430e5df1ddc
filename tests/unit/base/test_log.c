/* Tests of base/log: the line's shape, levels, escapes, and that threads do not mix their lines. */
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/day.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/os.h"
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

#define MANY 2000 /* lines: more than a pipe holds */

/* Whole lines of which the pipe holds some, one of them so long that its end is missing; how many were written. */
static void write_many(void) {
    AUTO(buf) long_one = {0};
    for (int i = 0; i < 10000; i++)
        MUST_OK(buf_add_char(&long_one, 'x'));
    for (int i = 0; i < MANY; i++)
        log_line(LOG_ERROR, "tick", "text", i % 2 == 0 ? buf_str(&long_one) : "short", NULL);
}

static void pipe_read(int fd, struct buf *all) {
    char some[4096];
    ssize_t got;
    while ((got = read(fd, some, sizeof some)) > 0)
        MUST_OK(buf_add(all, some, (size_t)got));
}

/* Its reader stands still: the server goes on, and what was lost is told as soon as somebody reads. */
static void waits_for_nobody(void **state) {
    (void)state;
    int ends[2];
    AUTO_FD kept = dup(STDERR_FILENO);
    AUTO(buf) all = {0};
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    int64_t began = os_clock_ms();
    write_many();
    int64_t took = os_clock_ms() - began;
    pipe_read(ends[0], &all);
    log_line(LOG_ERROR, "after", NULL);
    log_line(LOG_ERROR, "and-after", NULL);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    pipe_read(ends[0], &all);
    close(ends[0]);
    close(ends[1]);
    assert_in_range(took, 0, 5000);
    int lines = 0;
    long long lost = -1;
    for (const char *p = buf_str(&all), *end; (end = strchr(p, '\n')) != NULL; p = end + 1) {
        json_t *line = json_loadb(p, (size_t)(end - p), 0, NULL); /* NULL: the torn one */
        const char *event = line == NULL ? "" : json_string_value(json_object_get(line, "event"));
        lines += strcmp(event, "tick") == 0;
        if (strcmp(event, "log-lines-lost") == 0)
            lost = strtoll(json_string_value(json_object_get(line, "text")), NULL, 10);
        if (line != NULL)
            json_decref(line);
    }
    assert_in_range(lines, 1, MANY - 1);
    assert_int_equal(lost, MANY - lines);
    assert_non_null(strstr(buf_str(&all), "\"event\":\"after\"}\n"));
    assert_non_null(strstr(buf_str(&all), "\"event\":\"and-after\"}\n"));
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
        cmocka_unit_test(waits_for_nobody),
        cmocka_unit_test(bears_a_closed_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
