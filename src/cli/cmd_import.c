/* capbuctl import: certificates and contracts in, refused rows told. */
#include <signal.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/progress_bar.h"
#include "cli/tell.h"
#include "service/intake/import.h"

static volatile sig_atomic_t asked_to_stop;

static void ask_to_stop(int sig) {
    (void)sig;
    asked_to_stop = 1;
}

static bool stopped(void) {
    return asked_to_stop != 0;
}

/* ^C ends it between two batches, and says how much is in; a second one ends it at once. In the background of a script
   it is ignored, as usual. */
static void catch_signals(void) {
    static const int signals[] = {SIGINT, SIGTERM};
    struct sigaction act = {.sa_handler = ask_to_stop, .sa_flags = (int)SA_RESETHAND}, before;

    (void)sigemptyset(&act.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            (void)sigaction(signals[i], &act, NULL);
}

static enum rc counts_json(const struct import_counts *n, bool dry_run) {
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    jsonw_bool(&w, "dry_run", dry_run);
    jsonw_int(&w, "rows", n->rows);
    jsonw_int(&w, "added", n->added);
    jsonw_int(&w, "changed", n->changed);
    jsonw_int(&w, "same", n->same);
    jsonw_int(&w, "refused", n->refused);
    jsonw_int(&w, "warned", n->warned);
    jsonw_text(&w, "refused_list", n->refused_list);
    jsonw_text(&w, "warned_list", n->warned_list);
    if (n->too_many)
        jsonw_int(&w, "needs_changes", n->touched);
    else
        jsonw_null(&w, "needs_changes");
    jsonw_bool(&w, "interrupted", n->interrupted);
    jsonw_int(&w, "not_taken", n->not_taken);
    jsonw_int(&w, "noted", n->noted);
    jsonw_close(&w, '}');
    return out_json(&w);
}

/* On standard error, so that it is seen beside JSON and lists too. */
static void say_reading(const struct import_counts *n) {
    if (n->utf16)
        tell_aside(TELL_READ_UTF16);
    if (n->tabs)
        tell_aside(TELL_READ_TABS);
    if (n->cr)
        tell_aside(TELL_READ_CR);
    if (n->sep)
        tell_aside(TELL_READ_SEP);
}

static void say_what_is_in(const struct import_counts *n) {
    tell_aside(n->begun ? TELL_IMPORT_PART : TELL_IMPORT_NOTHING, (long long)n->added, (long long)n->changed);
}

static void say_warnings(const struct import_counts *n) {
    if (n->warned == 0)
        return;
    tell_aside(TELL_IMPORT_WARNED, (long long)n->warned, n->first_warning);
    if (n->warned_list[0] != '\0')
        tell_aside(TELL_IMPORT_WARNED_LIST, n->warned_list);
}

static void say_counts(const struct import_counts *n, bool dry_run) {
    if (dry_run)
        tell_part(TELL_DRY_RUN);
    tell(TELL_IMPORTED, (long long)n->rows, (long long)n->added, (long long)n->changed, (long long)n->same,
         (long long)n->refused);
    if (n->not_taken > 0)
        tell(TELL_NOT_TAKEN, (long long)n->not_taken);
    if (n->noted > 0)
        tell(TELL_NOTED, (long long)n->noted);
    if (n->refused > 0)
        tell(TELL_REFUSED_ROWS, n->refused_list);
    if (n->too_many)
        tell(TELL_IMPORT_WOULD_STOP, (long long)n->touched, (long long)n->known, (long long)n->touched);
}

static enum rc options_read(const struct args *a, struct import_options *o) {
    o->dry_run = args_on(a, ARG_DRY_RUN);
    o->ignore_columns = args_on(a, ARG_IGNORE_COLUMNS);
    o->changes_told = args_on(a, ARG_CHANGES);
    o->refused = a->value[ARG_REFUSED];
    return args_int(a, ARG_CHANGES, 0, INT64_MAX, 0, &o->changes);
}

enum rc cmd_import(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    const char *file = a->words[1];
    enum tell label = TELL_BAR_IMPORT;
    struct out_rules rules;
    struct import_options o = {.rules = &rules, .progress = progress_bar, .arg = &label, .stop = stopped};
    struct import_counts n = {0};

    TRY(options_read(a, &o));
    TRY(cmd_site(a, &s));
    TRY(cmd_rules(a, &s, file, &rules));
    catch_signals();
    enum rc rc = import_file(&s, file, &o, &n);
    say_reading(&n);
    if (rc != RC_OK || n.interrupted)
        say_what_is_in(&n);
    TRY(rc);
    say_warnings(&n);
    *exit_code = n.interrupted ? EXIT_NOT_READY : n.refused > 0 ? EXIT_SOME_REFUSED : EXIT_DONE;
    if (args_on(a, ARG_JSON))
        return counts_json(&n, o.dry_run);
    if (!n.interrupted && !cmd_stdout_taken(a))
        say_counts(&n, o.dry_run);
    return RC_OK;
}
