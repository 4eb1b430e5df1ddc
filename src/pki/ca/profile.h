/* The new certificate's exact to-be-signed bytes, from a template of the profile in domain.md without its defects, and
   the check against RFC 5280 that nothing is signed without. */
#pragma once

#include "pki/cert/cert.h"

struct profile_input {
    const struct cert
        *old_cert; /* subject, key, EKU, SAN and policies come from it, byte for byte; keyUsage bit for bit */
    const struct cert *issuer; /* the new CA: name and SKI */
    struct span spki;          /* empty: the old certificate's (R5.9); else the new key's */
    struct span sig_alg;       /* AlgorithmIdentifier of the CA key with SHA-256 */
    const uint8_t *serial;     /* SERIAL_LEN bytes, positive */
    int64_t not_before, not_after;
    const char *ocsp_url, *crl_url; /* "" leaves the extension out */
};
#define SERIAL_LEN 16

/* Positive, 16 bytes, time-ordered head, 72 random bits. */
void profile_serial(int64_t now_ms, uint8_t out[SERIAL_LEN]);

MUST enum rc profile_tbs(const struct profile_input *in, struct buf *tbs);

/* Certificate ::= tbs, alg, signature. */
MUST enum rc profile_join(struct span tbs, struct span sig_alg, struct span signature, struct buf *der);

/* The key in such bytes: SubjectPublicKeyInfo, whole. RC_INPUT. */
MUST enum rc profile_key(struct span tbs, struct span *spki);

/* RFC 5280 self-check of the bytes about to be signed, and the bounds of a renewal: issuer = CA, subject = old subject,
   key = the one asked for, window within the CA's and the bounds, serial shape, extensions known. RC_REFUSED with which
   rule broke. */
struct profile_bounds {
    const struct cert *old_cert;
    const struct cert *issuer;
    int64_t earliest_begin, latest_begin; /* of notBefore, beside the CA's own; INT64_MAX for none */
    int64_t latest_end;                   /* of notAfter; INT64_MAX for none */
    struct span spki;                     /* the key, whole; empty: the old certificate's (R5.9) */
    const char *ocsp_url, *crl_url;       /* exactly these addresses, "" none; NULL: any */
};
MUST enum rc profile_check(struct span tbs, const struct profile_bounds *b);
