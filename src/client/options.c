/* The command line of capbu. */
#include "client/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const struct option LONG[] = {
    {"server", required_argument, NULL, 's'},   {"server-ca", required_argument, NULL, 'c'},
    {"module", required_argument, NULL, 'm'},   {"lang", required_argument, NULL, 'l'},
    {"json", no_argument, NULL, 'j'},           {"serial", required_argument, NULL, 'n'},
    {"pin-file", required_argument, NULL, 'f'}, {"pin-stdin", no_argument, NULL, 'i'},
    {"assist", required_argument, NULL, 'a'},   {"yes", no_argument, NULL, 'y'},
    {"last-try", no_argument, NULL, 't'},       {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},        {NULL, 0, NULL, 0},
};

static enum rc lang_parse(const char *text, enum lang *out) {
    if (strcmp(text, "vi") == 0)
        *out = LANG_VI;
    else if (strcmp(text, "en") == 0)
        *out = LANG_EN;
    else
        FAIL(RC_USAGE, "--lang takes vi or en, not \"%s\"", text);
    return RC_OK;
}

static enum rc module_add(struct options *o, const char *path) {
    if (o->module_count == MODULES_GIVEN_MAX)
        FAIL(RC_USAGE, "--module: at most %d modules", MODULES_GIVEN_MAX);
    o->modules[o->module_count++] = path;
    return RC_OK;
}

static enum rc option_take(struct options *o, int letter) {
    switch (letter) {
    case 's':
        o->server = optarg;
        return RC_OK;
    case 'c':
        o->server_ca = optarg;
        return RC_OK;
    case 'm':
        return module_add(o, optarg);
    case 'l':
        return lang_parse(optarg, &o->lang);
    case 'j':
        o->json = true;
        return RC_OK;
    case 'n':
        o->serial = optarg;
        return RC_OK;
    case 'f':
        o->pin_file = optarg;
        return RC_OK;
    case 'i':
        o->pin_stdin = true;
        return RC_OK;
    case 'a':
        o->assist = optarg;
        return RC_OK;
    case 'y':
        o->yes = true;
        return RC_OK;
    case 't':
        o->last_try = true;
        return RC_OK;
    case 'h':
        o->help = true;
        return RC_OK;
    case 'V':
        o->version = true;
        return RC_OK;
    default:
        FAIL(RC_USAGE, "unknown option or missing value: %s", optind > 0 ? "see capbu --help" : "");
    }
}

enum rc options_parse(int argc, char **argv, struct options *out) {
    struct options o = {.server = getenv("CAPBU_SERVER"), .server_ca = getenv("CAPBU_SERVER_CA")};
    const char *lang = getenv("CAPBU_LANG");

    if (lang != NULL)
        TRY(lang_parse(lang, &o.lang));
    opterr = 0;
    optind = 0;
    for (int letter; (letter = getopt_long(argc, argv, "", LONG, NULL)) != -1;)
        TRY(option_take(&o, letter));
    if (optind < argc)
        o.command = argv[optind++];
    if (optind < argc)
        FAIL(RC_USAGE, "\"%s\" is one word too many", argv[optind]);
    if (o.command == NULL && !o.help && !o.version)
        FAIL(RC_USAGE, "a command is missing");
    if (o.pin_file != NULL && o.pin_stdin)
        FAIL(RC_USAGE, "--pin-file and --pin-stdin exclude each other");
    if (o.server == NULL)
        o.server = "https://localhost:8443";
    if (strncmp(o.server, "https://", 8) != 0)
        FAIL(RC_USAGE, "--server must begin with https://");
    *out = o;
    return RC_OK;
}
