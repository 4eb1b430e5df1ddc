/* Writes one batch of imported rows: a transaction, with an audit line for every row that was changed. */
#include "service/intake/import_batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/jsonw.h"
#include "service/site/sealer.h"
#include "store/audit.h"

#define BUSY_TRIES 60
#define BUSY_MS    20 /* doubled each time, up to a second */
#define BUSY_MOST  1000

void import_batch_free(struct import_batch *b) {
    if (b == NULL)
        return;
    if (b->running)
        pthread_join(b->thread, NULL);
    for (size_t i = 0; i < IMPORT_BATCH; i++)
        cert_row_free(&b->rows[i]);
    free(b);
}

enum rc import_write(struct store *s, int64_t now, enum rc (*body)(struct tx *tx, void *arg), void *arg) {
    long ms = BUSY_MS;
    for (int try = 1;; try++) {
        enum rc rc = store_write(s, now, body, arg);
        if (rc != RC_BUSY || try == BUSY_TRIES)
            return rc;
        struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
        (void)nanosleep(&wait, NULL);
        ms = ms * 2 < BUSY_MOST ? ms * 2 : BUSY_MOST;
    }
}

/* A contract or a status that changes may change a verdict: who looks for the cause finds it in the audit. */
static enum rc audit_changed(struct tx *tx, const struct import_batch *b, const struct import_item *item) {
    const struct cert_row *row = &b->rows[item->row];
    char contract_to[DAY_TEXT];
    AUTO(jsonw) w = {0};
    day_format(row->contract_to, contract_to);
    jsonw_object(&w, NULL);
    jsonw_str(&w, "file", b->file);
    jsonw_int(&w, "line", item->line);
    jsonw_str(&w, "status", status_name(row->status));
    jsonw_str(&w, "contract_to", contract_to);
    jsonw_str(&w, "device", device_name(row->device));
    jsonw_str(&w, "record", row->row_hash);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return audit_put(tx,
                     &(struct audit_event){
                         .kind = "changed", .old_serial = row->serial, .actor = "import", .detail = buf_str(&w.out)});
}

/* Whatever stops the import, a power cut too: by the last such line the audit knows how much of the file is in. */
static enum rc audit_part(struct tx *tx, const struct import_batch *b, int64_t added, int64_t changed) {
    AUTO(jsonw) w = {0};
    if (added + changed == 0)
        return RC_OK;
    jsonw_object(&w, NULL);
    jsonw_str(&w, "file", b->file);
    jsonw_int(&w, "line", b->items[b->count - 1].line);
    jsonw_int(&w, "added", b->added + added);
    jsonw_int(&w, "changed", b->changed + changed);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return audit_put(tx, &(struct audit_event){.kind = "import-part", .actor = "import", .detail = buf_str(&w.out)});
}

static enum rc put_rows(struct tx *tx, void *arg) {
    struct import_batch *b = arg;
    int64_t added = 0, changed = 0;
    TRY(certs_put(tx, b->rows, b->row_count, sealer_records(b->site->sealer), b->result, b->conflict));
    for (size_t i = 0; i < b->count; i++) {
        const struct import_item *item = &b->items[i];
        if (item->kind != ITEM_ROW || b->conflict[item->row])
            continue;
        added += b->result[item->row] == PUT_NEW;
        if (b->result[item->row] != PUT_CHANGED)
            continue;
        changed++;
        TRY(audit_changed(tx, b, item));
    }
    b->put_added = added;
    b->put_changed = changed;
    return audit_part(tx, b, added, changed);
}

static enum rc compare_rows(struct db *db, void *arg) {
    struct import_batch *b = arg;
    return certs_compare(db, b->rows, b->row_count, sealer_records(b->site->sealer), b->result, b->conflict, b->stops);
}

static enum rc run(struct import_batch *b) {
    if (b->judge_only)
        return store_read(b->site->store, compare_rows, b);
    return import_write(b->site->store, conf_now(&b->site->conf), put_rows, b);
}

static void *run_rows(void *arg) {
    struct import_batch *b = arg;
    b->rc = run(b);
    (void)snprintf(b->text, sizeof b->text, "%s", err_text());
    return NULL;
}

enum rc import_batch_start(struct import_batch *b) {
    b->rc = RC_OK;
    b->put_added = b->put_changed = 0;
    if (b->row_count == 0)
        return RC_OK;
    if (pthread_create(&b->thread, NULL, run_rows, b) != 0)
        FAIL(RC_IO, "cannot start the thread that writes");
    b->running = true;
    return RC_OK;
}

enum rc import_batch_join(struct import_batch *b) {
    if (!b->running)
        return RC_OK;
    pthread_join(b->thread, NULL);
    b->running = false;
    return b->rc == RC_OK ? RC_OK : err_set(b->rc, "%s", b->text);
}
