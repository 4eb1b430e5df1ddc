/* Does the row speak of the one whom its certificate names? A column that was sorted alone puts people's contracts on
   others' certificates. */
#pragma once

#include "service/intake/import_row.h"

/* Another tax code refuses the row, unless only its leading zeros are lost: then the certificate's is taken, with a
   warning. Another name is a warning. All say what each says. RC_LIMIT: out of memory. */
MUST enum rc import_holder_check(struct import_row *r, struct buf *scratch);
