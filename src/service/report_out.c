/* Writes a report as CSV and as JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "base/csv.h"
#include "base/jsonw.h"
#include "service/cells.h"
#include "service/report.h"

static enum rc csv_line(const struct report_line *l, struct buf *out) {
    char owed[24], done[24], issued[24], held[24], self[24], refused[24];
    (void)snprintf(owed, sizeof owed, "%" PRId64, l->tally.owed);
    (void)snprintf(done, sizeof done, "%" PRId64, l->tally.done);
    (void)snprintf(issued, sizeof issued, "%" PRId64, l->tally.issued);
    (void)snprintf(held, sizeof held, "%" PRId64, l->tally.held);
    (void)snprintf(self, sizeof self, "%" PRId64, l->tally.done_self);
    (void)snprintf(refused, sizeof refused, "%" PRId64, l->refused);
    const char *cells[7 + MARK_COUNT] = {l->key, owed, done, issued, held, self, refused};
    char told[MARK_COUNT][24];
    for (int m = 0; m < MARK_COUNT; m++) {
        (void)snprintf(told[m], sizeof told[m], "%" PRId64, l->told[m]);
        cells[7 + m] = told[m];
    }
    return csv_row(out, cells, sizeof cells / sizeof cells[0]);
}

enum rc report_csv(const struct report *r, struct buf *out) {
    TRY(buf_printf(out, "%s,owed,done,issued,held,done_self,refused", report_by_name(r->by)));
    for (int m = 0; m < MARK_COUNT; m++)
        TRY(buf_printf(out, ",told_%s", mark_name(m)));
    TRY(buf_add_char(out, '\n'));
    for (int32_t i = 0; i < r->line_count; i++)
        TRY(csv_line(&r->lines[i], out));
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
