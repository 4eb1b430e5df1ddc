/* Import of the operator's CSV by streaming: good rows in, refused rows kept with line and reason, the same file again
   changes nothing. */
#pragma once

#include "service/site/conf.h"

struct import_options {
    bool dry_run;
    bool ignore_columns; /* unknown columns are skipped instead of refused */
    void (*progress)(void *arg, int64_t bytes_done, int64_t bytes_total); /* NULL: none */
    void *arg;
};

struct import_counts {
    int64_t rows, added, changed, same, refused;
    int64_t not_taken; /* of the refused: their certificates are read, and of a form that is not taken */
    int64_t noted;     /* of the others: there is something odd about their certificates */
};

/* RC_NOT_FOUND: no such file. RC_INPUT: no usable header, or no regular file: nothing is imported. Refused rows go to
   `path`.refused.csv (in a dry run too; removed when there are none): line, reason, contract, tax_code. The audit gets
   a line at the start and at the end, and one for each row that changed. Any other code: batches before it are in, and
   running it again finishes. */
MUST enum rc import_file(struct site *s, const char *path, const struct import_options *o,
                         struct import_counts *counts);
