/* Reading an object's attributes from modules that leave off at the first one missing, say lengths they did not write,
   or answer all together worse than each alone. */
#pragma once

#include "p11/token.h"

#define ATTRS_MAX 8 /* at once */

/* Fills buffers of known size. What the object lacks, hides, cannot fit or was not written by the module has length 0
   and zeroes afterwards. *gone: the object is no longer there. RC_TOKEN only when token or session is lost: an object
   that cannot be read is no failure of the others. */
MUST enum rc attrs_read(const struct p11_session *s, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a, size_t count,
                        bool *gone);

static inline CK_ATTRIBUTE attr_of(CK_ATTRIBUTE_TYPE type, const void *value, size_t len) {
    return (CK_ATTRIBUTE){type, p11_arg(value), len};
}
