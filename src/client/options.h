/* What the user asked for: the command line of capbu, read once. */
#pragma once

#include "base/err.h"
#include "base/lang.h"
#include "rules/serial_typed.h"

#define MODULES_GIVEN_MAX 16
#define ASSIST_MAX        32 /* as openapi.yaml has it */

struct catalogue;
struct proxy;

struct options {
    const char *command;
    const char *server;    /* https://HOST:PORT; NULL: this program was told of none */
    const char *server_ca; /* PEM that pins the server; NULL: the system's, or what was built in with the server */
    const char *hotline, *issuer; /* whom to call and who provides this, before the server says so; "" not known */
    const char *new_ca;           /* certificate that pins the programme's new CA; NULL: what the server says */
    const char *modules[MODULES_GIVEN_MAX];
    int module_count; /* 0: look for modules ourselves */
    enum lang lang;
    bool json;
    const char *serial; /* as it was typed, NULL: choose */
    int serial_readings;
    char serials[SERIAL_READINGS][SERIAL_HEX]; /* what it may mean */
    const char *pin_file;
    bool pin_stdin;
    const char *assist;
    bool yes;                                             /* consent given */
    bool last_try;                                        /* spend the last PIN try */
    bool no_browser;                                      /* ui: print the address only */
    const char *out;                                      /* diag, receipt: file to write, NULL: stdout */
    bool force;                                           /* whatever stands there */
    const char *proxy, *proxy_user, *proxy_password_file; /* NULL: the system's proxy; no login; ask for it */
    bool help, version;
    struct proxy *proxy_now;     /* as those say, or the page (main.c) */
    struct catalogue *catalogue; /* not of the command line: what is known of token models (main.c) */
};

/* RC_USAGE with what is wrong, in both languages; RC_INPUT: capbu.conf, in English. Strings point into argv, the
 * environment, or what settings.h read, once a process. */
MUST enum rc options_parse(int argc, char **argv, struct options *out);
