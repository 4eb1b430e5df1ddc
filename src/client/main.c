/* capbu: the subscriber's program. The table below is the program. */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/near.h"
#include "base/out.h"
#include "base/support_code.h"
#include "client/net/proxy.h"
#include "client/process.h"
#include "client/say.h"
#include "client/term/cmd.h"
#include "driver/driver.h"
#include "driver/driver_serve.h"

struct command {
    const char *name;
    enum exit_status (*run)(const struct options *o, struct http *h);
    bool network; /* asks the server, so it needs the proxy's password */
    bool server;  /* and can do nothing at all without one */
};

static const struct command COMMANDS[] = {
    {"list", cmd_list, false, false},   {"check", cmd_check, true, true},      {"renew", cmd_renew, true, true},
    {"resume", cmd_resume, true, true}, {"clean", cmd_clean, true, true},      {"ui", cmd_ui, true, false},
    {"diag", cmd_diag, false, false},   {"receipt", cmd_receipt, true, false},
};

/* Large, and as long as the process. */
static struct catalogue catalogue;
static struct proxy proxy;

static enum rc world_open(struct options *o, bool network) {
    AUTO(buf) anchor = {0};

    if (survey_anchor(o, &anchor) != RC_OK)
        buf_clear(&anchor); /* said by the command that needs it */
    o->catalogue = &catalogue;
    o->proxy_now = &proxy;
    TRY(catalogue_open(o->server == NULL ? "" : o->server, buf_span(&anchor), &catalogue));
    return network ? proxy_open(o, &proxy) : RC_OK;
}

static enum exit_status run(struct options *o, const struct command *c) {
    char support[SUPPORT_CODE_TEXT]; /* one for all requests of this run */
    AUTO(http_line) line = {0};
    struct http h = {.server = o->server == NULL ? "" : o->server,
                     .server_ca = o->server_ca,
                     .proxy = &proxy.http,
                     .line = &line,
                     .support = support,
                     .lang = o->lang == LANG_EN ? "en" : "vi,en;q=0.5"};

    support_code_make(support);
    enum rc rc = world_open(o, c->network);
    enum exit_status status = rc == RC_OK ? c->run(o, &h) : cmd_fail(o, rc);

    proxy_free(&proxy);
    if (h.calls > 0)
        cmd_support(o, support, status);
    return status;
}

static const struct command *command_find(const char *name) {
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

static void say_unknown(const struct options *o) {
    struct near n = {.typed = o->command};

    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        near_offer(&n, COMMANDS[i].name);
    if (n.word == NULL)
        say_err(o->lang, SAY_UNKNOWN_COMMAND, o->command);
    else
        say_err(o->lang, SAY_UNKNOWN_COMMAND_NEAR, o->command, n.word);
    say_err(o->lang, SAY_USAGE);
}

static void say_farewell(void *arg, const char *path, const char *how) {
    const struct options *o = arg;
    say_err(o->lang, SAY_MODULE_FAREWELL, path, how);
}

/* What was printed must have reached its reader; a failure is told in JSON too. A status that says more than that
   the output was lost stays. */
static int end(const struct options *o, enum exit_status status) {
    if (status != EXIT_OUTPUT && out_put(span_str("")) != RC_OK) {
        cmd_say_why(o, SAY_PLAIN);
        return status == EXIT_DONE ? EXIT_OUTPUT : status;
    }
    if (o->json && status != EXIT_DONE && out_problem((int)status, exit_name(status), say_last()) != RC_OK)
        cmd_say_why(o, SAY_PLAIN);
    return status;
}

/* How to call is no help to whose capbu.conf is wrong. */
static enum exit_status refuse(struct options *o, enum rc rc, int argc, char **argv) {
    *o = (struct options){.lang = lang_of_line(argc, argv), .json = out_json_of_line(argc, argv)};
    if (rc == RC_USAGE) {
        say_err(o->lang, SAY_PLAIN, err_text());
        say_err(o->lang, SAY_USAGE);
    } else {
        cmd_say_why(o, SAY_PLAIN);
    }
    return EXIT_USAGE;
}

static enum exit_status begin(struct options *o, int argc, char **argv) {
    enum rc rc = options_parse(argc, argv, o);
    if (rc != RC_OK)
        return refuse(o, rc, argc, argv);
    if (o->help)
        say_out(o->lang, SAY_USAGE);
    else if (o->version)
        puts("capbu " CAPBU_VERSION);
    if (o->help || o->version)
        return EXIT_DONE;
    if (digest_init() != RC_OK || http_init() != RC_OK)
        return cmd_fail(o, RC_BUG);
    const struct command *c = command_find(o->command);
    if (c != NULL && o->server == NULL && c->server)
        return cmd_no_server(o);
    if (c != NULL)
        return run(o, c);
    say_unknown(o);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    struct options o;

    process_begin(&argc, &argv);
    if (driver_is_host(argc, argv))
        return driver_serve(argv[2]);
    driver_apart();
    enum exit_status status = begin(&o, argc, argv);
    driver_farewells(say_farewell, &o);
    return end(&o, status);
}
