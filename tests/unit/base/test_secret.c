/* Tests of base/secret: limits, what is left in the descriptor, locked and undumped memory. */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/os.h"
#include "base/secret.h"
#include "lib/tmp.h"
#include "lib_base.h"

/* A pipe whose writing end is closed and that holds `text`. */
static int pipe_with(struct span text) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    MUST_OK(fs_write_all(ends[1], text));
    close(ends[1]);
    return ends[0];
}

static void stops_at_the_newline(void **state) {
    (void)state;
    AUTO_FD fd = pipe_with(span_str("12345678\nnext\r\n\nlast"));
    AUTO(secret) s = {0};
    const char *const want[] = {"12345678", "next", "", "last"};
    for (size_t i = 0; i < COUNT(want); i++) {
        MUST_OK(secret_read_line(fd, &s));
        assert_string_equal(s.text, want[i]);
        assert_int_equal(s.len, strlen(want[i]));
    }
    assert_int_equal(secret_read_line(fd, &s), RC_INPUT);
    assert_string_equal(s.text, "last");
}

static void leaves_what_follows_to_others(void **state) {
    (void)state;
    AUTO_FD fd = pipe_with(span_str("pin\nrest"));
    AUTO(secret) s = {0};
    char rest[8] = "";
    MUST_OK(secret_read_line(fd, &s));
    assert_int_equal(read(fd, rest, sizeof rest), 4);
    assert_memory_equal(rest, "rest", 4);
}

static enum rc read_of_length(size_t length, const char *end) {
    char text[600];
    memset(text, '7', length);
    memcpy(text + length, end, strlen(end));
    AUTO_FD fd = pipe_with(span_of(text, length + strlen(end)));
    AUTO(secret) s = {0};
    enum rc rc = secret_read_line(fd, &s);
    if (rc == RC_OK)
        assert_int_equal(s.len, length);
    else
        assert_null(s.text);
    return rc;
}

static void refuses_more_than_256_bytes(void **state) {
    (void)state;
    const char *const ends[] = {"\n", "\r\n", ""};
    for (size_t i = 0; i < COUNT(ends); i++) {
        MUST_OK(read_of_length(SECRET_MAX, ends[i]));
        assert_int_equal(read_of_length(SECRET_MAX + 1, ends[i]), RC_LIMIT);
        assert_int_equal(read_of_length(500, ends[i]), RC_LIMIT);
    }
    AUTO_FD fd = pipe_with(span_of("a\0b\n", 4));
    AUTO(secret) s = {0};
    assert_int_equal(secret_read_line(fd, &s), RC_INPUT);
    assert_int_equal(secret_read_line(-1, &s), RC_IO);
    assert_null(strstr(err_text(), "7777"));
}

static void reads_the_first_line_of_a_file(void **state) {
    (void)state;
    char path[PATH_CAP];
    AUTO(tmp) t = {0};
    AUTO(secret) s = {0};
    MUST_OK(tmp_make(&t, NULL, "test-secret"));
    MUST_OK(fs_join(path, t.dir, "file"));
    MUST_OK(fs_write(path, span_str("first\nsecond\n"), 0600));
    MUST_OK(secret_read_file(path, &s));
    assert_string_equal(s.text, "first");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(secret_read_file(path, &s), RC_NOT_FOUND);
    assert_int_equal(secret_read_file(t.dir, &s), RC_INPUT);
    assert_int_equal(secret_read_file("/dev/null", &s), RC_INPUT);
    assert_int_equal(secret_read_file("/dev/zero", &s), RC_INPUT);
    assert_string_equal(s.text, "first");
}

static void opens_and_copies_within_limits(void **state) {
    (void)state;
    AUTO(secret) s = {0};
    secret_free(&s);
    MUST_OK(secret_from(&s, span_str("1234")));
    assert_string_equal(s.text, "1234");
    char big[SECRET_MAX + 1];
    memset(big, 'x', sizeof big);
    assert_int_equal(secret_from(&s, span_of(big, sizeof big)), RC_LIMIT);
    assert_int_equal(secret_from(&s, span_of("a\0b", 3)), RC_INPUT);
    assert_int_equal(secret_open(&s, (size_t)sysconf(_SC_PAGESIZE)), RC_LIMIT);
    assert_string_equal(s.text, "1234");
    MUST_OK(secret_from(&s, span_of(big, SECRET_MAX)));
    assert_int_equal(s.len, SECRET_MAX);
    MUST_OK(secret_open(&s, 10));
    assert_string_equal(s.text, "");
    assert_int_equal(s.cap, 10);
    secret_free(&s);
    assert_null(s.text);
}

/* AddressSanitizer turns mlock into nothing. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNLOCKED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define UNLOCKED
#endif

/* The kernel's own word: "lo" = locked, "dd" = not dumped, in the flags of the mapping. */
static void is_locked_and_not_dumped(void **state) {
    (void)state;
    AUTO(secret) s = {0};
    MUST_OK(secret_from(&s, span_str("1234")));
    AUTO_FILE maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    char line[512];
    bool inside = false, found = false;
    while (fgets(line, sizeof line, maps) != NULL) {
        char *dash = NULL;
        uintptr_t from = (uintptr_t)strtoull(line, &dash, 16);
        if (*dash == '-' && dash > line + 4) {
            uintptr_t to = (uintptr_t)strtoull(dash + 1, NULL, 16);
            inside = (uintptr_t)s.text >= from && (uintptr_t)s.text < to;
        }
        if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            found = true;
#ifndef UNLOCKED
            assert_non_null(strstr(line, " lo"));
#endif
            assert_non_null(strstr(line, " dd"));
        }
    }
    if (!found)
        skip(); /* a kernel without VmFlags */
}

/* In a process of its own, for it cannot be taken back. */
static void guards_the_process(void **state) {
    (void)state;
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit core = {1, 1};
        os_guard();
        bool good = getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 &&
                    prctl(PR_GET_DUMPABLE) == 0;
        _exit(good ? 0 : 1);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guards_the_process),
        cmocka_unit_test(stops_at_the_newline),
        cmocka_unit_test(leaves_what_follows_to_others),
        cmocka_unit_test(refuses_more_than_256_bytes),
        cmocka_unit_test(reads_the_first_line_of_a_file),
        cmocka_unit_test(opens_and_copies_within_limits),
        cmocka_unit_test(is_locked_and_not_dumped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
