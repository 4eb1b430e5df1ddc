/* Import of the operator's CSV by streaming: good rows in, refused rows kept with line and reason, the same file again
   changes nothing. */
#pragma once

#include "service/out_file.h"
#include "service/site/conf.h"

#define IMPORT_TOLD    512
#define IMPORT_HANDFUL 5 /* rows: so few a person has looked at, however small the installation is */

struct import_options {
    bool dry_run;
    bool ignore_columns; /* unknown columns are skipped instead of refused */
    bool changes_told;   /* so many known certificates may be changed or refused: `changes`; else a tenth */
    int64_t changes;
    const char *refused;           /* where the list goes, NULL: beside the file */
    const struct out_rules *rules; /* of what the lists may replace; NULL: none */
    void (*progress)(void *arg, int64_t bytes_done, int64_t bytes_total); /* NULL: none */
    void *arg;
    bool (*stop)(void); /* asked between batches: true ends the import; NULL: never */
};

struct import_counts {
    int64_t rows, added, changed, same, refused;
    int64_t warned;              /* good rows that say otherwise than their certificate (import_holder.h) */
    int64_t known;               /* certificates that were known before */
    int64_t touched, stopped;    /* of these: changed or refused; and of these: suspended or revoked */
    bool begun;                  /* rows may be in */
    bool too_many;               /* dry run: `touched` is more than may be without being told */
    bool interrupted;            /* `stop` said so: what is counted is in, and running it again finishes */
    bool utf16, tabs, cr, sep;   /* how the file was read, where that is unusual */
    char refused_list[PATH_CAP]; /* where they lie; "": nowhere */
    char warned_list[PATH_CAP];
    char first_warning[IMPORT_TOLD];
    int64_t not_taken; /* of the refused: their certificates are read, and of a form that is not taken */
    int64_t noted;     /* of the others: there is something odd about their certificates */
};

/* RC_NOT_FOUND: no such file. RC_INPUT: no usable header, no record, or no regular file: nothing is imported.
   RC_REFUSED: more than a tenth of what is known would be changed or refused, or a list that was changed since it was
   written would be overwritten: nothing is imported. Refused rows go to
   `path`.refused.csv (in a dry run too; removed when there are none), with line and reason; where that cannot be
   written and a row is refused, nothing is imported and it is RC_IO. Rows that are in, but say otherwise than their
   certificate, are listed in `path`.warnings.csv. The audit gets a line at the start and at the end, one for each row
   that changed, and one for each batch. Any other code: batches before it are in, and running it again finishes; what
   is in stands in `counts`, and at the end in the audit. */
MUST enum rc import_file(struct site *s, const char *path, const struct import_options *o,
                         struct import_counts *counts);
