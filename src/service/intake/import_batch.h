/* A batch of import records on its way into the store: read on one thread, written on another. */
#pragma once

#include <pthread.h>

#include "service/intake/import_row.h"
#include "service/site/conf.h"

#define IMPORT_BATCH 1000

enum item_kind { ITEM_ROW, ITEM_REFUSED };

struct import_item { /* one record of the file, in order */
    long line;
    enum item_kind kind;
    size_t row;            /* ITEM_ROW: its place in the batch's rows */
    bool not_taken, noted; /* of its certificate: read, but not taken; taken, and odd */
    bool again;            /* an earlier row of the file said the very same */
    char reason[IMPORT_REASON];
    char contract[65], tax_code[20]; /* as far as they could be read */
};

struct import_batch {
    struct import_item items[IMPORT_BATCH];
    size_t count;
    struct cert_row rows[IMPORT_BATCH];
    enum put_result result[IMPORT_BATCH];
    bool conflict[IMPORT_BATCH];
    size_t row_count;
    /* Of the writing. */
    struct site *site;
    const char *file; /* its name, for the audit */
    bool dry_run;
    bool running;
    pthread_t thread;
    enum rc rc;
    char text[512];
};

void import_batch_free(struct import_batch *b); /* rows' buffers and the batch itself */
OWN(import_batch)

/* Writes the rows in one transaction on a thread of its own, waiting while the database is busy. */
MUST enum rc import_batch_start(struct import_batch *b);
/* Waits for it: then `result` and `conflict` tell of each row. Fine when nothing was started. */
MUST enum rc import_batch_join(struct import_batch *b);

/* store_write, again and again for about a minute while it is busy. */
MUST enum rc import_write(struct store *s, int64_t now, enum rc (*body)(struct tx *tx, void *arg), void *arg);
