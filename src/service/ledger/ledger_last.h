/* What the audit said last of a record and of a phase, against what stands in the database: a seal tells that capbu
   wrote a record, not that it is the newest, so one of before that was put back by hand shows here only. */
#pragma once

#include "store/audit.h"

struct ledger_last { /* zero-initialise */
    struct buf records, phases;
    size_t record_count, phase_count;
};
void ledger_last_free(struct ledger_last *l);

/* Of the audit's lines, in their order. */
MUST enum rc ledger_last_take(struct ledger_last *l, const struct audit_line *line);

/* RC_REFUSED: a record or a decision is not the one that was told last. */
MUST enum rc ledger_last_check(struct ledger_last *l, struct db *db);
