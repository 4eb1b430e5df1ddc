/* The exit statuses of capbu: what a script or a hotline may rely on (interfaces.md). The last two are EX_SOFTWARE and
   EX_IOERR of sysexits.h. */
#pragma once

enum exit_status {
    EXIT_DONE = 0,
    EXIT_USAGE = 2,
    EXIT_NOT_ELIGIBLE = 10,
    EXIT_NOT_OPEN = 11,
    EXIT_NO_TOKEN = 20,
    EXIT_CHOOSE = 21,
    EXIT_WRONG_PIN = 22,
    EXIT_PIN_BLOCKED = 23,
    EXIT_SERVER_AWAY = 30,
    EXIT_SERVER_REFUSED = 31,
    EXIT_WRITE_FAILED = 40,
    EXIT_BUG = 70,
    EXIT_OUTPUT = 74
};

const char *exit_name(enum exit_status status); /* "no-token" */
