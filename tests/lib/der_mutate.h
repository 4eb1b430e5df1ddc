/* Makes one change to a DER encoding that keeps it DER-like: an element goes, comes twice, gets another tag, other
   contents or a neighbour, and all lengths around it fit again. */
#pragma once

#include "base/der.h"

struct mutator {
    uint64_t state; /* of a small generator; any but 0 */
};
uint32_t mutator_below(struct mutator *m, uint32_t bound);

/* `in` is elements one after the other; what comes out differs in one place. */
void der_mutate(struct mutator *m, struct span in, struct buf *out);
