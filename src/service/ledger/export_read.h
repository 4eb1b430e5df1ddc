/* An export read back, row by row (service/ledger/export.h writes it). */
#pragma once

#include "service/csv/csv.h"

enum export_column {
    EXPORT_OLD_SERIAL,
    EXPORT_NEW_SERIAL,
    EXPORT_TAX_CODE,
    EXPORT_CHANNEL,
    EXPORT_RESERVED,
    EXPORT_ISSUED,
    EXPORT_CONFIRMED,
    EXPORT_CERTIFICATE,
    EXPORT_HOLDER,
    EXPORT_COLUMNS
};

/* Each row behind the header, however many fields it has; NULL for one that cannot be read. */
MUST enum rc export_each(FILE *in, enum rc (*row)(void *arg, const struct csv *c), void *arg);
