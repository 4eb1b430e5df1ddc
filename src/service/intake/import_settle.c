/* Counts and lists what became of a batch. */
#include <stdio.h>

#include "service/intake/import_in.h"

static enum rc settle_refused(struct import *im, const struct import_batch *b, const struct import_item *item) {
    if (im->refused.count == 0)
        (void)snprintf(im->first_refused, sizeof im->first_refused, "%ld: %s", item->line, item->reason);
    im->counts.refused++;
    im->counts.not_taken += item->not_taken;
    im->counts.touched += im->pass == PASS_JUDGE && item->row != NO_ROW && b->result[item->row] != PUT_NEW;
    return list_add(&im->refused, item->line, item->reason, item->start, item->end);
}

/* Rare, so its list is made when it is needed; where it cannot be, they are counted. */
static enum rc settle_warning(struct import *im, const struct import_item *item) {
    if (im->counts.warned++ == 0) {
        (void)snprintf(im->counts.first_warning, sizeof im->counts.first_warning, "%ld: %.480s", item->line,
                       item->reason);
        if (im->warned.path[0] != '\0' && list_open(&im->warned, im->options->rules) != RC_OK)
            im->warned.path[0] = '\0';
    }
    return list_add(&im->warned, item->line, item->reason, item->start, item->end);
}

/* What will become of a row. In a dry run the first of two is not there when the second comes. */
static void foresee_row(struct import *im, const struct import_batch *b, const struct import_item *item) {
    enum put_result result = item->again ? PUT_SAME : b->result[item->row];
    im->counts.added += result == PUT_NEW;
    im->counts.changed += result == PUT_CHANGED;
    im->counts.same += result == PUT_SAME;
    im->counts.touched += result == PUT_CHANGED;
    im->counts.stopped += result == PUT_CHANGED && b->stops[item->row];
}

/* What is in, is in, whatever fails from here on. */
static void count_written(struct import *im, const struct import_batch *b) {
    im->counts.added += b->put_added;
    im->counts.changed += b->put_changed;
}

/* What became of each record, in the file's order. */
static enum rc settle_item(struct import *im, const struct import_batch *b, struct import_item *item) {
    if (item->kind == ITEM_ROW && b->conflict[item->row]) {
        item->kind = ITEM_REFUSED;
        import_reason(item->reason, "certificate",
                      "đã có chứng thư số khác với cùng nhà cung cấp và số sê-ri; hãy kiểm tra nguồn dữ liệu",
                      "another certificate with this issuer and serial number is stored; check where it comes from");
    }
    bool good = item->kind == ITEM_ROW;
    im->counts.rows += im->pass != PASS_WRITE;
    if (im->pass == PASS_JUDGE)
        TRY(plan_put(&im->plan, good && !item->again && b->result[item->row] != PUT_SAME));
    if (!good)
        return settle_refused(im, b, item);
    im->counts.noted += im->pass != PASS_WRITE && item->noted;
    if (im->pass == PASS_JUDGE)
        foresee_row(im, b, item);
    else
        im->counts.same += b->result[item->row] == PUT_SAME;
    return item->reason[0] == '\0' || im->pass == PASS_WRITE ? RC_OK : settle_warning(im, item);
}

enum rc import_settle(struct import *im, struct import_batch *b) {
    bool written = b->running && !b->judge_only;
    TRY(import_batch_join(b));
    if (written)
        count_written(im, b);
    for (size_t i = 0; i < b->count; i++)
        TRY(settle_item(im, b, &b->items[i]));
    b->count = 0;
    return RC_OK;
}

void import_drain(struct import *im, struct import_batch *b) {
    char why[ERR_TEXT];
    if (!b->running || b->judge_only)
        return;
    (void)snprintf(why, sizeof why, "%s", err_text());
    if (import_batch_join(b) == RC_OK)
        count_written(im, b);
    (void)err_set(RC_OK, "%s", why);
}
