/* capbu: the subscriber's program. The table below is the program. */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/support_code.h"
#include "client/cmd.h"
#include "client/process.h"
#include "client/proxy.h"
#include "client/say.h"

struct command {
    const char *name;
    enum exit_status (*run)(const struct options *o, struct http *h);
    bool network; /* asks the server, so it needs the proxy's password */
};

static const struct command COMMANDS[] = {
    {"list", cmd_list, false},  {"check", cmd_check, true}, {"renew", cmd_renew, true}, {"resume", cmd_resume, true},
    {"clean", cmd_clean, true}, {"ui", cmd_ui, true},       {"diag", cmd_diag, false},  {"receipt", cmd_receipt, true},
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
    TRY(catalogue_open(o->server, buf_span(&anchor), &catalogue));
    return network ? proxy_open(o, &proxy) : RC_OK;
}

static enum exit_status run(struct options *o, const struct command *c) {
    char support[SUPPORT_CODE_TEXT]; /* one for all requests of this run */
    struct http h = {.server = o->server,
                     .server_ca = o->server_ca,
                     .proxy = &proxy.http,
                     .support = support,
                     .lang = o->lang == LANG_EN ? "en" : "vi,en;q=0.5"};

    support_code_make(support);
    enum rc rc = world_open(o, c->network);
    enum exit_status status = rc == RC_OK ? c->run(o, &h) : cmd_fail(o, rc);

    proxy_free(&proxy);
    return status;
}

static const struct command *command_find(const char *name) {
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

int main(int argc, char **argv) {
    struct options o;

    process_begin(&argc, &argv);
    if (options_parse(argc, argv, &o) != RC_OK) {
        fprintf(stderr, "capbu: %s\n", err_text());
        say_err(lang_of_line(argc, argv), SAY_USAGE);
        return EXIT_USAGE;
    }
    if (o.help) {
        say_out(o.lang, SAY_USAGE);
        return EXIT_DONE;
    }
    if (o.version) {
        puts("capbu " CAPBU_VERSION);
        return EXIT_DONE;
    }
    if (digest_init() != RC_OK || http_init() != RC_OK)
        return cmd_fail(&o, RC_BUG);
    const struct command *c = command_find(o.command);
    if (c != NULL)
        return run(&o, c);
    fprintf(stderr, "capbu: %s \"%s\"\n", o.lang == LANG_EN ? "unknown command" : "không có lệnh", o.command);
    say_err(o.lang, SAY_USAGE);
    return EXIT_USAGE;
}
