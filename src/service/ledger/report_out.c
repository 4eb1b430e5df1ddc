/* Writes a report as CSV and as JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "base/jsonw.h"
#include "service/csv/csv.h"
#include "service/ledger/report.h"

static enum rc csv_line(const char *key, const struct report_line *l, struct buf *out) {
    char text[REPORT_COLUMNS][24];
    const char *cells[1 + REPORT_COLUMNS] = {key};
    for (int c = 0; c < REPORT_COLUMNS; c++) {
        (void)snprintf(text[c], sizeof text[c], "%" PRId64, report_cell(l, (enum report_column)c));
        cells[1 + c] = text[c];
    }
    return csv_row(out, cells, 1 + REPORT_COLUMNS);
}

enum rc report_csv(const struct report *r, enum lang lang, struct buf *out) {
    const char *heads[1 + REPORT_COLUMNS] = {report_title(lang, r->by)};
    for (int c = 0; c < REPORT_COLUMNS; c++)
        heads[1 + c] = report_column_name(lang, (enum report_column)c);
    TRY(csv_row(out, heads, 1 + REPORT_COLUMNS));
    for (int32_t i = 0; i < r->line_count; i++)
        TRY(csv_line(report_key(lang, r, &r->lines[i]), &r->lines[i], out));
    return RC_OK;
}

static void put_tally(struct jsonw *w, const struct tally *t) {
    jsonw_int(w, "owed", t->owed);
    jsonw_int(w, "done", t->done);
    jsonw_int(w, "issued", t->issued);
    jsonw_int(w, "held", t->held);
    jsonw_int(w, "done_self", t->done_self);
}

static void put_counts(struct jsonw *w, const struct report *r) {
    jsonw_int(w, "total", r->total);
    jsonw_object(w, "verdicts");
    for (int i = 0; i < 4; i++)
        jsonw_int(w, verdict_name((enum verdict_kind)i), r->by_verdict[i]);
    jsonw_close(w, '}');
    jsonw_object(w, "reasons");
    for (int i = 0; i < REASON_COUNT; i++)
        jsonw_int(w, reason_name((enum reason)i), r->by_reason[i]);
    jsonw_close(w, '}');
}

static void put_lines(struct jsonw *w, const struct report *r) {
    jsonw_str(w, "by", report_by_name(r->by));
    jsonw_array(w, "lines");
    for (int32_t i = 0; i < r->line_count; i++) {
        jsonw_object(w, NULL);
        jsonw_str(w, "key", r->lines[i].key);
        put_tally(w, &r->lines[i].tally);
        jsonw_int(w, "refused", r->lines[i].refused);
        jsonw_object(w, "told");
        for (int m = 0; m < MARK_COUNT; m++)
            jsonw_int(w, mark_name(m), r->lines[i].told[m]);
        jsonw_close(w, '}');
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void put_goal(struct jsonw *w, const struct goal *g, const struct standing *s) {
    char by[DAY_TEXT];
    day_format(g->by, by);
    jsonw_object(w, NULL);
    jsonw_str(w, "id", g->id);
    jsonw_str(w, "clause", g->clause);
    jsonw_str(w, "by", by);
    jsonw_int(w, "percent", g->percent);
    jsonw_int(w, "owed", s->owed);
    jsonw_int(w, "done", s->done);
    jsonw_int(w, "done_per_mille", s->percent_tenths);
    jsonw_int(w, "days_left", s->days_left);
    jsonw_bool(w, "met", s->met);
    if (s->per_day == INT64_MAX) /* the day is over: no rate would meet it */
        jsonw_null(w, "per_day");
    else
        jsonw_int(w, "per_day", s->per_day);
    jsonw_close(w, '}');
}

enum rc report_json(const struct site *s, const struct report *r, struct buf *out) {
    AUTO(jsonw) w = {0};
    struct tally all = progress_sum(r->devices, UINT32_MAX);
    jsonw_object(&w, NULL);
    jsonw_str(&w, "campaign", s->campaign.id);
    jsonw_instant(&w, "as_of", r->now);
    put_counts(&w, r);
    put_tally(&w, &all);
    put_lines(&w, r);
    jsonw_array(&w, "goals");
    for (int32_t i = 0; i < s->campaign.goal_count; i++)
        put_goal(&w, &s->campaign.goals[i], &r->standings[i]);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return buf_add_span(out, buf_span(&w.out));
}
