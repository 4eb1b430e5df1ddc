/* capbu: the subscriber's program. The table below is the program. */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/support_code.h"
#include "client/cmd.h"
#include "client/process.h"
#include "client/say.h"

struct command {
    const char *name;
    enum exit_status (*run)(const struct options *o, struct http *h);
};

static const struct command COMMANDS[] = {
    {"list", cmd_list},   {"check", cmd_check}, {"renew", cmd_renew}, {"resume", cmd_resume},
    {"clean", cmd_clean}, {"ui", cmd_ui},       {"diag", cmd_diag},   {"receipt", cmd_receipt},
};

/* Large, and as long as the process. */
static struct catalogue catalogue;

static enum exit_status run(struct options *o) {
    AUTO(buf) anchor = {0};
    char support[SUPPORT_CODE_TEXT]; /* one for all requests of this run */
    support_code_make(support);
    struct http h = {.server = o->server,
                     .server_ca = o->server_ca,
                     .support = support,
                     .lang = o->lang == LANG_EN ? "en" : "vi,en;q=0.5"};

    if (survey_anchor(o, &anchor) != RC_OK)
        buf_clear(&anchor); /* said by the command that needs it */
    if (catalogue_open(o->server, buf_span(&anchor), &catalogue) != RC_OK)
        return cmd_fail(o, RC_BUG);
    o->catalogue = &catalogue;
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (strcmp(COMMANDS[i].name, o->command) == 0)
            return COMMANDS[i].run(o, &h);
    fprintf(stderr, "capbu: %s \"%s\"\n", o->lang == LANG_EN ? "unknown command" : "không có lệnh", o->command);
    say_err(o->lang, SAY_USAGE);
    return EXIT_USAGE;
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
    return run(&o);
}
