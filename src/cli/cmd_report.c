/* capbuctl report and export: how far the programme is from its goals, and what was issued. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/table.h"
#include "cli/tell.h"
#include "service/ledger/export.h"
#include "service/ledger/report.h"
#include "service/out_guard.h"

static void report_text(const struct site *s, const struct report *r) {
    table_report(r);
    puts("");
    tell(TELL_GOALS);
    for (int i = 0; i < s->campaign.goal_count; i++) {
        const struct goal *g = &s->campaign.goals[i];
        const struct standing *at = &r->standings[i];
        bool late = !at->met && at->days_left < 0;
        char by[DAY_TEXT];
        day_read(g->by, tell_lang(), by);
        int days = (int)(late ? -at->days_left : at->days_left < 0 ? 0 : at->days_left); /* met is never late */
        tell(late ? TELL_GOAL_LATE : TELL_GOAL, g->id, g->clause, by, (long long)at->done, (long long)at->owed,
             (int)at->percent_tenths / 10, (int)at->percent_tenths % 10, (int)g->percent,
             tell_word(at->met ? TELL_GOAL_MET : TELL_GOAL_NOT_MET), days);
    }
}

/* Its first line tells a report, in each language and by each key. */
static enum rc report_csv_put(const struct report *r, const char *path, const struct out_rules *rules) {
    AUTO(buf) text = {0};
    AUTO(buf) first = {0};

    TRY(report_csv(r, tell_lang(), &text));
    TRY(buf_add(&first, buf_str(&text), strcspn(buf_str(&text), "\n") + 1));
    return out_file_put(path, (struct out_mark){.begins = buf_str(&first)}, rules, buf_span(&text));
}

enum rc cmd_report(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    AUTO(report) r = {0};
    AUTO(buf) text = {0};
    struct out_rules rules;
    enum report_by by = REPORT_DEVICE;

    (void)exit_code;
    if (args_on(a, ARG_BY) && !report_by_from(a->value[ARG_BY], &by))
        return tell_fail(RC_USAGE, TELL_TAKES, "--by", "device | province | phase | channel | day | holder",
                         a->value[ARG_BY]);
    if (args_on(a, ARG_CSV) && args_on(a, ARG_XLSX) && out_is_one(a->value[ARG_CSV], a->value[ARG_XLSX]))
        return tell_fail(RC_USAGE, TELL_ONE_FILE, "--csv", "--xlsx");
    TRY(cmd_site(a, &s));
    TRY(report_run(&s, by, conf_now(&s.conf), &r));
    TRY(cmd_rules(a, &s, NULL, &rules));
    if (args_on(a, ARG_CSV))
        TRY(report_csv_put(&r, a->value[ARG_CSV], &rules));
    if (args_on(a, ARG_XLSX))
        TRY(report_xlsx(&s, &r, tell_lang(), a->value[ARG_XLSX], &rules));
    if (!args_on(a, ARG_JSON)) {
        if (!cmd_stdout_taken(a))
            report_text(&s, &r);
        return RC_OK;
    }
    TRY(report_json(&s, &r, &text));
    TRY(buf_add_char(&text, '\n'));
    return out_put(buf_span(&text));
}

static enum rc exported_print(const char *path, int64_t rows, bool json) {
    AUTO(jsonw) w = {0};

    if (!json) {
        tell(TELL_EXPORTED, path, (long long)rows);
        return RC_OK;
    }
    jsonw_object(&w, NULL);
    jsonw_str(&w, "csv", path);
    jsonw_int(&w, "certificates", rows);
    jsonw_close(&w, '}');
    return out_json(&w);
}

enum rc cmd_export(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    struct out_rules rules;
    int64_t rows = 0;

    (void)exit_code;
    if (!args_on(a, ARG_CSV))
        return tell_fail(RC_USAGE, TELL_MISSING, "--csv OUT");
    TRY(cmd_site(a, &s));
    AUTO(out_file) out = {0};
    TRY(cmd_rules(a, &s, NULL, &rules));
    TRY(out_file_open(a->value[ARG_CSV], (struct out_mark){.begins = EXPORT_CSV_HEADER}, &rules, &out));
    TRY(export_csv(&s, &out, &rows));
    TRY(out_file_close(&out));
    return cmd_stdout_taken(a) ? RC_OK : exported_print(a->value[ARG_CSV], rows, args_on(a, ARG_JSON));
}
