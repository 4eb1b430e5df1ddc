/* Sets the records of what was issued against the audit: a certificate that was changed, taken out or slipped in behind
   the programs' back shows here, although the hash chain alone is whole. */
#pragma once

#include "service/site/sealer.h"

/* audit_verify and the seal on its end, the seals on all records, then every "issued" line against its certificate and
   their number against the records, and the last "changed" and "phase" lines against what stands there. RC_REFUSED:
   err_text says where; lines = lines of the chain. */
MUST enum rc ledger_verify(struct db *db, struct sealer *sealer, int64_t *lines);
