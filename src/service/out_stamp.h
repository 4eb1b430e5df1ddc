/* Tells an output that still is as it was written from one that somebody has changed: the time a file was written has
   room for a digest of its bytes below the second. So a file knows itself: nothing is added to what people read,
   nothing lies beside it, and no installation has to remember it. Whoever saves it anew sets another time. A disk or a
   copy that keeps whole seconds only cannot tell: what people mend counts as changed there, and they are asked; any
   other output does not, so that a nightly report is not refused. */
#pragma once

#include "base/fs.h"

/* Of a file written whole and not written to any more, open for reading too. RC_IO: it cannot be read. A disk that
   keeps no such time is none. */
MUST enum rc out_stamp(int fd);

bool out_stamp_holds(int fd);

bool out_stamp_absent(int fd); /* of a disk that keeps whole seconds */
