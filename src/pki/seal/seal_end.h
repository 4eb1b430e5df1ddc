/* The seal on the audit's end: over its number and its hash, and so over all that the hash stands for. */
#pragma once

#include "pki/seal/seal.h"

struct sha256 seal_end_mac(const struct seal *s, int64_t seq, const struct sha256 *hash);

/* RC_REFUSED: it is not that of this end. */
MUST enum rc seal_end_check(const struct seal *s, int64_t seq, const struct sha256 *hash, const struct sha256 *mac);
