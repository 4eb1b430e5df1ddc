/* Keeps this thread's last failure text, and the names of the codes. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char text[ERR_TEXT];

const char *err_text(void) {
    return text;
}

const char *err_name(enum rc code) {
    static const char *const names[] = {[RC_OK] = "ok",
                                        [RC_USAGE] = "usage",
                                        [RC_INPUT] = "input",
                                        [RC_LIMIT] = "limit",
                                        [RC_NOT_FOUND] = "not-found",
                                        [RC_EXISTS] = "exists",
                                        [RC_REFUSED] = "refused",
                                        [RC_BUSY] = "busy",
                                        [RC_IO] = "io",
                                        [RC_DB] = "db",
                                        [RC_CRYPTO] = "crypto",
                                        [RC_TOKEN] = "token",
                                        [RC_PIN_WRONG] = "pin-wrong",
                                        [RC_PIN_LOCKED] = "pin-locked",
                                        [RC_NETWORK] = "network",
                                        [RC_BUG] = "bug"};
    if ((unsigned)code >= sizeof names / sizeof names[0])
        return "unknown";
    return names[code];
}

/* Formats beside the text first: an argument may be err_text() itself. */
enum rc err_set(enum rc code, const char *fmt, ...) {
    char fresh[ERR_TEXT];
    va_list args;
    va_start(args, fmt);
    vsnprintf(fresh, sizeof fresh, fmt, args);
    va_end(args);
    memcpy(text, fresh, sizeof text);
    return code;
}

enum rc err_in(enum rc code, const char *fmt, ...) {
    char context[ERR_TEXT];
    va_list args;
    va_start(args, fmt);
    vsnprintf(context, sizeof context, fmt, args);
    va_end(args);
    char whole[2 * ERR_TEXT + 2];
    snprintf(whole, sizeof whole, "%s: %s", context, text);
    return err_set(code, "%s", whole);
}
