/* PIN prompt, progress and outcomes on a terminal. */
#include "client/term/terminal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/os.h"
#include "client/flow/trail.h"
#include "client/say.h"
#include "client/silent.h"
#include "client/term/assent.h"
#include "client/term/cmd.h"
#include "client/token/pin.h"

static enum rc line_read(const struct options *o, int fd, const struct p11_token *t, struct secret *pin) {
    return fd >= 0 ? secret_read_line(fd, pin) : silent_read(o, SAY_PIN, t->label, pin);
}

/* What Windows' editors write in front of UTF-8. */
static void bom_drop(struct secret *pin) {
    if (pin->len < 3 || memcmp(pin->text, "\xef\xbb\xbf", 3) != 0)
        return;
    pin->len -= 3;
    memmove(pin->text, pin->text + 3, pin->len + 1);
}

/* A file or a terminal that cannot be read is the caller's to set right; a line that is no PIN at all (empty, too long,
 * with a NUL byte) is RC_PIN_WRONG like any other that cannot be right. */
static enum rc source_read(const struct options *o, const struct p11_token *t, struct secret *pin) {
    AUTO_FD file = -1;

    if (o->pin_file != NULL && fs_open(o->pin_file, &file) != RC_OK)
        return err_in(RC_USAGE, "--pin-file %s: name a file that holds the PIN", o->pin_file);
    enum rc rc = line_read(o, o->pin_stdin ? STDIN_FILENO : file, t, pin);
    if (rc == RC_INPUT && o->pin_file != NULL)
        say_err(o->lang, SAY_PIN_FILE, o->pin_file);
    if (rc == RC_INPUT || rc == RC_LIMIT)
        return err_in(RC_PIN_WRONG, "no PIN");
    if (rc == RC_OK)
        bom_drop(pin);
    return rc == RC_OK ? RC_OK : err_in(RC_USAGE, "PIN");
}

static enum rc length_refuse(const struct options *o, const struct p11_token *t) {
    say_err(o->lang, SAY_PIN_LENGTH, t->min_pin, t->max_pin);
    FAIL(RC_PIN_WRONG, "the PIN's length cannot be right");
}

/* Longer than the token says is asked about, for some say too little; shorter too, where somebody is there to ask. */
static enum rc odd_length(const struct options *o, const struct p11_token *t, size_t len) {
    AUTO(secret) answer = {0};
    bool longer = len > t->max_pin, asked = o->pin_file == NULL && !o->pin_stdin;

    if (len == 0 || (!asked && !(o->yes && longer)))
        return length_refuse(o, t);
    say_err(o->lang, SAY_PIN_ODD_LENGTH, t->min_pin, t->max_pin);
    if (!asked) { /* --yes has answered */
        (void)fputs("\n", stderr);
        return RC_OK;
    }
    if (secret_read_line(STDIN_FILENO, &answer) == RC_OK && assent_given(answer.text, answer.len))
        return RC_OK;
    return length_refuse(o, t);
}

enum rc terminal_pin(const struct options *o, const struct p11_token *t, struct secret *pin) {
    if (t->pin_count_low)
        say_err(o->lang, SAY_PIN_COUNT_LOW);
    if (t->pin_doubtful)
        say_err(o->lang, SAY_PIN_MAYBE_BEFORE);
    enum rc rc = source_read(o, t, pin);
    if (rc == RC_PIN_WRONG)
        return length_refuse(o, t);
    TRY(rc);
    switch (pin_check(t, span_of(pin->text, pin->len))) {
    case PIN_BAD_LENGTH:
        return odd_length(o, t, pin->len);
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

static bool wait_turn(void *arg, int64_t position, int64_t about, int64_t seconds) {
    const struct options *o = arg;

    say_err(o->lang, SAY_WAITING, (long long)position, (long long)about);
    os_pause_ms(seconds * 1000);
    return true;
}

static void tell_pad(void *arg, const struct p11_token *token) {
    const struct options *o = arg;

    say_err(o->lang, SAY_PIN_PAD, token->label);
}

struct enrol_hooks terminal_hooks(const struct options *o) {
    return (struct enrol_hooks){ask_pin, tell_step, wait_turn, p11_arg(o), tell_pad};
}

enum exit_status terminal_too_old(const struct options *o, const struct api_client *c) {
    say_err(o->lang, SAY_TOO_OLD, CAPBU_VERSION, c->minimum, cmd_download(o, c));
    return EXIT_SERVER_REFUSED;
}

void terminal_note(const struct enrol *e, const char *step) {
    trail_add(e->http == NULL ? "-" : e->http->support, step, outcome_name(e->outcome), e->rv, e->code);
}

/* Whether it is open without a code is known here, not to whoever wrote the server's words. */
static enum exit_status assist_refused(const struct options *o, const struct enrol *e) {
    cmd_say_why(o, survey_opens(e->item, false) ? SAY_ASSIST_OR_ALONE : SAY_ASSIST_NEEDED);
    return strcmp(e->code, "not-open-yet") == 0 ? EXIT_NOT_OPEN : EXIT_SERVER_REFUSED;
}

enum exit_status terminal_outcome(const struct options *o, const struct enrol *e, enum rc rc) {
    char serial[2 * SERIAL_MAX + 2];

    survey_serial(e->item, serial);
    if (rc == RC_NOT_FOUND) {
        say_err(o->lang, SAY_NO_KEY, serial);
        return EXIT_NO_TOKEN; /* running again does not help: this is not the token that holds the key */
    }
    switch (e->outcome) {
    case OUTCOME_TAKEN:
        say_err(o->lang, SAY_TOKEN_TAKEN, e->item->candidate->at->token.label);
        return EXIT_WRITE_FAILED;
    case OUTCOME_ASSIST:
        return assist_refused(o, e);
    case OUTCOME_TOO_OLD:
        return terminal_too_old(o, &e->item->check.client);
    default:
        return cmd_end(o, e->outcome);
    }
}
