/* capbuctl audit verify | export | checkpoint | adopt. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/tell.h"
#include "service/ledger/adopt.h"
#include "service/ledger/checkpoint.h"
#include "service/ledger/ledger.h"
#include "service/out_file.h"
#include "store/audit.h"

#define CHECKPOINT_LIMIT (64 * 1024)

struct verified {
    struct sealer *sealer;
    int64_t lines;
};

static enum rc verify(struct db *db, void *arg) {
    struct verified *v = arg;

    return ledger_verify(db, v->sealer, &v->lines);
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

static enum rc compare(struct site *s, const char *path) {
    AUTO(buf) document = {0};

    TRY(fs_read(path, CHECKPOINT_LIMIT, &document));
    return checkpoint_compare(s, buf_span(&document));
}

static enum rc verify_print(struct site *s, const struct args *a) {
    struct verified v = {.sealer = s->sealer};
    AUTO(jsonw) w = {0};

    TRY(store_read(s->store, verify, &v));
    if (args_on(a, ARG_CHECKPOINT))
        TRY(compare(s, a->value[ARG_CHECKPOINT]));
    if (!args_on(a, ARG_JSON)) {
        tell(TELL_WHOLE, (long long)v.lines);
        return RC_OK;
    }
    jsonw_object(&w, NULL);
    jsonw_bool(&w, "whole", true);
    jsonw_int(&w, "lines", v.lines);
    jsonw_close(&w, '}');
    return out_json(&w);
}

static enum rc adopt_print(struct site *s, const struct args *a) {
    char actor[64];
    int64_t lines;
    AUTO(jsonw) w = {0};

    TRY(text_set(actor, sizeof actor, cmd_actor()));
    TRY(ledger_adopt(s, actor, &lines));
    if (!args_on(a, ARG_JSON)) {
        tell(TELL_ADOPTED, (long long)lines);
        return RC_OK;
    }
    jsonw_object(&w, NULL);
    jsonw_bool(&w, "sealed", true);
    jsonw_int(&w, "lines", lines);
    jsonw_close(&w, '}');
    return out_json(&w);
}

/* The one that it would replace may be the only proof that an older database is in place. */
static enum rc check_replaced(struct site *s, const struct out_file *out) {
    AUTO(buf) old = {0};

    if (out->temporary[0] == '\0' || out->rules->force)
        return RC_OK;
    enum rc rc = fs_read(out->path, CHECKPOINT_LIMIT, &old);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && old.len == 0))
        return RC_OK;
    TRY(rc);
    rc = checkpoint_compare(s, buf_span(&old));
    if (rc == RC_REFUSED || rc == RC_CRYPTO || rc == RC_INPUT)
        return err_in(RC_REFUSED, "%s: keep it as the proof and name another file, or say --force", out->path);
    return rc;
}

static enum rc checkpoint_print(struct site *s, const struct args *a) {
    AUTO(buf) document = {0};
    AUTO(out_file) out = {0};
    struct out_rules rules;

    TRY(checkpoint_make(s, &document));
    if (!args_on(a, ARG_OUT))
        return out_put(buf_span(&document));
    TRY(cmd_rules(a, s, NULL, &rules));
    TRY(out_file_open(a->value[ARG_OUT], (struct out_mark){.holds = CHECKPOINT_MARK}, &rules, &out));
    TRY(check_replaced(s, &out));
    TRY(out_file_add(&out, buf_span(&document)));
    return out_file_close(&out);
}

static enum rc export_print(struct site *s, const struct args *a) {
    AUTO(buf) line = {0};

    (void)a;
    TRY(store_read(s->store, export_all, &line));
    return out_put(span_str(""));
}

enum rc cmd_audit(const struct args *a, int *exit_code) {
    static const struct {
        const char *word;
        enum rc (*run)(struct site *s, const struct args *a);
    } words[] = {
        {"verify", verify_print}, {"export", export_print}, {"adopt", adopt_print}, {"checkpoint", checkpoint_print}};
    AUTO(site) s = {0};

    (void)exit_code;
    if (args_on(a, ARG_OUT) && strcmp(a->words[1], "checkpoint") != 0)
        return tell_fail(RC_USAGE, TELL_OTHER_WORDS, "--out", "audit checkpoint --out FILE");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(a->words[1], words[i].word) == 0) {
            TRY(cmd_site(a, &s));
            return words[i].run(&s, a);
        }
    return tell_fail(RC_USAGE, TELL_TAKES, "audit", "verify | export | checkpoint | adopt", a->words[1]);
}
