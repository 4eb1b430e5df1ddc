/* Guards before a PIN try is spent, and the prompt. */
#include "client/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/fs.h"
#include "client/say.h"

enum rc pin_allowed(const struct p11_token *t, bool last_try) {
    if (t->pin_locked)
        FAIL(RC_PIN_LOCKED, "the PIN of token \"%s\" is locked", t->label);
    if (t->pin_final_try && !last_try)
        FAIL(RC_PIN_LOCKED, "token \"%s\" has one PIN try left", t->label);
    return RC_OK;
}

enum pin_fault pin_check(const struct p11_token *t, struct span pin) {
    for (size_t i = 0; i < pin.len; i++) /* a letter with a mark is the work of an input method */
        if (pin.ptr[i] < 0x20 || pin.ptr[i] > 0x7e)
            return PIN_BAD_CHARACTERS;
    if (pin.len == 0 || pin.len < t->min_pin || (t->max_pin > 0 && pin.len > t->max_pin))
        return PIN_BAD_LENGTH;
    return PIN_FINE;
}

/* What a signal has to put back, while the echo is off. */
static struct {
    int tty;
    struct termios before, quiet;
} prompt;

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define SIGNAL_COUNT (sizeof SIGNALS / sizeof SIGNALS[0])

/* The terminal first, then what the signal would have done. Calls only what POSIX lets a handler call; nothing typed is
   left: the page it lies in is locked, never dumped, and wiped here by the process's end. */
static void on_signal(int sig) {
    int kept = errno;

    (void)tcsetattr(prompt.tty, TCSAFLUSH, &prompt.before);
    if (sig == SIGTSTP) {
        (void)raise(SIGSTOP);
        (void)tcsetattr(prompt.tty, TCSAFLUSH, &prompt.quiet); /* SIGCONT came */
    } else {
        (void)signal(sig, SIG_DFL);
        (void)raise(sig); /* acts as soon as this handler returns */
    }
    errno = kept;
}

/* One that is ignored stays so. */
static void signals_catch(struct sigaction old[SIGNAL_COUNT]) {
    struct sigaction ours = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    (void)sigfillset(&ours.sa_mask);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        (void)sigaction(SIGNALS[i], NULL, &old[i]);
        if (old[i].sa_handler != SIG_IGN)
            (void)sigaction(SIGNALS[i], &ours, NULL);
    }
}

static void signals_release(const struct sigaction old[SIGNAL_COUNT]) {
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        (void)sigaction(SIGNALS[i], &old[i], NULL);
}

/* Reads a line from the terminal with echo off, and puts the terminal back whatever happens. */
static enum rc terminal_read(const struct options *o, const struct p11_token *t, struct secret *pin) {
    AUTO_FD tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct sigaction old[SIGNAL_COUNT];

    if (tty < 0 || tcgetattr(tty, &prompt.before) != 0)
        FAIL(RC_USAGE, "there is no terminal to ask for the PIN: use --pin-stdin or --pin-file");
    prompt.tty = tty;
    prompt.quiet = prompt.before;
    prompt.quiet.c_lflag &= ~(tcflag_t)ECHO;
    say_err(o->lang, SAY_PIN, t->label);
    signals_catch(old);
    bool silent = tcsetattr(tty, TCSAFLUSH, &prompt.quiet) == 0;
    enum rc rc = silent ? secret_read_line(tty, pin) : err_set(RC_IO, "the terminal's echo cannot be switched off");
    (void)tcsetattr(tty, TCSAFLUSH, &prompt.before);
    signals_release(old);
    fputc('\n', stderr);
    return rc;
}

/* A file or a terminal that cannot be read is the caller's to set right; a line that is no PIN at all (empty, too long,
 * with a NUL byte) is RC_PIN_WRONG like any other that cannot be right. */
static enum rc source_read(const struct options *o, const struct p11_token *t, struct secret *pin) {
    enum rc rc = o->pin_file != NULL ? secret_read_file(o->pin_file, pin)
                 : o->pin_stdin      ? secret_read_line(STDIN_FILENO, pin)
                                     : terminal_read(o, t, pin);

    if (rc == RC_INPUT || rc == RC_LIMIT)
        return err_in(RC_PIN_WRONG, "no PIN");
    return rc == RC_OK ? RC_OK : err_in(RC_USAGE, "PIN");
}

static enum rc length_refuse(const struct options *o, const struct p11_token *t) {
    say_err(o->lang, SAY_PIN_LENGTH, t->min_pin, t->max_pin);
    FAIL(RC_PIN_WRONG, "the PIN's length cannot be right");
}

enum rc pin_take(const struct options *o, const struct p11_token *t, struct secret *pin) {
    if (t->pin_count_low)
        say_err(o->lang, SAY_PIN_COUNT_LOW);
    enum rc rc = source_read(o, t, pin);
    if (rc == RC_PIN_WRONG)
        return length_refuse(o, t);
    TRY(rc);
    switch (pin_check(t, span_of(pin->text, pin->len))) {
    case PIN_BAD_LENGTH:
        return length_refuse(o, t);
    case PIN_BAD_CHARACTERS:
        say_err(o->lang, SAY_PIN_CHARACTERS);
        FAIL(RC_PIN_WRONG, "the PIN's characters cannot be right");
    case PIN_FINE:
        break;
    }
    return RC_OK;
}
