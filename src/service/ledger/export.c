/* Streams what was issued as CSV; reservations that were not signed yet are no certificates and are left out. */
#include "service/ledger/export.h"

#include "base/hex.h"
#include "service/cells.h"
#include "service/csv/csv.h"
#include "service/ledger/export_guard.h"
#include "store/issue.h"

struct stream {
    struct out_file *out;
    int64_t rows;
    struct buf line, base64;
    struct written written;
};

static void stream_free(struct stream *s) {
    written_free(&s->written);
    buf_free(&s->line);
    buf_free(&s->base64);
}

static enum rc put_row(void *arg, const struct issued_row *r) {
    struct stream *s = arg;
    char reserved[INSTANT_TEXT], issued[INSTANT_TEXT], confirmed[INSTANT_TEXT];
    if (r->der.len == 0)
        return RC_OK;
    cell_instant(r->reserved_at, reserved);
    cell_instant(r->issued_at, issued);
    cell_instant(r->confirmed_at, confirmed);
    buf_clear(&s->line);
    buf_clear(&s->base64);
    TRY(b64_to(buf_span(&r->der), &s->base64));
    const char *cells[] = {r->old_serial, r->new_serial,       r->tax_code, channel_name(r->channel), reserved, issued,
                           confirmed,     buf_str(&s->base64), r->holder};
    TRY(csv_row(&s->line, cells, sizeof cells / sizeof cells[0]));
    TRY(written_add(&s->written, span_str(r->new_serial)));
    s->rows++;
    return out_file_add(s->out, buf_span(&s->line));
}

static enum rc read_body(struct db *db, void *arg) {
    return issue_each(db, put_row, arg);
}

enum rc export_csv(struct site *s, struct out_file *out, int64_t *rows) {
    AUTO(stream) stream = {.out = out};
    TRY(out_file_add(out, span_str(EXPORT_CSV_HEADER)));
    TRY(store_read(s->store, read_body, &stream));
    if (out->temporary[0] != '\0' && !out->rules->force)
        TRY(export_guard(out->path, &stream.written));
    *rows = stream.rows;
    return RC_OK;
}
