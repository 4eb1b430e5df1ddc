/* capbuctl audit verify | export. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/tell.h"
#include "service/ledger/ledger.h"
#include "store/audit.h"

struct verified {
    int64_t lines;
};

static enum rc verify(struct db *db, void *arg) {
    struct verified *v = arg;

    return ledger_verify(db, &v->lines);
}

static enum rc line_print(void *arg, const struct audit_line *l) {
    struct buf *line = arg;

    buf_clear(line);
    TRY(audit_format(l, line));
    TRY(buf_add_char(line, '\n'));
    return fwrite(line->data, 1, line->len, stdout) == line->len ? RC_OK : out_put(span_str(""));
}

static enum rc export_all(struct db *db, void *arg) {
    return audit_each(db, line_print, arg);
}

static enum rc verify_print(struct site *s, bool json) {
    struct verified v = {0};
    AUTO(jsonw) w = {0};

    TRY(store_read(s->store, verify, &v));
    if (!json) {
        tell(TELL_WHOLE, (long long)v.lines);
        return RC_OK;
    }
    jsonw_object(&w, NULL);
    jsonw_bool(&w, "whole", true);
    jsonw_int(&w, "lines", v.lines);
    jsonw_close(&w, '}');
    return out_json(&w);
}

enum rc cmd_audit(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    AUTO(buf) line = {0};

    (void)exit_code;
    bool verifying = strcmp(a->words[1], "verify") == 0;
    if (!verifying && strcmp(a->words[1], "export") != 0)
        return tell_fail(RC_USAGE, TELL_TAKES, "audit", "verify | export", a->words[1]);
    TRY(cmd_site(a, &s));
    if (verifying)
        return verify_print(&s, args_on(a, ARG_JSON));
    TRY(store_read(s.store, export_all, &line));
    return out_put(span_str(""));
}
