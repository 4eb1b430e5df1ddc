/* An operator's record as it is sealed (declared in service/site/record.h). */
#include "service/site/record.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"

void record_from(const struct cert_claim *c, struct seal_record *out) {
    *out = (struct seal_record){.contract_from = c->contract_from,
                                .contract_to = c->contract_to,
                                .status_at = c->status_at,
                                .status = (int32_t)c->status};
    (void)snprintf(out->issuer_key, sizeof out->issuer_key, "%s", c->issuer_key);
    (void)snprintf(out->serial, sizeof out->serial, "%s", c->serial);
    (void)snprintf(out->row_hash, sizeof out->row_hash, "%s", c->row_hash);
    (void)snprintf(out->tax_code, sizeof out->tax_code, "%s", c->tax_code);
}

struct signer_claim record_claim(const struct cert_row *r) {
    struct signer_claim out = {0};
    const struct cert_claim c = certs_claim(r);
    size_t len = SHA256_LEN;
    record_from(&c, &out.record);
    out.sealed = hex_from(r->mac, out.mac.bytes, &len) == RC_OK && len == SHA256_LEN;
    return out;
}
