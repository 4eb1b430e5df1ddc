/* No PIN try is spent on what cannot be right, nor the last one unasked. */
#include "lib/must.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "client/term/terminal.h"
#include "client/token/pin.h"
#include "lib/tmp.h"

static const struct p11_token card = {.label = "card", .min_pin = 6, .max_pin = 15};

static enum pin_fault check(const struct p11_token *t, const char *pin) {
    return pin_check(t, span_str(pin));
}

static void lengths(void **state) {
    (void)state;
    assert_int_equal(check(&card, ""), PIN_BAD_LENGTH);
    assert_int_equal(check(&card, "12345"), PIN_BAD_LENGTH);
    assert_int_equal(check(&card, "123456"), PIN_FINE);
    assert_int_equal(check(&card, "123456789012345"), PIN_FINE);
    assert_int_equal(check(&card, "1234567890123456"), PIN_BAD_LENGTH);
    const struct p11_token silent = {.label = "says no limits"};
    assert_int_equal(check(&silent, ""), PIN_BAD_LENGTH); /* an empty PIN is nobody's */
    assert_int_equal(check(&silent, "1"), PIN_FINE);
    assert_int_equal(check(&silent, "a PIN that is rather long for anybody's taste"), PIN_FINE);
}

static void characters(void **state) {
    (void)state;
    for (int c = 1; c < 256; c++) {
        char pin[] = "12345?";
        pin[5] = (char)c;
        assert_int_equal(check(&card, pin), c >= 0x20 && c <= 0x7e ? PIN_FINE : PIN_BAD_CHARACTERS);
    }
    assert_int_equal(pin_check(&card, span_of("12345\0", 6)), PIN_BAD_CHARACTERS);
    assert_int_equal(check(&card, "mật khẩu"), PIN_BAD_CHARACTERS); /* an input method was on */
    /* Telex and VNI, composed (NFC) and decomposed (NFD: a plain letter, then its marks) */
    assert_int_equal(check(&card, "mat kh\xe1\xba\xa9u"), PIN_BAD_CHARACTERS);
    assert_int_equal(check(&card, "mat kha\xcc\x82\xcc\x89u"), PIN_BAD_CHARACTERS);
    assert_int_equal(check(&card, "\xc4\x91\xc6\xb0\xe1\xbb\x9dng1"), PIN_BAD_CHARACTERS);
    assert_int_equal(check(&card, "ậ"), PIN_BAD_CHARACTERS); /* and that is said before its length is */
}

static void tries_left(void **state) {
    (void)state;
    const struct p11_token locked = {.pin_locked = true}, last = {.pin_final_try = true}, low = {.pin_count_low = true};
    MUST_OK(pin_allowed(&card, false));
    MUST_OK(pin_allowed(&low, false));
    MUST_FAIL(RC_PIN_LOCKED, pin_allowed(&last, false));
    MUST_OK(pin_allowed(&last, true));
    MUST_FAIL(RC_PIN_LOCKED, pin_allowed(&locked, false));
    MUST_FAIL(RC_PIN_LOCKED, pin_allowed(&locked, true)); /* no wish unlocks it */
}

static struct tmp folder;
static char path[PATH_CAP];

static int file_make(void **state) {
    (void)state;
    MUST_OK(tmp_make(&folder, NULL, "pin"));
    MUST_OK(fs_join(path, folder.dir, "pin"));
    return 0;
}

static int file_remove(void **state) {
    (void)state;
    tmp_free(&folder);
    return 0;
}

/* The code for a file with those bytes; the PIN is compared with `want` when it is taken. */
static enum rc from_file(struct span bytes, const char *want) {
    const struct options o = {.pin_file = path, .lang = LANG_EN};
    AUTO(secret) pin = {0};
    MUST_OK(fs_write(path, bytes, 0600));
    TRY(terminal_pin(&o, &card, &pin));
    assert_string_equal(pin.text, want);
    assert_int_equal(pin.len, strlen(want));
    return RC_OK;
}

static void takes_the_first_line_of_a_file(void **state) {
    (void)state;
    MUST_OK(from_file(span_str("12345678"), "12345678"));
    MUST_OK(from_file(span_str("12345678\n"), "12345678"));
    MUST_OK(from_file(span_str("12345678\r\nsecond line\n"), "12345678"));
    MUST_OK(from_file(span_str(" with blank \n"), " with blank ")); /* blanks may be part of it */
}

static void a_line_that_is_no_pin_is_not_tried(void **state) {
    (void)state;
    char many[SECRET_MAX + 2];
    memset(many, '1', sizeof many);
    MUST_FAIL(RC_PIN_WRONG, from_file(span_str(""), ""));
    MUST_FAIL(RC_PIN_WRONG, from_file(span_str("\n12345678\n"), ""));
    MUST_FAIL(RC_PIN_WRONG, from_file(span_str("12345\n"), ""));
    MUST_FAIL(RC_PIN_WRONG, from_file(span_of("1234\0"
                                              "67890\n",
                                              11),
                                      ""));
    MUST_FAIL(RC_PIN_WRONG, from_file(span_of(many, sizeof many), ""));
    MUST_FAIL(RC_PIN_WRONG, from_file(span_str("mật khẩu\n"), ""));
    assert_null(strstr(err_text(), "C_Login")); /* what tells a tried PIN from one that was not */
    assert_null(strstr(err_text(), "khẩu"));    /* and no error quotes it */
}

