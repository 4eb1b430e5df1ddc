/* `capbuctl export`: a row for each issued certificate, as a CSV (interfaces.md), streamed. */
#pragma once

#include "service/out_file.h"
#include "service/site/conf.h"

#define EXPORT_CSV_HEADER                                                                                              \
    "old_serial,new_serial,tax_code,channel,reserved_at,issued_at,confirmed_at,certificate,holder\n"

/* Writes header and rows to `out` in the order of reservation; *rows = certificates written. RC_IO: `out` failed.
   RC_REFUSED: the export whose place it would take has more (export_guard.h), and nobody forces it. */
MUST enum rc export_csv(struct site *s, struct out_file *out, int64_t *rows);
