/* capbuctl screen: the verdict of every certificate, as a file and as counts. */
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/table.h"
#include "cli/tell.h"
#include "service/ledger/report.h"
#include "service/out_file.h"

struct pass {
    const struct campaign *campaign;
    struct report by_device, by_province;
    struct out_file csv;
    struct buf line;
};

static void pass_free(struct pass *p) {
    report_free(&p->by_device);
    report_free(&p->by_province);
    buf_free(&p->line);
    out_file_free(&p->csv);
}

static enum rc one(void *arg, const struct cert_row *row, const struct screened *v) {
    struct pass *p = arg;

    TRY(report_add(&p->by_device, p->campaign, v));
    TRY(report_add(&p->by_province, p->campaign, v));
    if (p->csv.stream == NULL)
        return RC_OK;
    buf_clear(&p->line);
    TRY(screen_csv_row(p->campaign, row, v, &p->line));
    return out_file_add(&p->csv, buf_span(&p->line));
}

static enum rc csv_open_for(struct pass *p, const char *path, const struct out_rules *rules) {
    TRY(out_file_open(path, (struct out_mark){.begins = SCREEN_CSV_HEADER}, rules, &p->csv));
    return out_file_add(&p->csv, span_str(SCREEN_CSV_HEADER));
}

static void count_text(const char *code, int64_t n, const char *gloss) {
    printf("  %-28s %10lld%s%s\n", code, (long long)n, gloss[0] == '\0' ? "" : "  ", gloss);
}

static void counts_text(const struct pass *p) {
    const struct report *r = &p->by_device;

    tell(TELL_CERTIFICATES, (long long)r->total);
    for (int k = 0; k < 4; k++)
        count_text(verdict_name((enum verdict_kind)k), r->by_verdict[k], tell_verdict((enum verdict_kind)k));
    tell(TELL_REASONS);
    for (int k = 0; k < REASON_COUNT; k++)
        if (r->by_reason[k] > 0)
            count_text(reason_name((enum reason)k), r->by_reason[k], tell_reason((enum reason)k));
    puts("");
    table_report(r);
    puts("");
    table_report(&p->by_province);
}

static void lines_json(struct jsonw *w, const char *key, const struct report *r) {
    jsonw_array(w, key);
    for (int32_t i = 0; i < r->line_count; i++) {
        const struct report_line *l = &r->lines[i];
        jsonw_object(w, NULL);
        jsonw_str(w, "key", l->key);
        jsonw_int(w, "owed", l->tally.owed);
        jsonw_int(w, "done", l->tally.done);
        jsonw_int(w, "issued", l->tally.issued);
        jsonw_int(w, "held", l->tally.held);
        jsonw_int(w, "refused", l->refused);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static enum rc counts_json(const struct pass *p) {
    const struct report *r = &p->by_device;
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    jsonw_instant(&w, "as_of", r->now);
    jsonw_int(&w, "total", r->total);
    jsonw_object(&w, "verdicts");
    for (int k = 0; k < 4; k++)
        jsonw_int(&w, verdict_name((enum verdict_kind)k), r->by_verdict[k]);
    jsonw_close(&w, '}');
    jsonw_object(&w, "reasons");
    for (int k = 0; k < REASON_COUNT; k++)
        jsonw_int(&w, reason_name((enum reason)k), r->by_reason[k]);
    jsonw_close(&w, '}');
    lines_json(&w, "devices", r);
    lines_json(&w, "provinces", &p->by_province);
    jsonw_close(&w, '}');
    return out_json(&w);
}

enum rc cmd_screen(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    AUTO(pass) p = {.campaign = &s.campaign};
    struct out_rules rules;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    (void)exit_code;
    TRY(cmd_site(a, &s));
    int64_t now = conf_now(&s.conf);
    if (args_on(a, ARG_AS_OF) && instant_parse_or_day(a->value[ARG_AS_OF], s.campaign.utc_offset, &now) != RC_OK)
        return err_in(RC_USAGE, "--as-of");
    report_open(REPORT_DEVICE, &s.provinces, now, &p.by_device);
    report_open(REPORT_PROVINCE, &s.provinces, now, &p.by_province);
    TRY(cmd_rules(a, &s, NULL, &rules));
    if (args_on(a, ARG_CSV))
        TRY(csv_open_for(&p, a->value[ARG_CSV], &rules));
    TRY(screen_all(&s, now, cores < 1 ? 1 : (int)cores, one, &p));
    report_end(&p.by_device, &s.campaign);
    report_end(&p.by_province, &s.campaign);
    if (p.csv.stream != NULL)
        TRY(out_file_close(&p.csv));
    if (args_on(a, ARG_JSON))
        return counts_json(&p);
    if (!cmd_stdout_taken(a))
        counts_text(&p);
    return RC_OK;
}
