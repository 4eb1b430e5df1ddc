/* Imports the operator's CSV by streaming: while one batch of rows is written, the next one is read and checked. */
#include "service/intake/import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/jsonw.h"
#include "service/intake/import_batch.h"
#include "service/intake/import_refused.h"
#include "service/intake/import_seen.h"
#include "store/audit.h"

struct import {
    struct site *site;
    const char *path, *name;
    const struct import_options *options;
    struct import_counts counts;
    FILE *file;
    long long bytes;
    struct csv csv;
    struct sha256_run bytes_read;
    struct import_header header;
    struct import_row row;
    struct buf scratch;
    struct seen seen;
    struct refused refused;
    bool at_end;
};

static void import_free(struct import *im) {
    csv_free(&im->csv);
    fs_file_free(&im->file);
    cert_row_free(&im->row.row);
    buf_free(&im->scratch);
    seen_close(&im->seen);
    refused_free(&im->refused);
}

static void bytes_take(void *arg, struct span read) {
    sha256_more(arg, read);
}

static enum rc open_file(struct import *im) {
    struct stat st;
    AUTO_FD fd = -1;
    TRY(fs_open(im->path, &fd));
    im->file = fdopen(fd, "r");
    if (im->file == NULL)
        FAIL(RC_IO, "%s: %s", im->path, strerror(errno));
    fd = -1; /* the stream's now */
    if (fstat(fileno(im->file), &st) != 0)
        FAIL(RC_IO, "%s: %s", im->path, strerror(errno));
    im->bytes = st.st_size;
    csv_open(&im->csv, im->file);
    sha256_start(&im->bytes_read);
    im->csv.tap = bytes_take;
    im->csv.tap_arg = &im->bytes_read;
    return RC_OK;
}

/* Without a header that can be used nothing is imported. */
static enum rc read_header(struct import *im) {
    bool more = false;
    enum rc rc = csv_next(&im->csv, &more);
    if (rc == RC_OK && !more)
        rc = err_set(RC_INPUT, "the file is empty: its first line must name the columns");
    if (rc == RC_OK)
        rc = import_header_read(&im->csv, im->options->ignore_columns, &im->header);
    if (rc == RC_LIMIT)
        rc = RC_INPUT;
    return rc == RC_OK ? RC_OK : err_in(rc, "%s:1", im->path);
}

static void copy_cell(const struct import *im, enum import_column column, char *out, size_t cap) {
    if (text_set_span(out, cap, import_cell(&im->header, &im->csv, column)) != RC_OK)
        out[0] = '\0';
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
    TRY(seen_put(&im->seen, im->row.key, im->row.hash, &seen));
    if (seen == SEEN_OTHER) {
        item->kind = ITEM_REFUSED;
        import_reason(
            item->reason, "duplicate", "một dòng ở trên trong tệp này nói khác về cùng chứng thư số; hãy bỏ dòng sai",
            "an earlier row of this file says something else about the same certificate; remove the wrong one");
    } else {
        item->kind = ITEM_ROW;
        item->again = seen == SEEN_SAME;
        move_row(im, b, item);
    }
    return RC_OK;
}

static void refuse_unreadable(struct import_item *item) {
    item->kind = ITEM_REFUSED;
    import_reason(item->reason, err_text(), "không đọc được dòng này; hãy sửa rồi nhập lại",
                  "the record cannot be read; correct it and import again");
}

static enum rc read_item(struct import *im, struct import_batch *b) {
    struct import_item *item = &b->items[b->count];
    bool more = false;
    enum rc rc = csv_next(&im->csv, &more);
    *item = (struct import_item){.line = im->csv.line};
    if (rc == RC_OK && !more) {
        im->at_end = true;
        return RC_OK;
    }
    if (rc == RC_INPUT || rc == RC_LIMIT) {
        refuse_unreadable(item);
        b->count++;
        return RC_OK;
    }
    TRY(rc);
    TRY(import_row_read(&im->header, &im->csv, &im->scratch, &im->row));
    copy_cell(im, COLUMN_CONTRACT, item->contract, sizeof item->contract);
    copy_cell(im, COLUMN_TAX_CODE, item->tax_code, sizeof item->tax_code);
    b->count++;
    item->not_taken = im->row.not_taken;
    item->noted = im->row.odd != 0;
    if (im->row.reason[0] == '\0')
        return take_row(im, b, item);
    item->kind = ITEM_REFUSED;
    return text_set(item->reason, sizeof item->reason, im->row.reason);
}

static enum rc read_batch(struct import *im, struct import_batch *b) {
    b->count = b->row_count = 0;
    while (b->count < IMPORT_BATCH && !im->at_end)
        TRY(read_item(im, b));
    return RC_OK;
}

