/* capbuctl receipt: the operator's copy of what a subscriber was given to keep. */
#include "cli/command.h"
#include "cli/tell.h"
#include "rules/serial_typed.h"
#include "service/issuing/receipt.h"
#include "service/out_file.h"

struct asked {
    char serial[SERIAL_READINGS][SERIAL_HEX]; /* as it may be meant */
    int readings;
    struct issued_row row;
    struct kept_row kept;
};

static void asked_free(struct asked *a) {
    issued_row_free(&a->row);
    kept_row_free(&a->kept);
}

static enum rc look_up(struct db *db, void *arg) {
    struct asked *a = arg;
    enum rc rc = RC_NOT_FOUND;
    for (int i = 0; i < a->readings && rc == RC_NOT_FOUND; i++)
        rc = issue_by_serial(db, a->serial[i], &a->row);
    if (rc == RC_NOT_FOUND)
        return tell_fail(rc, TELL_NOT_ISSUED, a->serial[0]);
    TRY(rc);
    return issue_kept(db, a->row.old_id, &a->kept);
}

static enum rc put(const struct args *a, const struct site *s, struct span receipt) {
    struct out_rules rules;

    TRY(cmd_rules(a, s, NULL, &rules));
    return out_file_put(a->value[ARG_OUT], (struct out_mark){.holds = RECEIPT_MARK}, &rules, receipt);
}

enum rc cmd_receipt(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    AUTO(asked) asked = {0};
    AUTO(buf) text = {0};

    (void)exit_code;
    if (!args_on(a, ARG_SERIAL))
        return tell_fail(RC_USAGE, TELL_SERIAL_MISSING);
    asked.readings = serial_readings(a->value[ARG_SERIAL], asked.serial);
    if (asked.readings == 0)
        return tell_fail(RC_USAGE, TELL_SERIAL, 2 * SERIAL_MAX, a->value[ARG_SERIAL]);
    TRY(cmd_site(a, &s));
    TRY(store_read(s.store, look_up, &asked));
    TRY(receipt_text(s.new_ca, buf_span(&asked.kept.receipt), &text)); /* what does not hold is not given out */
    if (args_on(a, ARG_OUT))
        TRY(put(a, &s, buf_span(&asked.kept.receipt)));
    if (args_on(a, ARG_OUT) && !args_on(a, ARG_JSON))
        return RC_OK;
    TRY(buf_add_char(&text, '\n'));
    return out_put(buf_span(&text));
}
