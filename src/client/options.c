/* The command line of capbu. */
#include "client/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "client/desktop.h"

static const struct option LONG[] = {
    {"server", required_argument, NULL, 's'},
    {"server-ca", required_argument, NULL, 'c'},
    {"module", required_argument, NULL, 'm'},
    {"lang", required_argument, NULL, 'l'},
    {"json", no_argument, NULL, 'j'},
    {"serial", required_argument, NULL, 'n'},
    {"pin-file", required_argument, NULL, 'f'},
    {"pin-stdin", no_argument, NULL, 'i'},
    {"assist", required_argument, NULL, 'a'},
    {"yes", no_argument, NULL, 'y'},
    {"last-try", no_argument, NULL, 't'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"ca", required_argument, NULL, 'C'},
    {"no-browser", no_argument, NULL, 'b'},
    {"out", required_argument, NULL, 'o'},
    {NULL, 0, NULL, 0},
};

/* Set to nothing is not set. */
static const char *env_value(const char *name) {
    const char *value = os_env(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

static enum rc lang_parse(const char *text, enum lang *out) {
    if (!lang_from(text, out))
        FAIL(RC_USAGE, "--lang: vi hoặc en / takes vi or en, not \"%s\"", text);
    return RC_OK;
}

static enum rc module_add(struct options *o, const char *path) {
    if (o->module_count == MODULES_GIVEN_MAX)
        FAIL(RC_USAGE, "--module: nhiều nhất %d / at most %d modules", MODULES_GIVEN_MAX, MODULES_GIVEN_MAX);
    o->modules[o->module_count++] = path;
    return RC_OK;
}

static enum rc option_take(struct options *o, int letter, const char *word) {
    switch (letter) {
    case 's':
        o->server = optarg;
        return RC_OK;
    case 'c':
        o->server_ca = optarg;
        return RC_OK;
    case 'C':
        o->new_ca = optarg;
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
    case 'b':
        o->no_browser = true;
        return RC_OK;
    case 'o':
        o->out = optarg;
        return RC_OK;
    case 'h':
        o->help = true;
        return RC_OK;
    case 'V':
        o->version = true;
        return RC_OK;
    case ':':
        FAIL(RC_USAGE, "%s: thiếu giá trị / needs a value", word);
    default:
        if (optopt > 0 && optopt < 128 && word[1] != '-')
            FAIL(RC_USAGE, "không có tùy chọn -%c / unknown option -%c", optopt, optopt);
        FAIL(RC_USAGE, "không có tùy chọn %s / unknown option %s", word, word);
    }
}

enum rc options_parse(int argc, char **argv, struct options *out) {
    struct options o = {.server = env_value("CAPBU_SERVER"),
                        .server_ca = env_value("CAPBU_SERVER_CA"),
                        .new_ca = env_value("CAPBU_CA")};
    const char *lang = env_value("CAPBU_LANG");

    if (lang != NULL)
        TRY(lang_parse(lang, &o.lang));
    opterr = 0;
    optind = 0;
    for (int letter; (letter = getopt_long(argc, argv, ":", LONG, NULL)) != -1;)
        TRY(option_take(&o, letter, argv[optind - 1]));
    if (optind < argc)
        o.command = argv[optind++];
    if (optind < argc)
        FAIL(RC_USAGE, "\"%s\": thừa / is one word too many", argv[optind]);
    if (o.command == NULL && !o.help && !o.version && argc == 1 && desktop_started())
        o.command = "ui";
    if (o.command == NULL && !o.help && !o.version)
        FAIL(RC_USAGE, "thiếu lệnh / a command is missing");
    if (o.pin_file != NULL && o.pin_stdin)
        FAIL(RC_USAGE, "chỉ dùng một trong hai / use one only: --pin-file, --pin-stdin");
    if (o.pin_stdin && !o.yes && o.command != NULL && strcmp(o.command, "clean") != 0)
        FAIL(RC_USAGE,
             "--pin-stdin cần thêm --yes, để PIN không bị đọc làm câu trả lời / needs --yes too, lest the PIN "
             "be read as the answer");
    if (o.server == NULL)
        o.server = "https://localhost:8443";
    if (o.serial != NULL && (o.serial[0] == '\0' || strspn(o.serial, "0123456789abcdefABCDEF") != strlen(o.serial)))
        FAIL(RC_USAGE,
             "--serial: số sê-ri dạng thập lục phân, xem capbu list / a serial number in hex, see capbu list");
    if (strncmp(o.server, "https://", 8) != 0)
        FAIL(RC_USAGE, "--server: phải bắt đầu bằng / must begin with https://");
    *out = o;
    return RC_OK;
}