/* What became of each record, in the file's order. */
static enum rc settle_item(struct import *im, const struct import_batch *b, struct import_item *item) {
    im->counts.rows++;
    if (item->kind == ITEM_ROW && b->conflict[item->row]) {
        item->kind = ITEM_REFUSED;
        import_reason(item->reason, "certificate",
                      "đã có chứng thư số khác với cùng nhà cung cấp và số sê-ri; hãy kiểm tra nguồn dữ liệu",
                      "another certificate with this issuer and serial number is stored; check where it comes from");
    }
    if (item->kind == ITEM_REFUSED) {
        im->counts.refused++;
        im->counts.not_taken += item->not_taken;
        return refused_add(&im->refused, item->line, item->reason, item->contract, item->tax_code);
    }
    /* In a dry run the first of two is not there any more when the second comes. */
    enum put_result result = item->again ? PUT_SAME : b->result[item->row];
    im->counts.added += result == PUT_NEW;
    im->counts.changed += result == PUT_CHANGED;
    im->counts.same += result == PUT_SAME;
    im->counts.noted += item->noted;
    return RC_OK;
}

static enum rc settle(struct import *im, struct import_batch *b) {
    TRY(import_batch_join(b));
    for (size_t i = 0; i < b->count; i++)
        TRY(settle_item(im, b, &b->items[i]));
    b->count = 0;
    return RC_OK;
}

static struct import_batch *batch_new(const struct import *im) {
    struct import_batch *b = calloc(1, sizeof *b);
    if (b != NULL) {
        b->site = im->site;
        b->file = im->name;
        b->dry_run = im->options->dry_run;
    }
    return b;
}

static enum rc run(struct import *im) {
    AUTO_PTR(import_batch) first = batch_new(im);
    AUTO_PTR(import_batch) second = batch_new(im);
    if (first == NULL || second == NULL)
        FAIL(RC_LIMIT, "no memory for a batch");
    struct import_batch *reading = first, *writing = second;
    while (!im->at_end) {
        TRY(read_batch(im, reading));
        TRY(settle(im, writing));
        TRY(import_batch_start(reading));
        struct import_batch *swap = reading;
        reading = writing;
        writing = swap;
        if (im->options->progress != NULL)
            im->options->progress(im->options->arg, im->csv.bytes, im->bytes);
    }
    return settle(im, writing);
}

struct note { /* an audit line about the import itself */
    const char *kind;
    const char *detail;
};

static enum rc note_body(struct tx *tx, void *arg) {
    const struct note *n = arg;
    return audit_put(tx, &(struct audit_event){.kind = n->kind, .actor = "import", .detail = n->detail});
}

/* At the end with the counts and the SHA-256 of all that was read: by it the file is known again (sha256sum). */
static enum rc note(struct import *im, const char *kind, bool at_end) {
    AUTO(jsonw) w = {0};
    char hash[2 * SHA256_LEN + 1];
    jsonw_object(&w, NULL);
    jsonw_str(&w, "file", im->name);
    jsonw_int(&w, "bytes", im->bytes);
    if (at_end) {
        sha256_hex(sha256_end(&im->bytes_read), hash);
        jsonw_str(&w, "sha256", hash);
        jsonw_int(&w, "rows", im->counts.rows);
        jsonw_int(&w, "added", im->counts.added);
        jsonw_int(&w, "changed", im->counts.changed);
        jsonw_int(&w, "same", im->counts.same);
        jsonw_int(&w, "refused", im->counts.refused);
        jsonw_int(&w, "not_taken", im->counts.not_taken);
        jsonw_int(&w, "noted", im->counts.noted);
    }
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    struct note n = {kind, buf_str(&w.out)};
    if (im->options->dry_run)
        return RC_OK;
    return import_write(im->site->store, conf_now(&im->site->conf), note_body, &n);
}

enum rc import_file(struct site *s, const char *path, const struct import_options *o, struct import_counts *counts) {
    const char *slash = strrchr(path, '/');
    AUTO(import)
    im = {.site = s,
          .row.provinces = &s->provinces,
          .path = path,
          .name = slash == NULL ? path : slash + 1,
          .options = o};
    TRY(open_file(&im));
    TRY(read_header(&im));
    TRY(refused_open(&im.refused, path));
    TRY(seen_open(s->conf.dir, im.bytes, &im.seen));
    TRY(note(&im, "import-started", false)); /* rows of a run that is cut off have their cause recorded too */
    TRY(run(&im));
    TRY(refused_finish(&im.refused));
    TRY(note(&im, "import", true));
    *counts = im.counts;
    return RC_OK;
}
