/* Signed documents: CMS SignedData (RFC 5652) in one narrow form, made by the server's CMP key and read strictly. */
#pragma once

#include "pki/ca/ca.h"
#include "pki/key/key.h"

#define CMS_LIMIT (256 * 1024) /* bytes of a signed document that are looked at */

/* May this certificate's key sign documents in the CA's name? It is a server's of the registration authority
   (id-kp-cmcRA, RFC 6402) and signs (keyUsage): a subscriber's certificate under the same CA may not. */
bool cms_may_sign(const struct cert *c);

/* May it also say which drivers a program loads (id-kp-codeSigning too)? The key that answers the network may not. */
bool cms_may_publish(const struct cert *c);

/* The document with its content inside: one signer, its certificate beside it, SHA-256, signingTime = `now`.
   `openssl cms -verify -binary -purpose any` takes it. RC_CRYPTO. */
MUST enum rc cms_sign(struct key *key, const struct cert *cert, struct span content, int64_t now, struct buf *out);

struct cms { /* spans into the document, which must outlive it */
    struct span content;
    struct span signer; /* its certificate, DER */
    int64_t signed_at;
};

/* Reads a document of cms_sign's form whose signer is directly under `ca` (NULL: whoever signed), may sign, and was
   valid at signed_at: no clock is asked, so it can be shown for ever. RC_INPUT: another form; RC_LIMIT; RC_CRYPTO: does
   not hold. */
MUST enum rc cms_verify(struct span document, const struct ca *ca, struct cms *out);
