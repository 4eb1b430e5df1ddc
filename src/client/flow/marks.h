/* The checklist after a renewal: which systems know the new certificate already, as ticked by the person. */
#pragma once

#include "base/buf.h"
#include "rules/mark.h"

/* A bit for each mark; kept in the state folder under the new serial (upper-case hex). Convenience: nothing fails.
   `told`: the server knows this state. */
struct marks {
    unsigned bits;
    bool told;
};
struct marks marks_get(const char *serial);
void marks_put(const char *serial, struct marks marks);
