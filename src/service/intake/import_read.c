/* Reads records into a batch: good rows, and what is refused before anybody looks at what is stored. */
#include <string.h>

#include "service/intake/import_in.h"

enum rc import_read_header(struct import *im) {
    bool more = false;
    struct csv *csv = &im->source.csv;
    enum rc rc = csv_next(csv, &more);
    if (rc == RC_OK && !more)
        rc = err_set(RC_INPUT, "the file is empty: its first line must name the columns");
    if (rc == RC_OK)
        rc = import_header_read(csv, im->options->ignore_columns, &im->header);
    if (rc == RC_LIMIT)
        rc = RC_INPUT;
    return rc == RC_OK ? RC_OK : err_in(rc, "%s:%ld", im->path, csv->line);
}

/* Moves the row just read into the batch; both keep their buffers. */
static void move_row(struct import *im, struct import_batch *b, struct import_item *item) {
    struct cert_row *to = &b->rows[b->row_count];
    struct buf kept = to->der;
    *to = im->row.row;
    im->row.row.der = kept;
    item->row = b->row_count++;
}

/* The same row twice changes nothing; a second one that says something else is refused: which one is right? */
static enum rc take_row(struct import *im, struct import_batch *b, struct import_item *item) {
    enum seen_result seen = SEEN_FIRST;
    item->kind = ITEM_ROW;
    if (im->pass != PASS_WRITE)
        TRY(seen_put(&im->seen, im->row.key, im->row.hash, &seen));
    item->again = seen == SEEN_SAME;
    if (seen == SEEN_OTHER) {
        item->kind = ITEM_REFUSED;
        import_reason(
            item->reason, "duplicate", "một dòng ở trên trong tệp này nói khác về cùng chứng thư số; hãy bỏ dòng sai",
            "an earlier row of this file says something else about the same certificate; remove the wrong one");
    }
    if (item->kind == ITEM_ROW || im->pass == PASS_JUDGE)
        move_row(im, b, item);
    return RC_OK;
}

static void refuse_unreadable(struct import_item *item) {
    item->kind = ITEM_REFUSED;
    import_reason(item->reason, err_text(), "không đọc được dòng này; hãy sửa rồi nhập lại",
                  "the record cannot be read; correct it and import again");
}

static enum rc read_row(struct import *im, struct import_batch *b, struct import_item *item) {
    TRY(import_row_read(&im->header, &im->source.csv, &im->scratch, &im->row));
    bool good = im->row.reason[0] == '\0';
    item->not_taken = im->row.not_taken;
    item->noted = im->row.odd != 0;
    if (!good && im->pass == PASS_WRITE)
        FAIL(RC_INPUT, "the file was changed while it was read: import it again");
    TRY(text_set(item->reason, sizeof item->reason, good ? im->row.warning : im->row.reason));
    if (good)
        return take_row(im, b, item);
    item->kind = ITEM_REFUSED;
    if (im->pass == PASS_JUDGE && import_row_named(&im->row)) /* is it one that is known? */
        move_row(im, b, item);
    return RC_OK;
}

static enum rc read_item(struct import *im, struct import_batch *b) {
    struct import_item *item = &b->items[b->count];
    struct csv *csv = &im->source.csv;
    bool more = false, wanted = true;
    enum rc rc = csv_next(csv, &more);
    *item = (struct import_item){.line = csv->line, .start = csv->start, .end = csv->bytes, .row = NO_ROW};
    if (rc == RC_OK && !more) {
        im->at_end = true;
        return RC_OK;
    }
    if (rc == RC_OK && import_is_blank(csv))
        return RC_OK;
    if (im->pass == PASS_WRITE)
        TRY(plan_next(&im->plan, &wanted));
    if (!wanted)
        return RC_OK;
    if (rc == RC_INPUT || rc == RC_LIMIT)
        refuse_unreadable(item);
    else
        TRY(rc == RC_OK ? read_row(im, b, item) : rc);
    b->count++;
    return RC_OK;
}

enum rc import_read_batch(struct import *im, struct import_batch *b) {
    b->count = b->row_count = 0;
    while (b->count < IMPORT_BATCH && !im->at_end)
        TRY(read_item(im, b));
    b->judge_only = im->pass == PASS_JUDGE;
    return RC_OK;
}
