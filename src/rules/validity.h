/* The new certificate's window (R5.7): from now to the end of the contract's last day, never past the new CA's own end.
 * Pure. */
#pragma once

#include "rules/campaign.h"

enum window_kind { WINDOW_FULL, WINDOW_HELD, WINDOW_CUT };

struct window {
    enum window_kind kind;
    int64_t not_before;
    int64_t not_after; /* held: the uncut end */
    int32_t cut_days;  /* whole days of the contract past the end given; 0 unless cut */
};

/* not_before = `now` less the campaign's backdate, or the new CA's notBefore when that is later. */
struct window validity_window(const struct campaign *c, int32_t contract_to, int64_t now);

/* End of the contract's last day in UTC, uncut. */
int64_t validity_contract_end(const struct campaign *c, int32_t contract_to);
