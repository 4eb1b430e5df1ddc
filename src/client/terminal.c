/* PIN prompt, progress and outcomes on a terminal. */
#include "client/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "client/cmd.h"
#include "client/pin.h"
#include "client/say.h"

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

enum rc terminal_pin(const struct options *o, const struct p11_token *t, struct secret *pin) {
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

static enum rc ask_pin(void *arg, const struct p11_token *token, struct secret *pin) {
    return terminal_pin(arg, token, pin);
}

static void tell_step(void *arg, enum enrol_step step) {
    const struct options *o = arg;

    switch (step) {
    case ENROL_REQUEST:
        say_err(o->lang, SAY_STEP_REQUEST);
        break;
    case ENROL_SIGN:
        break;
    case ENROL_WRITE:
        say_err(o->lang, SAY_STEP_WRITE);
        break;
    case ENROL_CONFIRM:
        say_err(o->lang, SAY_STEP_CONFIRM);
    }
}

static bool wait_turn(void *arg, int64_t position, int64_t seconds) {
    const struct options *o = arg;

    say_err(o->lang, SAY_WAITING, (long long)position, (long long)seconds);
    nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
    return true;
}

struct enrol_hooks terminal_hooks(const struct options *o) {
    return (struct enrol_hooks){ask_pin, tell_step, wait_turn, p11_arg(o)};
}

enum exit_status terminal_outcome(const struct options *o, const struct enrol *e, enum rc rc) {
    char serial[2 * SERIAL_MAX + 2];

    survey_serial(e->item, serial);
    if (rc == RC_NOT_FOUND) {
        say_err(o->lang, SAY_NO_KEY, serial);
        return EXIT_NO_TOKEN; /* running again does not help: this is not the token that holds the key */
    }
    switch (e->outcome) {
    case OUTCOME_PIN_WRONG:
        say_err(o->lang, SAY_PIN_WRONG);
        return EXIT_WRONG_PIN;
    case OUTCOME_PIN_LAST:
        say_err(o->lang, SAY_PIN_LAST_TRY);
        return EXIT_PIN_BLOCKED;
    case OUTCOME_PIN_LOCKED:
        say_err(o->lang, SAY_PIN_LOCKED);
        return EXIT_PIN_BLOCKED;
    case OUTCOME_NOT_OPEN:
    case OUTCOME_HALTED:
        say_err(o->lang, SAY_SERVER_REFUSED, err_text());
        return EXIT_NOT_OPEN;
    default:
        return cmd_fail(o, rc);
    }
}
