/* The certificates whose signature was found to hold a short while ago, by digest of the whole: begin, kur and a second
   try come a minute apart, and each asks the same again. Bounded; what does not hold is never kept. Thread-safe. */
#pragma once

#include "base/digest.h"

struct proven;
MUST enum rc proven_new(struct proven **out);
void proven_free(struct proven *p);
OWN(proven)

bool proven_has(struct proven *p, const struct sha256 *certificate);
void proven_add(struct proven *p, const struct sha256 *certificate);
