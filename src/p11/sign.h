/* One private operation on a token. */
#pragma once

#include "p11/token.h"

/* `mechanism` is CKM_RSA_PKCS (input: DigestInfo), CKM_RSA_X_509, CKM_ECDSA (input: hash, output r||s), or one that
   hashes by itself. out_len: capacity in, length out. A key that wants its own login for each signature
   (CKA_ALWAYS_AUTHENTICATE) gets one with the session's PIN, which was right before; a refusal is RC_PIN_… and never
   repeated. */
MUST enum rc p11_sign(const struct p11_session *s, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, struct span in,
                      uint8_t *out, size_t *out_len);
