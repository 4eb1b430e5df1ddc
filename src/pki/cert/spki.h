/* SubjectPublicKeyInfo of a bare RSA modulus (RFC 3279 2.3.1), with the public exponent 65537. */
#pragma once

#include "base/buf.h"

/* Appends the DER. `modulus` is big endian. */
MUST enum rc spki_rsa(struct span modulus, struct buf *out);
