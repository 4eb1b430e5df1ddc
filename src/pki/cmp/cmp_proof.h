/* Does a message hold under the key that it names, and does a request prove that its sender has the key it asks for?
   The server asks it of what comes in, the CA's helper of what it is to sign for. */
#pragma once

#include "pki/cmp/cmp_body.h"

struct pubkey;

/* The message says that `by` sends it (RFC 9483 3.1: its subject, and its key identifier where there is one), and its
   protection is a signature over its exact header and body by that key (RFC 4210 5.1.3). RC_CRYPTO when it is not,
   RC_REFUSED for a kind of protection that is not taken. `key`, empty before, is then that of `by`, for what else it
   signed: to make a key ready costs as much as to verify by it. The caller frees it; NULL: it is not wanted. */
MUST enum rc cmp_protected_by(const struct cmp_msg *m, const struct cert *by, struct pubkey *key);

/* The public key that the request is about: SubjectPublicKeyInfo, whole. The template's; with none that of `old`.
   RC_INPUT: it is no key. */
MUST enum rc cmp_request_key(const struct cmp_request *r, const struct cert *old, struct buf *spki);

/* Proof of possession of that key (RFC 4211 section 4): its own signature. Where the template names no key, a message
   protected by the old key proves it, and there may be none. RC_CRYPTO when it does not hold, or there is none.
   `old_key`: that of `old`, as cmp_protected_by left it, or NULL. */
MUST enum rc cmp_possession(const struct cmp_request *r, const struct cert *old, struct pubkey *old_key,
                            struct span spki);
