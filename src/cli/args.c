/* Reads the command line of capbuctl. */
#include "cli/args.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "base/utf8.h"
#include "cli/tell.h"

#define FLAG(name, which)                                                                                              \
    { name, no_argument, NULL, 256 + (which) }
#define VALUE(name, which)                                                                                             \
    { name, required_argument, NULL, 256 + (which) }

static const struct option OPTIONS[] = {
    VALUE("dir", ARG_DIR),
    FLAG("help", ARG_HELP),
    FLAG("version", ARG_VERSION),
    VALUE("lang", ARG_LANG),
    FLAG("json", ARG_JSON),
    FLAG("drill", ARG_DRILL),
    VALUE("clock", ARG_CLOCK),
    VALUE("old-ca", ARG_OLD_CA),
    VALUE("ca-cert", ARG_CA_CERT),
    VALUE("ca-key", ARG_CA_KEY),
    VALUE("ca-pin-file", ARG_CA_PIN_FILE),
    VALUE("campaign", ARG_CAMPAIGN),
    VALUE("listen", ARG_LISTEN),
    VALUE("database", ARG_DATABASE),
    FLAG("dry-run", ARG_DRY_RUN),
    FLAG("ignore-columns", ARG_IGNORE_COLUMNS),
    VALUE("as-of", ARG_AS_OF),
    VALUE("csv", ARG_CSV),
    VALUE("xlsx", ARG_XLSX),
    VALUE("by", ARG_BY),
    VALUE("count", ARG_COUNT),
    VALUE("seed", ARG_SEED),
    VALUE("tokens", ARG_TOKENS),
    VALUE("module", ARG_MODULE),
    VALUE("pin-file", ARG_PIN_FILE),
    VALUE("key-bits", ARG_KEY_BITS),
    VALUE("channel", ARG_CHANNEL),
    VALUE("holder", ARG_HOLDER),
    VALUE("days", ARG_DAYS),
    VALUE("why", ARG_WHY),
    VALUE("uses", ARG_USES),
    VALUE("serial", ARG_SERIAL),
    VALUE("out", ARG_OUT),
    FLAG("force", ARG_FORCE),
    VALUE("changes", ARG_CHANGES),
    VALUE("refused", ARG_REFUSED),
    VALUE("checkpoint", ARG_CHECKPOINT),
    {NULL, 0, NULL, 0},
};

static enum rc unknown(const char *word) {
    struct near n = {.typed = word + strspn(word, "-")};

    for (const struct option *o = OPTIONS; o->name != NULL; o++)
        near_offer(&n, o->name);
    return n.word == NULL ? tell_fail(RC_USAGE, TELL_UNKNOWN_OPTION, word)
                          : tell_fail(RC_USAGE, TELL_UNKNOWN_OPTION_NEAR, word, n.word);
}

enum rc args_parse(int argc, char **argv, struct args *out) {
    struct args a = {0};

    opterr = 0;
    optind = 0;
    for (int c; (c = getopt_long(argc, argv, ":h", OPTIONS, NULL)) != -1;) {
        if (c == ':')
            return tell_fail(RC_USAGE, TELL_NEEDS_VALUE, argv[optind - 1]);
        if (c == 'h')
            c = 256 + ARG_HELP;
        if (c < 256 && optopt > 0 && optopt < 256)
            return tell_fail(RC_USAGE, TELL_UNKNOWN_LETTER, optopt);
        if (c < 256)
            return unknown(argv[optind - 1]);
        if (a.value[c - 256] != NULL)
            return tell_fail(RC_USAGE, TELL_TWICE, OPTIONS[c - 256].name);
        a.value[c - 256] = optarg != NULL ? optarg : "";
    }
    for (; optind < argc; optind++) {
        if (a.count == ARG_WORDS)
            return tell_fail(RC_USAGE, TELL_WORD_TOO_MANY, argv[optind]);
        a.words[a.count++] = argv[optind];
    }
    *out = a;
    return RC_OK;
}

enum rc args_allow(const struct args *a, uint64_t allowed) {
    allowed |= ARG_BIT(ARG_DIR) | ARG_BIT(ARG_LANG) | ARG_BIT(ARG_HELP);
    for (int i = 0; i < ARG_TOTAL; i++)
        if (a->value[i] != NULL && (allowed & ARG_BIT(i)) == 0)
            return tell_fail(RC_USAGE, TELL_NOT_WITH_THIS, OPTIONS[i].name);
    return RC_OK;
}

enum rc args_int(const struct args *a, enum arg which, int64_t least, int64_t most, int64_t fallback, int64_t *out) {
    const char *text = a->value[which];
    char *end = NULL;

    if (text == NULL) {
        *out = fallback;
        return RC_OK;
    }
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || n < least || n > most)
        return tell_fail(RC_USAGE, TELL_NUMBER, OPTIONS[which].name, (long long)least, (long long)most, text);
    *out = n;
    return RC_OK;
}

enum rc args_text(const struct args *a, enum arg which, size_t most) {
    const char *text = a->value[which];

    if (text == NULL)
        return RC_OK;
    size_t len = strlen(text);
    if (len > most || strspn(text, " ") == len || !utf8_printable(span_str(text)))
        return tell_fail(RC_USAGE, TELL_TEXT, OPTIONS[which].name,
                         (int)most); /* the text may be unfit for a terminal */
    return RC_OK;
}
