/* Guards before a PIN try is spent. */
#include "client/token/pin.h"

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

bool pin_is_factory(struct span pin) {
    static const char *const known[] = {"viettel-ca", "12345678", "1234567890"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (span_eq_str(pin, known[i]))
            return true;
    return false;
}
