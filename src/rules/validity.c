/* The new certificate's window (R5.7). */
#include "rules/validity.h"

#include "base/day.h"

int64_t validity_contract_end(const struct campaign *c, int32_t contract_to) {
    return day_end(contract_to, c->utc_offset);
}

struct window validity_window(const struct campaign *c, int32_t contract_to, int64_t now) {
    int64_t begin = now - c->backdate;
    struct window w = {.kind = WINDOW_FULL,
                       .not_before = begin > c->new_ca_not_before ? begin : c->new_ca_not_before,
                       .not_after = validity_contract_end(c, contract_to)};
    if (w.not_after <= c->new_ca_not_after)
        return w;

    /* R5.7: the new CA ends before the contract does. Cutting must still give something: else it waits for a CA that
       lasts longer. */
    int32_t last_day = day_of(c->new_ca_not_after, c->utc_offset);
    if (c->beyond == BEYOND_HOLD || last_day <= c->expiry_day) {
        w.kind = WINDOW_HELD;
        return w;
    }
    w.kind = WINDOW_CUT;
    w.not_after = c->new_ca_not_after;
    w.cut_days = contract_to - last_day;
    return w;
}
