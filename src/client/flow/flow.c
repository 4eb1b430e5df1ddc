/* From what is known to the screen, most urgent first. */
#include "client/flow/flow.h"

static enum screen of_work(const struct flow_facts *f) {
    if (f->waiting)
        return SCREEN_WAITING;
    switch (f->step) {
    case ENROL_REQUEST:
        return SCREEN_REQUEST;
    case ENROL_SIGN:
        return f->token.protected_path ? SCREEN_PAD_NOW : SCREEN_SIGN;
    case ENROL_WRITE:
        return SCREEN_WRITE;
    case ENROL_CONFIRM:
        break;
    }
    return SCREEN_TELL;
}

/* PIN outcomes are told on the way to the next PIN, not here. */
static enum screen of_outcome(enum outcome o) {
    static const enum screen screens[OUTCOME_COUNT + 1] = {
        [OUTCOME_DONE] = SCREEN_DONE,
        [OUTCOME_CANCELLED] = SCREEN_CANCELLED,
        [OUTCOME_NOWHERE] = SCREEN_BUG,
        [OUTCOME_PIN_UNFIT] = SCREEN_COUNT,
        [OUTCOME_PIN_WRONG] = SCREEN_COUNT,
        [OUTCOME_PIN_MAYBE] = SCREEN_COUNT,
        [OUTCOME_PIN_CHANGE] = SCREEN_PIN_CHANGE,
        [OUTCOME_PIN_LAST] = SCREEN_COUNT,
        [OUTCOME_PIN_LOCKED] = SCREEN_PIN_LOCKED,
        [OUTCOME_NO_KEY] = SCREEN_NO_KEY,
        [OUTCOME_TOKEN_GONE] = SCREEN_TOKEN_GONE,
        [OUTCOME_TOKEN_FULL] = SCREEN_TOKEN_FULL,
        [OUTCOME_TOKEN_FAILED] = SCREEN_TOKEN_FAILED,
        [OUTCOME_TAKEN] = SCREEN_TAKEN,
        [OUTCOME_AWAY] = SCREEN_AWAY,
        [OUTCOME_PROXY] = SCREEN_PROXY,
        [OUTCOME_CLOCK] = SCREEN_CLOCK,
        [OUTCOME_TRUST] = SCREEN_TRUST,
        [OUTCOME_BUSY] = SCREEN_BUSY,
        [OUTCOME_NOT_OPEN] = SCREEN_NOT_OPEN,
        [OUTCOME_HALTED] = SCREEN_HALTED,
        [OUTCOME_TOO_OLD] = SCREEN_TOO_OLD,
        [OUTCOME_ASSIST] = SCREEN_ASSIST,
        [OUTCOME_REFUSED] = SCREEN_REFUSED,
        [OUTCOME_BUG] = SCREEN_BUG,
        [OUTCOME_COUNT] = SCREEN_COUNT,
    };
    return screens[o];
}

/* Removing the old certificate has an end of its own, good or bad; what is in its way is the same as ever. */
static enum screen of_clean_outcome(enum outcome o) {
    switch (o) {
    case OUTCOME_DONE:
        return SCREEN_CLEANED;
    case OUTCOME_NO_KEY:
    case OUTCOME_TOKEN_FULL:
    case OUTCOME_TOKEN_FAILED:
    case OUTCOME_REFUSED:
    case OUTCOME_BUG:
        return SCREEN_CLEAN_FAILED;
    default:
        return of_outcome(o);
    }
}

static enum screen of_tokens(const struct flow_facts *f) {
    if (f->drivers == 0)
        return SCREEN_NO_DRIVER;
    if (f->drivers_failed == f->drivers)
        return SCREEN_DRIVER_FAILED;
    if (f->tokens == 0)
        return f->usb_token ? SCREEN_DRIVER_BLIND : SCREEN_NO_TOKEN;
    if (f->certificates > 0)
        return SCREEN_COUNT;
    if (f->tokens_failed > 0)
        return SCREEN_TOKEN_UNREADABLE;
    if (f->bare > 0)
        return SCREEN_BARE;
    return f->empty == f->tokens ? SCREEN_EMPTY : SCREEN_NO_CERTIFICATE;
}

/* Nothing is due: what a person can change by a word, then the best news first. */
static enum screen of_rest(const struct flow_facts *f) {
    if (f->other_way > 0)
        return f->assisted ? SCREEN_SELF_ONLY : SCREEN_ASSISTED_ONLY;
    if (f->done > 0)
        return SCREEN_ALREADY_DONE;
    if (f->later > 0)
        return f->halted ? SCREEN_HALTED : SCREEN_NOT_OPEN;
    if (f->held > 0)
        return SCREEN_HELD;
    if (f->tokens_failed > 0)
        return SCREEN_TOKEN_UNREADABLE;
    return f->foreign ? SCREEN_OTHER_COMPANY : SCREEN_NOT_ELIGIBLE;
}

static enum screen of_pin(const struct flow_facts *f) {
    if (f->token.pin_locked)
        return SCREEN_PIN_LOCKED;
    if (f->token.pin_final_try && !f->last_try_accepted)
        return SCREEN_PIN_LAST;
    if (f->pin_fault == PIN_BAD_LENGTH)
        return SCREEN_PIN_LENGTH;
    if (f->pin_fault == PIN_BAD_CHARACTERS)
        return SCREEN_PIN_CHARACTERS;
    if (f->outcome == OUTCOME_PIN_WRONG)
        return SCREEN_PIN_WRONG;
    if (f->outcome == OUTCOME_PIN_MAYBE)
        return SCREEN_PIN_MAYBE;
    return f->token.protected_path ? SCREEN_PIN_PAD : SCREEN_PIN;
}

static enum screen of_clean(const struct flow_facts *f) {
    if (!f->clean_agreed)
        return SCREEN_CLEAN_ASK;
    enum screen s = of_pin(f);
    return s == SCREEN_PIN ? SCREEN_CLEAN_PIN : s;
}

enum screen flow_screen(const struct flow_facts *f) {
    if (f->working)
        return f->cleaning ? SCREEN_CLEANING : of_work(f);
    if (f->outcome == OUTCOME_ASSIST && !f->alone)
        return SCREEN_ASSIST_NEEDED;
    enum screen ended = f->cleaning ? of_clean_outcome(f->outcome) : of_outcome(f->outcome);
    if (ended != SCREEN_COUNT)
        return ended;
    if (!f->looked)
        return SCREEN_LOOKING;
    enum screen missing = of_tokens(f);
    if (missing != SCREEN_COUNT)
        return missing;
    if (f->server != SERVER_ASKED)
        return SCREEN_LOOKING;
    if (f->cleaning)
        return of_clean(f);
    if (f->due == 0)
        return of_rest(f);
    if (f->too_old)
        return SCREEN_TOO_OLD;
    if (!f->chosen)
        return f->due_tokens > 1 ? SCREEN_SEVERAL_TOKENS : SCREEN_SEVERAL_CERTIFICATES;
    if (!f->agreed)
        return f->unfinished ? SCREEN_RESUME : SCREEN_CONFIRM;
    return of_pin(f);
}

const char *flow_mood_name(enum flow_mood m) {
    static const char *const names[] = {"work", "ask", "info", "stop", "done"};
    return names[m];
}
