/* What a new certificate was asked for with (consent, channel, holder, request) in the records, against the line that
   its reservation has in the audit (R5.10): the receipt shows it, so it must not be changed behind the programs' back.
 */
#pragma once

#include "store/audit.h"

struct ledger_asked { /* zero-initialise */
    struct buf odd;   /* reservations that are not as their line tells, and may have been recovered since */
    size_t odd_count;
};
void ledger_asked_free(struct ledger_asked *a);

/* Of the audit's lines, in their order. */
MUST enum rc ledger_asked_take(struct ledger_asked *a, struct db *db, const struct audit_line *line);

/* After the last line. RC_REFUSED: a certificate's consent or request is not the one that was told. */
MUST enum rc ledger_asked_check(const struct ledger_asked *a);
