/* capbuctl import: certificates and contracts in, refused rows told. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/progress_bar.h"
#include "cli/tell.h"
#include "service/intake/import.h"

static enum rc counts_json(const struct import_counts *n, bool dry_run) {
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    jsonw_bool(&w, "dry_run", dry_run);
    jsonw_int(&w, "rows", n->rows);
    jsonw_int(&w, "added", n->added);
    jsonw_int(&w, "changed", n->changed);
    jsonw_int(&w, "same", n->same);
    jsonw_int(&w, "refused", n->refused);
    jsonw_int(&w, "not_taken", n->not_taken);
    jsonw_int(&w, "noted", n->noted);
    jsonw_close(&w, '}');
    return out_json(&w);
}

enum rc cmd_import(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    const char *file = a->words[1];
    enum tell label = TELL_BAR_IMPORT;
    struct import_options o = {.dry_run = args_on(a, ARG_DRY_RUN),
                               .ignore_columns = args_on(a, ARG_IGNORE_COLUMNS),
                               .progress = progress_bar,
                               .arg = &label};
    struct import_counts n = {0};

    TRY(cmd_site(a, &s));
    TRY(import_file(&s, file, &o, &n));
    *exit_code = n.refused > 0 ? EXIT_SOME_REFUSED : EXIT_DONE;
    if (args_on(a, ARG_JSON))
        return counts_json(&n, o.dry_run);
    if (o.dry_run)
        tell_part(TELL_DRY_RUN);
    tell(TELL_IMPORTED, (long long)n.rows, (long long)n.added, (long long)n.changed, (long long)n.same,
         (long long)n.refused);
    if (n.not_taken > 0)
        tell(TELL_NOT_TAKEN, (long long)n.not_taken);
    if (n.noted > 0)
        tell(TELL_NOTED, (long long)n.noted);
    if (n.refused > 0)
        tell(TELL_REFUSED_ROWS, file);
    return RC_OK;
}
