/* Counts one screening pass into tallies, and holds them against the goals (R3.4-R3.6). */
#include "service/ledger/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/day.h"
#include "rules/names.h"

static const char *const names[REPORT_BY_COUNT] = {"device", "province", "phase", "channel", "day", "holder"};

const char *report_by_name(enum report_by by) {
    return names[by];
}

bool report_by_from(const char *name, enum report_by *by) {
    int i = names_find(names, REPORT_BY_COUNT, name);
    if (i >= 0)
        *by = (enum report_by)i;
    return i >= 0;
}

void report_free(struct report *r) {
    free(r->lines);
    free(r->places);
    *r = (struct report){0};
}

void report_open(enum report_by by, const struct provinces *provinces, int64_t now, struct report *out) {
    *out = (struct report){.by = by, .provinces = provinces, .now = now};
}

/* Refused for nothing but the old certificate's end: owed, held perhaps, and not served in time (R3.6). */
static bool lapsed(const struct verdict *v) {
    return (v->reasons & ~(1u << REASON_BEYOND_NEW_CA)) == 1u << REASON_EXPIRED;
}

static bool is_owed(const struct verdict *v) {
    return v->kind != VERDICT_REFUSED || lapsed(v); /* eligible, held, done and lapsed */
}

static void count(struct tally *t, const struct screened *v) {
    bool confirmed = v->state == STATE_CONFIRMED;
    t->owed += is_owed(&v->verdict);
    t->held += v->verdict.kind == VERDICT_HELD;
    if (v->verdict.kind != VERDICT_DONE)
        return;
    t->done += confirmed;
    t->issued += !confirmed;
    t->done_self += confirmed && v->channel == CHANNEL_SELF; /* R3.4 */
}

static int32_t day_of_issue(const struct campaign *c, const struct screened *v) {
    return day_of(v->state == STATE_CONFIRMED ? v->confirmed_at : v->issued_at, c->utc_offset);
}

/* Which line a certificate belongs to; false: to none. */
static bool order_of(const struct report *r, const struct campaign *c, const struct screened *v, int64_t *order) {
    switch (r->by) {
    case REPORT_DEVICE:
        *order = v->device;
        return true;
    case REPORT_PROVINCE:
        *order = v->province;
        return true;
    case REPORT_PHASE:
        *order = v->phase;
        return true;
    case REPORT_HOLDER:
        *order = v->holder[0] == '\0' ? 0 : r->line_count + 1; /* they have no number: in the order they are met */
        return v->verdict.kind == VERDICT_DONE;
    case REPORT_CHANNEL:
        *order = v->channel;
        return v->verdict.kind == VERDICT_DONE;
    default:
        if (v->verdict.kind == VERDICT_DONE)
            *order = day_of_issue(c, v);
        return v->verdict.kind == VERDICT_DONE;
    }
}

static void name_line(const struct report *r, const struct campaign *c, const struct screened *v,
                      struct report_line *line) {
    char day[DAY_TEXT];
    const char *province = NULL;
    switch (r->by) {
    case REPORT_DEVICE:
        (void)snprintf(line->key, sizeof line->key, "%s", device_name((enum device)line->order));
        break;
    case REPORT_PROVINCE:
        province = province_name(r->provinces, (uint8_t)line->order);
        (void)snprintf(line->key, sizeof line->key, "%02d %s", (int)line->order, province == NULL ? "?" : province);
        break;
    case REPORT_PHASE:
        (void)snprintf(line->key, sizeof line->key, "%s", line->order < 0 ? "-" : c->phases[line->order].title);
        break;
    case REPORT_HOLDER:
        (void)snprintf(line->key, sizeof line->key, "%s", v->holder[0] == '\0' ? "(none)" : v->holder);
        break;
    case REPORT_CHANNEL:
        (void)snprintf(line->key, sizeof line->key, "%s", channel_name((enum channel)line->order));
        break;
    default:
        day_format((int32_t)line->order, day);
        (void)snprintf(line->key, sizeof line->key, "%s", day);
    }
}

static enum rc line_for(struct report *r, const struct campaign *c, const struct screened *v, int64_t order,
                        struct report_line **line) {
    bool fresh = false;
    struct span key = r->by == REPORT_HOLDER ? span_str(v->holder) : span_of(&order, sizeof order);
    TRY(report_line_of(r, key, line, &fresh));
    if (!fresh)
        return RC_OK;
    (*line)->order = order;
    name_line(r, c, v, *line);
    return RC_OK;
}

enum rc report_add(struct report *r, const struct campaign *c, const struct screened *v) {
    struct report_line *line = NULL;
    int64_t order = 0;
    if (order_of(r, c, v, &order)) {
        TRY(line_for(r, c, v, order, &line));
        count(&line->tally, v);
        line->refused += !is_owed(&v->verdict);
        for (int m = 0; m < MARK_COUNT; m++)
            line->told[m] += v->marks >> m & 1;
    }
    r->total++;
    r->by_verdict[v->verdict.kind]++;
    for (int i = 0; i < REASON_COUNT; i++)
        r->by_reason[i] += v->verdict.reasons >> i & 1;
    count(&r->devices[v->device], v);
    return RC_OK;
}

static int compare_lines(const void *a, const void *b) {
    const struct report_line *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

void report_end(struct report *r, const struct campaign *c) {
    if (r->line_count > 0)
        qsort(r->lines, (size_t)r->line_count, sizeof r->lines[0], compare_lines);
    free(r->places);
    r->places = NULL;
    r->place_count = 0;
    for (int32_t i = 0; i < c->goal_count; i++)
        r->standings[i] = progress_check(&c->goals[i], r->devices, day_of(r->now, c->utc_offset));
}

struct adding {
    struct report *report;
    const struct campaign *campaign;
};

static enum rc add_row(void *arg, const struct cert_row *row, const struct screened *v) {
    struct adding *a = arg;
    (void)row;
    return report_add(a->report, a->campaign, v);
}

enum rc report_run(struct site *s, enum report_by by, int64_t now, struct report *out) {
    AUTO(report) r = {0};
    report_open(by, &s->provinces, now, &r);
    struct adding a = {&r, &s->campaign};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    TRY(screen_all(s, now, (int)cores, add_row, &a));
    report_end(&r, &s->campaign);
    *out = r;
    r = (struct report){0}; /* given away */
    return RC_OK;
}
