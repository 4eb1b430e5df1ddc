/* /dev/tty with its echo off, and put back by every signal that stops or ends us. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/fs.h"
#include "client/say.h"
#include "client/silent.h"

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

enum rc silent_read(const struct options *o, enum say what, const char *label, struct secret *pin) {
    AUTO_FD tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct sigaction old[SIGNAL_COUNT];

    if (tty < 0 || tcgetattr(tty, &prompt.before) != 0)
        FAIL(RC_USAGE, "there is no terminal to ask on: use %s",
             what == SAY_PIN ? "--pin-stdin or --pin-file" : "--proxy-password-file");
    prompt.tty = tty;
    prompt.quiet = prompt.before;
    prompt.quiet.c_lflag &= ~(tcflag_t)ECHO;
    say_err(o->lang, what, label);
    signals_catch(old);
    bool silent = tcsetattr(tty, TCSAFLUSH, &prompt.quiet) == 0;
    enum rc rc = silent ? secret_read_line(tty, pin) : err_set(RC_IO, "the terminal's echo cannot be switched off");
    (void)tcsetattr(tty, TCSAFLUSH, &prompt.before);
    signals_release(old);
    fputc('\n', stderr);
    return rc;
}
