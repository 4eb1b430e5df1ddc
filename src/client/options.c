/* The command line of capbu. */
#include "client/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "base/os.h"
#include "client/authority.h"
#include "client/desktop.h"
#include "client/settings.h"

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
    {"force", no_argument, NULL, 'F'},
    {"proxy", required_argument, NULL, 'p'},
    {"proxy-user", required_argument, NULL, 'u'},
    {"proxy-password-file", required_argument, NULL, 'w'},
    {NULL, 0, NULL, 0},
};

/* Set to nothing is not set. */
static const char *env_value(const char *name) {
    const char *value = os_env(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

static enum rc lang_parse(const char *of, const char *text, enum lang *out) {
    if (!lang_from(text, out))
        FAIL(RC_USAGE, "%s: vi hoặc en / takes vi or en, not \"%s\"", of, text);
    return RC_OK;
}

static enum rc module_add(struct options *o, const char *path) {
    if (o->module_count == MODULES_GIVEN_MAX)
        FAIL(RC_USAGE, "--module: nhiều nhất %d / at most %d modules", MODULES_GIVEN_MAX, MODULES_GIVEN_MAX);
    o->modules[o->module_count++] = path;
    return RC_OK;
}

/* Where an option that is one text goes, NULL: it is none of these. */
static const char **text_field(struct options *o, int letter) {
    switch (letter) {
    case 's':
        return &o->server;
    case 'c':
        return &o->server_ca;
    case 'C':
        return &o->new_ca;
    case 'n':
        return &o->serial;
    case 'f':
        return &o->pin_file;
    case 'a':
        return &o->assist;
    case 'o':
        return &o->out;
    case 'p':
        return &o->proxy;
    case 'u':
        return &o->proxy_user;
    case 'w':
        return &o->proxy_password_file;
    default:
        return NULL;
    }
}

static bool *switch_field(struct options *o, int letter) {
    switch (letter) {
    case 'j':
        return &o->json;
    case 'i':
        return &o->pin_stdin;
    case 'y':
        return &o->yes;
    case 't':
        return &o->last_try;
    case 'F':
        return &o->force;
    case 'b':
        return &o->no_browser;
    case 'h':
        return &o->help;
    case 'V':
        return &o->version;
    default:
        return NULL;
    }
}

static enum rc unknown(const char *word) {
    struct near n = {.typed = word + strspn(word, "-")};

    for (const struct option *o = LONG; o->name != NULL; o++)
        near_offer(&n, o->name);
    if (n.word == NULL)
        FAIL(RC_USAGE, "không có tùy chọn %s / unknown option %s", word, word);
    FAIL(RC_USAGE, "không có tùy chọn %s, gần giống là --%s / unknown option %s, did you mean --%s?", word, n.word,
         word, n.word);
}

static enum rc option_take(struct options *o, int letter, const char *word) {
    const char **text = text_field(o, letter);
    bool *on = switch_field(o, letter);

    if (text != NULL)
        *text = optarg;
    else if (on != NULL)
        *on = true;
    else if (letter == 'm')
        return module_add(o, optarg);
    else if (letter == 'l')
        return lang_parse("--lang", optarg, &o->lang);
    else if (letter == ':')
        FAIL(RC_USAGE, "%s: thiếu giá trị / needs a value", word);
    else if (optopt > 0 && optopt < 128 && word[1] != '-')
        FAIL(RC_USAGE, "không có tùy chọn -%c / unknown option -%c", optopt, optopt);
    else
        return unknown(word);
    return RC_OK;
}

static const char *set_or(const char *first, const char *second) {
    return first != NULL ? first : second[0] != '\0' ? second : NULL;
}

/* The file first, for everything else goes over it. */
static enum rc defaults_take(struct options *o) {
    static struct settings file;
    const char *lang = env_value("CAPBU_LANG");

    TRY(settings_read(&file));
    *o = (struct options){.server = set_or(env_value("CAPBU_SERVER"), file.server),
                          .server_ca = set_or(env_value("CAPBU_SERVER_CA"), file.server_ca),
                          .new_ca = set_or(env_value("CAPBU_CA"), file.ca),
                          .hotline = file.hotline,
                          .issuer = file.issuer,
                          .proxy = set_or(NULL, file.proxy),
                          .proxy_user = set_or(NULL, file.proxy_user),
                          .proxy_password_file = set_or(NULL, file.proxy_password_file)};
    lang = set_or(lang, file.lang);
    return lang == NULL ? RC_OK : lang_parse("CAPBU_LANG", lang, &o->lang);
}

/* A path may follow; what is wrong here no server can set right. */
static enum rc server_check(const char *url) {
    const char *host = url + strlen("https://");

    if (strncmp(url, "https://", strlen("https://")) != 0)
        FAIL(RC_USAGE, "--server (CAPBU_SERVER, capbu.conf): phải bắt đầu bằng / must begin with https://");
    size_t len = strcspn(host, "/");
    for (const char *c = host; *c != '\0'; c++)
        if ((uint8_t)*c <= ' ' || *c == '?' || *c == '#' || *c == 0x7f)
            len = 0;
    if (!authority_fits(span_of(host, len)))
        FAIL(RC_USAGE,
             "--server (CAPBU_SERVER, capbu.conf): phải có dạng https://MÁY:CỔNG, cổng từ 1 đến 65535 / must be "
             "https://HOST:PORT, port 1 to 65535");
    return RC_OK;
}

enum rc options_parse(int argc, char **argv, struct options *out) {
    struct options o;

    TRY(defaults_take(&o));
    opterr = 0;
    optind = 0;
    for (int letter; (letter = getopt_long(argc, argv, ":h", LONG, NULL)) != -1;)
        TRY(option_take(&o, letter, argv[optind - 1]));
    if (optind < argc)
        o.command = argv[optind++];
    if (optind < argc)
        FAIL(RC_USAGE, "\"%s\": thừa / is one word too many", argv[optind]);
    o.help = o.help || (o.command != NULL && strcmp(o.command, "help") == 0);
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
    o.serial_readings = o.serial == NULL ? 0 : serial_readings(o.serial, o.serials);
    if (o.serial != NULL && o.serial_readings == 0)
        FAIL(RC_USAGE,
             "--serial: số sê-ri dạng thập lục phân hoặc thập phân, xem capbu list / a serial number in hex or "
             "in decimal, see capbu list");
    if (o.assist != NULL && strlen(o.assist) > ASSIST_MAX)
        FAIL(RC_USAGE, "--assist: mã dài nhất %d ký tự / a code has at most %d characters", ASSIST_MAX, ASSIST_MAX);
    if (o.proxy_password_file != NULL && o.proxy_user == NULL)
        FAIL(RC_USAGE, "--proxy-password-file: cần / needs --proxy-user");
    if (o.server != NULL)
        TRY(server_check(o.server));
    if (o.server != NULL && o.server_ca == NULL)
        o.server_ca = settings_built_ca(o.server);
    *out = o;
    return RC_OK;
}
