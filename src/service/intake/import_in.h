/* What the parts of one import share: service/intake/import*.c only. */
#pragma once

#include "service/intake/import.h"
#include "service/intake/import_batch.h"
#include "service/intake/import_list.h"
#include "service/intake/import_plan.h"
#include "service/intake/import_seen.h"

enum pass { PASS_ONLY, PASS_JUDGE, PASS_WRITE };

struct import {
    struct site *site;
    const char *path, *name;
    const struct import_options *options;
    struct import_counts counts;
    struct source source;
    struct import_header header;
    struct import_row row;
    struct buf scratch;
    struct seen seen;
    struct plan plan;
    struct list refused, warned;
    char first_refused[IMPORT_REASON + 32];
    enum pass pass;
    bool at_end;
};

/* RC_INPUT with file and line: without a header that can be used nothing is imported. */
MUST enum rc import_read_header(struct import *im);

/* Fills the batch with the next records of the pass; `at_end` when there are no more. */
MUST enum rc import_read_batch(struct import *im, struct import_batch *b);

/* Waits for what was started with the batch, and counts and lists what became of each record. */
MUST enum rc import_settle(struct import *im, struct import_batch *b);

/* When something else has failed: waits for it too and counts what it put in. The failure's text stays. */
void import_drain(struct import *im, struct import_batch *b);
