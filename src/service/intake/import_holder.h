/* Does the row speak of the one whom its certificate names? A column that was sorted alone puts people's contracts on
   others' certificates. */
#pragma once

#include "service/intake/import_row.h"

/* Another tax code refuses the row, another name is a warning: both say what each says. RC_LIMIT: out of memory. */
MUST enum rc import_holder_check(struct import_row *r, struct buf *scratch);
