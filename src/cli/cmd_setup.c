/* capbuctl init and check-config: makes an installation, and says what is wrong with one. */
#include <stdio.h>

#include "base/fs.h"
#include "cli/command.h"
#include "cli/tell.h"
#include "service/ledger/ledger.h"
#include "service/site/setup.h"
#include "store/integrity.h"

/* Something check-config found: said, or gathered when `arg` is a JSON writer. */
static void finding_take(void *arg, bool fatal, const char *text) {
    struct jsonw *w = arg;
    char line[TELL_LINE];

    if (w == NULL) {
        tell_glossed(text, line);
        tell(fatal ? TELL_ERROR : TELL_WARNING, line);
        return;
    }
    jsonw_object(w, NULL);
    jsonw_str(w, "kind", fatal ? "error" : "warning");
    jsonw_str(w, "text", text);
    jsonw_close(w, '}');
}

enum rc cmd_init(const struct args *a, int *exit_code) {
    struct setup o = {.dir = cmd_dir(a),
                      .drill = args_on(a, ARG_DRILL),
                      .clock = INSTANT_NONE,
                      .old_ca = a->value[ARG_OLD_CA],
                      .ca_cert = a->value[ARG_CA_CERT],
                      .ca_key = a->value[ARG_CA_KEY],
                      .ca_pin_file = a->value[ARG_CA_PIN_FILE],
                      .campaign = a->value[ARG_CAMPAIGN],
                      .listen = a->value[ARG_LISTEN],
                      .database = a->value[ARG_DATABASE]};

    (void)exit_code;
    if (args_on(a, ARG_CLOCK) && instant_parse(a->value[ARG_CLOCK], &o.clock) != RC_OK)
        return err_in(RC_USAGE, "--clock");
    TRY(setup_run(&o));
    tell(TELL_MADE, o.dir);
    return setup_check(o.dir, finding_take, NULL); /* what deserves a look is told at once */
}

static enum rc books_read(struct db *db, void *sealer) {
    int64_t lines;

    TRY(integrity_check(db));
    return ledger_verify(db, sealer, &lines);
}

/* The database by itself, and what stands in it against the audit and its seals. */
static enum rc books_check(const char *dir) {
    AUTO(site) s = {0};

    TRY(site_open(dir, &s));
    TRY(site_open_store(&s, 1));
    return store_read(s.store, books_read, s.sealer);
}

/* All that is wrong, with the files or behind them, is a finding: the status says whether there is one. */
static enum rc check_all(const char *dir, struct jsonw *w) {
    TRY(setup_check(dir, finding_take, w));
    enum rc rc = books_check(dir);
    if (rc == RC_OK || rc == RC_BUG)
        return rc;
    finding_take(w, true, err_text());
    FAIL(RC_INPUT, "%s is not usable as it is", dir);
}

/* A folder with faults is told in JSON too, before the failure is returned. */
static enum rc check_json(const char *dir) {
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    jsonw_array(&w, "findings");
    enum rc rc = check_all(dir, &w);
    jsonw_close(&w, ']');
    jsonw_bool(&w, "usable", rc == RC_OK);
    jsonw_close(&w, '}');
    TRY(out_json(&w));
    return rc;
}

enum rc cmd_check_config(const struct args *a, int *exit_code) {
    const char *dir = cmd_dir(a);

    (void)exit_code;
    if (!fs_exists(dir))
        return tell_fail(RC_NOT_FOUND, TELL_NO_DIR, dir);
    if (args_on(a, ARG_JSON))
        return check_json(dir);
    TRY(check_all(dir, NULL));
    tell(TELL_USABLE);
    return RC_OK;
}
