/* The two issuers of a campaign, told apart by key (R5.4), and the verification of what they signed. */
#pragma once

#include "pki/cert/cert.h"

struct ca; /* one CA certificate with its decoded public key; shared between threads */
struct ca_pair {
    const struct ca *old_ca;
    const struct ca *new_ca;
};

/* `der` is copied. RC_INPUT: no CA certificate, or without subject key identifier. */
MUST enum rc ca_open(struct span der, struct ca **out);
void ca_free(struct ca *ca);
OWN(ca)

const struct cert *ca_cert(const struct ca *ca);

/* Verifies `c` under this CA's key. The only place where SHA-1 and RSA-1024 are accepted, on purpose, and only when
   `legacy` (letter: the old chain is SHA-1/RSA-1024). RC_CRYPTO when it does not hold. Thread-safe; no key decoding per
   call, and no second verification of the very same bytes while they are remembered (pki/ca/proven.h). */
MUST enum rc ca_verify(const struct ca *ca, const struct cert *c, bool legacy);

/* Fills facts.issuer (AKI = SKI) and facts.signature_ok, and adds UNFIT_KEY to what the old CA signed for no key at
 * all. A certificate without AKI is ISSUER_OTHER. */
void ca_identify(struct ca_pair pair, struct cert *c);
