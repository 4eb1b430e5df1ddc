/* An earlier export may be all that is left of certificates which a database that was put back lacks: recover needs it.
 */
#pragma once

#include "base/buf.h"

/* The new serial numbers that an export has, eight bytes of a digest each: a million are 8 MiB. */
struct written { /* zero-initialise */
    struct buf digests;
};
void written_free(struct written *w);
MUST enum rc written_add(struct written *w, struct span new_serial);

/* RC_REFUSED with what to do: the export at `path` has a certificate that is not among the written ones. Sorts them. No
   file, or rows that are none: RC_OK. */
MUST enum rc export_guard(const char *path, struct written *w);
