/* A batch of import records on its way into the store: read on one thread, written on another. */
#pragma once

#include <pthread.h>

#include "service/intake/import_row.h"
#include "service/site/conf.h"

#define IMPORT_BATCH 1000

#define NO_ROW SIZE_MAX

enum item_kind { ITEM_ROW, ITEM_REFUSED };

struct import_item { /* one record of the file, in order */
    long line;
    long long start, end; /* where it lies in what is read */
    enum item_kind kind;
    size_t row;            /* its place in the batch's rows; NO_ROW: refused, and nobody knows of which certificate */
    bool not_taken, noted; /* of its certificate: read, but not taken; taken, and odd */
    bool again;            /* an earlier row of the file said the very same */
    char reason[IMPORT_REASON]; /* ITEM_ROW: a warning, or "" */
};

struct import_batch {
    struct import_item items[IMPORT_BATCH];
    size_t count;
    struct cert_row rows[IMPORT_BATCH];
    enum put_result result[IMPORT_BATCH];
    bool conflict[IMPORT_BATCH];
    bool stops[IMPORT_BATCH]; /* an active certificate would be suspended or revoked */
    size_t row_count;
    /* Of the writing. */
    struct site *site;
    const char *file;               /* its name, for the audit */
    bool judge_only;                /* compared with what is stored, and nothing written */
    int64_t added, changed;         /* rows of the batches before, for the audit */
    int64_t put_added, put_changed; /* and of this one, once it is written */
    bool running;
    pthread_t thread;
    enum rc rc;
    char text[512];
};

void import_batch_free(struct import_batch *b); /* rows' buffers and the batch itself */
OWN(import_batch)

/* Compares the rows, or writes them in one transaction with a line of the audit that says how much is in, on a thread
   of its own, waiting while the database is busy. */
MUST enum rc import_batch_start(struct import_batch *b);
/* Waits for it: then `result`, `conflict` and `stops` tell of each row. Fine when nothing was started. */
MUST enum rc import_batch_join(struct import_batch *b);

/* store_write, again and again for about a minute while it is busy. */
MUST enum rc import_write(struct store *s, int64_t now, enum rc (*body)(struct tx *tx, void *arg), void *arg);
