/* Writes the screen CSV of interfaces.md, a line a certificate. */
#include <inttypes.h>
#include <stdio.h>

#include "service/cells.h"
#include "service/csv/csv.h"
#include "service/issuing/screen.h"

struct texts { /* the cells that are made here */
    char province[4], reasons[REASONS_TEXT], old_not_after[INSTANT_TEXT], new_not_after[INSTANT_TEXT], owed[16];
};

static void make_texts(const struct cert_row *row, const struct verdict *v, struct texts *t) {
    (void)snprintf(t->province, sizeof t->province, "%02u", row->province % 100u);
    reasons_format(v->reasons, t->reasons);
    cell_instant(v->old_not_after, t->old_not_after);
    cell_instant(v->new_not_after, t->new_not_after);
    t->owed[0] = '\0';
    if (v->kind != VERDICT_REFUSED)
        (void)snprintf(t->owed, sizeof t->owed, "%" PRId32, v->owed_days);
}

enum rc screen_csv_row(const struct campaign *c, const struct cert_row *row, const struct screened *v,
                       struct buf *out) {
    struct texts t;
    make_texts(row, &v->verdict, &t);
    const char *cells[] = {v->serial,
                           row->tax_code,
                           t.province,
                           device_name(row->device),
                           verdict_name(v->verdict.kind),
                           t.reasons,
                           t.old_not_after,
                           t.new_not_after,
                           t.owed,
                           v->phase >= 0 ? c->phases[v->phase].title : ""};
    return csv_row(out, cells, sizeof cells / sizeof cells[0]);
}
