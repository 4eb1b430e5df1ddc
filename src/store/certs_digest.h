/* Records from before certificates without an AKI were known by their digest. */
#pragma once

#include "store/db.h"

/* Puts the SHA-256 of each certificate whose issuer_key is empty in its place, in lower-case hex. Inside a transaction.
 */
MUST enum rc certs_digest_fill(struct db *db);
