/* An operator's record as it is sealed: between the store's row and the seal's. */
#pragma once

#include "pki/signer/signer.h"
#include "store/certs.h"

void record_from(const struct cert_claim *c, struct seal_record *out);

/* What the signer is shown of it. */
struct signer_claim record_claim(const struct cert_row *r);
