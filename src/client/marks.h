/* The checklist after a renewal: which systems know the new certificate already, as ticked by the person. */
#pragma once

#include "base/buf.h"

#define MARKS 6

const char *mark_name(int mark); /* "tax" "customs" "insurance" "invoice" "bank" "bidding" */
int mark_from(const char *name); /* -1: none of them */

/* A bit for each mark; kept in the state folder under the new serial (upper-case hex). Convenience: nothing fails. */
unsigned marks_get(const char *serial);
void marks_put(const char *serial, unsigned marks);
