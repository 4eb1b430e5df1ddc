/* The names of the exit statuses, for problems in JSON. */
#include "client/exit.h"

const char *exit_name(enum exit_status status) {
    switch (status) {
    case EXIT_DONE:
        return "done";
    case EXIT_USAGE:
        return "usage";
    case EXIT_NOT_ELIGIBLE:
        return "not-eligible";
    case EXIT_NOT_OPEN:
        return "not-open-yet";
    case EXIT_NO_TOKEN:
        return "no-token";
    case EXIT_CHOOSE:
        return "several-certificates";
    case EXIT_WRONG_PIN:
        return "pin-wrong";
    case EXIT_PIN_BLOCKED:
        return "pin-blocked";
    case EXIT_SERVER_AWAY:
        return "server-away";
    case EXIT_SERVER_REFUSED:
        return "server-refused";
    case EXIT_WRITE_FAILED:
        return "write-failed";
    case EXIT_OUTPUT:
        return "output-failed";
    case EXIT_BUG:
        break;
    }
    return "bug";
}
