/* capbuctl drill population | cases: a made-up programme to try everything on. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/command.h"
#include "cli/progress_bar.h"
#include "cli/tell.h"
#include "service/drill/drill.h"

static enum rc tokens_read(const struct args *a, struct drill_options *o, struct secret *pin) {
    if (!args_on(a, ARG_MODULE) || !args_on(a, ARG_PIN_FILE))
        return tell_fail(RC_USAGE, TELL_TOKENS_NEED);
    TRY(secret_read_file(a->value[ARG_PIN_FILE], pin));
    o->token_module = a->value[ARG_MODULE];
    o->pin = span_of(pin->text, pin->len);
    return RC_OK;
}

static enum rc population(const struct args *a, struct site *s, struct drill_options *o, struct secret *pin) {
    if (!args_on(a, ARG_COUNT))
        return tell_fail(RC_USAGE, TELL_MISSING, "--count N");
    TRY(args_int(a, ARG_COUNT, 1, 100000000, 0, &o->count));
    TRY(args_int(a, ARG_TOKENS, 0, 500, 0, &o->tokens));
    if (o->tokens > o->count)
        return tell_fail(RC_USAGE, TELL_TOKENS_MORE);
    if (o->tokens > 0)
        TRY(tokens_read(a, o, pin));
    TRY(drill_population(s, o));
    if (!cmd_stdout_taken(a))
        tell(TELL_POPULATION, o->csv, (long long)o->count, (long long)o->tokens);
    return RC_OK;
}

static enum rc cases(const struct args *a, struct site *s, struct drill_options *o, struct secret *pin) {
    TRY(tokens_read(a, o, pin));
    TRY(drill_cases_make(s, o));
    for (int i = 0; i < drill_case_count && !cmd_stdout_taken(a); i++)
        printf("%s\t%s\t%d\t%s\n", drill_cases[i].name, drill_cases[i].expect, drill_cases[i].exit_status,
               drill_cases[i].about);
    return RC_OK;
}

enum rc cmd_drill(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    AUTO(secret) pin = {0};
    enum tell label = TELL_BAR_DRILL;
    int64_t seed = 1, bits = 1024;
    struct out_rules rules;
    struct drill_options o = {.csv = a->value[ARG_CSV],
                              .rules = &rules,
                              .threads = (int)sysconf(_SC_NPROCESSORS_ONLN),
                              .progress = progress_bar,
                              .arg = &label};

    (void)exit_code;
    bool is_population = strcmp(a->words[1], "population") == 0;
    if (!is_population && strcmp(a->words[1], "cases") != 0)
        return tell_fail(RC_USAGE, TELL_TAKES, "drill", "population | cases", a->words[1]);
    if (o.csv == NULL)
        return tell_fail(RC_USAGE, TELL_MISSING, "--csv OUT");
    TRY(args_int(a, ARG_SEED, 1, 8388607, 1, &seed));
    TRY(args_int(a, ARG_KEY_BITS, 1024, 4096, 1024, &bits));
    if (bits % 1024 != 0)
        return tell_fail(RC_USAGE, TELL_TAKES, "--key-bits", "1024 | 2048 | 3072 | 4096", a->value[ARG_KEY_BITS]);
    o.seed = (uint64_t)seed;
    o.key_bits = (int)bits;
    TRY(site_open(cmd_dir(a), &s));
    TRY(cmd_rules(a, &s, a->value[ARG_PIN_FILE], &rules));
    TRY(out_keep(&rules, args_on(a, ARG_MODULE) ? a->value[ARG_MODULE] : ""));
    return is_population ? population(a, &s, &o, &pin) : cases(a, &s, &o, &pin);
}