static void a_missing_file_is_usage(void **state) {
    (void)state;
    const struct options o = {.pin_file = "/nonexistent/pin", .lang = LANG_EN};
    AUTO(secret) pin = {0};
    MUST_FAIL(RC_USAGE, terminal_pin(&o, &card, &pin));
    assert_non_null(strstr(err_text(), "/nonexistent/pin"));
}

static void leaves_the_rest_of_stdin(void **state) {
    (void)state;
    const struct options o = {.pin_stdin = true, .lang = LANG_EN};
    AUTO(secret) pin = {0};
    int pipe_fd[2], kept = dup(STDIN_FILENO);
    char rest[8] = "";
    assert_int_equal(pipe(pipe_fd), 0);
    assert_int_equal(write(pipe_fd[1], "12345678\nmore", 13), 13);
    close(pipe_fd[1]);
    assert_true(dup2(pipe_fd[0], STDIN_FILENO) >= 0);
    close(pipe_fd[0]);
    enum rc rc = terminal_pin(&o, &card, &pin);
    ssize_t n = read(STDIN_FILENO, rest, sizeof rest);
    assert_true(dup2(kept, STDIN_FILENO) >= 0);
    close(kept);
    MUST_OK(rc);
    assert_string_equal(pin.text, "12345678");
    assert_int_equal(n, 4);
    assert_memory_equal(rest, "more", 4);
}

/* Without a terminal there is nobody to ask: that is said, and nothing is read from anywhere else. */
static void without_a_terminal_it_is_usage(void **state) {
    (void)state;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct options o = {.lang = LANG_EN};
        struct secret pin = {0};
        _exit(setsid() > 0 && terminal_pin(&o, &card, &pin) == RC_USAGE && strstr(err_text(), "--pin-stdin") != NULL
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* A child at the prompt on a new terminal, its echo off by now; `master` is our end. */
static pid_t at_the_prompt(int *master) {
    struct termios t;
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(*master >= 0 && grantpt(*master) == 0 && unlockpt(*master) == 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct options o = {.lang = LANG_EN};
        struct secret pin = {0};
        signal(SIGINT, SIG_DFL); /* who started the tests in the background had these ignored */
        signal(SIGQUIT, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        if (setsid() < 0 || open(ptsname(*master), O_RDWR) < 0) /* becomes the controlling terminal */
            _exit(99);
        _exit(terminal_pin(&o, &card, &pin) == RC_OK && strcmp(pin.text, "12345678") == 0 ? 0 : 1);
    }
    do {
        usleep(10000);
        assert_int_equal(tcgetattr(*master, &t), 0);
    } while ((t.c_lflag & ECHO) != 0);
    return child;
}

static bool echoes(int master) {
    struct termios t;
    return tcgetattr(master, &t) == 0 && (t.c_lflag & ECHO) != 0;
}

static void typed(int master, const char *keys) {
    assert_int_equal(write(master, keys, strlen(keys)), strlen(keys));
}

static void the_terminal_echoes_again(void **state) {
    (void)state;
    int master, status = 0;
    pid_t child = at_the_prompt(&master);
    typed(master, "12345678\n");
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(echoes(master));
    close(master);
}

static void a_signal_at_the_prompt_puts_the_echo_back(void **state) {
    (void)state;
    const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        int master, status = 0;
        pid_t child = at_the_prompt(&master);
        if (signals[i] == SIGINT)
            typed(master, "1234\x03"); /* Ctrl-C */
        else
            kill(child, signals[i]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_true(echoes(master));
        close(master);
    }
}

static void stopped_at_the_prompt_it_goes_on_later(void **state) {
    (void)state;
    int master, status = 0;
    pid_t child = at_the_prompt(&master);
    kill(child, SIGTSTP);
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status));
    assert_true(echoes(master));
    kill(child, SIGCONT);
    for (int i = 0; echoes(master) && i < 500; i++)
        usleep(10000);
    assert_false(echoes(master));
    typed(master, "12345678\n");
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(master);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths),
        cmocka_unit_test(characters),
        cmocka_unit_test(tries_left),
        cmocka_unit_test(takes_the_first_line_of_a_file),
        cmocka_unit_test(a_line_that_is_no_pin_is_not_tried),
        cmocka_unit_test(a_missing_file_is_usage),
        cmocka_unit_test(leaves_the_rest_of_stdin),
        cmocka_unit_test(without_a_terminal_it_is_usage),
        cmocka_unit_test(the_terminal_echoes_again),
        cmocka_unit_test(a_signal_at_the_prompt_puts_the_echo_back),
        cmocka_unit_test(stopped_at_the_prompt_it_goes_on_later),
    };
    return cmocka_run_group_tests(tests, file_make, file_remove);
}
