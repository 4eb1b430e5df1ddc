/* The command line of capbuctl: words and options, in any order (--dir may stand anywhere). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum arg {
    ARG_DIR,
    ARG_HELP,
    ARG_VERSION,
    ARG_LANG,
    ARG_JSON,
    ARG_DRILL,
    ARG_CLOCK,
    ARG_OLD_CA,
    ARG_CA_CERT,
    ARG_CA_KEY,
    ARG_CA_PIN_FILE,
    ARG_CAMPAIGN,
    ARG_LISTEN,
    ARG_DATABASE,
    ARG_DRY_RUN,
    ARG_IGNORE_COLUMNS,
    ARG_AS_OF,
    ARG_CSV,
    ARG_XLSX,
    ARG_BY,
    ARG_COUNT,
    ARG_SEED,
    ARG_TOKENS,
    ARG_MODULE,
    ARG_PIN_FILE,
    ARG_KEY_BITS,
    ARG_CHANNEL,
    ARG_HOLDER,
    ARG_DAYS,
    ARG_WHY,
    ARG_USES,
    ARG_SERIAL,
    ARG_OUT,
    ARG_FORCE,
    ARG_CHANGES,
    ARG_REFUSED,
    ARG_CHECKPOINT,
    ARG_TOTAL
};

#define ARG_WORDS  4
#define ARG_BIT(a) ((uint64_t)1 << (a))

struct args {
    const char *words[ARG_WORDS]; /* command, then what it takes */
    int count;
    const char *value[ARG_TOTAL]; /* NULL: not given; "" for a switch that was */
};

/* RC_USAGE. Strings point into argv. */
MUST enum rc args_parse(int argc, char **argv, struct args *out);

/* RC_USAGE when an option outside `allowed` (bits) was given; --dir, --lang and --help go with all. */
MUST enum rc args_allow(const struct args *a, uint64_t allowed);

/* A whole number in [least, most], `fallback` when the option was not given. RC_USAGE. */
MUST enum rc args_int(const struct args *a, enum arg which, int64_t least, int64_t most, int64_t fallback,
                      int64_t *out);

/* RC_USAGE when the option was given and is no text for people: blank, with control characters, over `most` bytes. */
MUST enum rc args_text(const struct args *a, enum arg which, size_t most);

static inline bool args_on(const struct args *a, enum arg which) {
    return a->value[which] != NULL;
}
