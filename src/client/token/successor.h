/* May a certificate take another's place on the token for good? */
#pragma once

#include "pki/cert/cert.h"

/* RC_OK: `new_cert` is issued by the CA with the certificate `new_ca` (DER), for the same subject and key, valid at
   `now`, and ends later than `old_cert`. RC_REFUSED says what is wrong; RC_CRYPTO: the CA did not sign it; RC_INPUT:
   that is no CA. */
MUST enum rc successor_check(const struct cert *old_cert, const struct cert *new_cert, struct span new_ca, int64_t now);
