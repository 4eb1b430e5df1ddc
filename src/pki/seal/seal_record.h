/* The seal on an operator's record: over what a verdict rests on, so that a contract prolonged by hand shows. */
#pragma once

#include "pki/seal/seal.h"
#include "rules/facts.h"

struct seal_record {
    char issuer_key[2 * KEY_ID_MAX + 1], serial[2 * SERIAL_MAX + 2], tax_code[20]; /* as in the records */
    int32_t contract_from, contract_to, status_at;                                 /* days */
    int32_t status;                                                                /* enum status */
    char row_hash[2 * SHA256_LEN + 1]; /* of the whole record, certificate included (store/certs_put.c) */
};

struct sha256 seal_record_mac(const struct seal *s, const struct seal_record *r);

/* RC_REFUSED: it is not that of this record. */
MUST enum rc seal_record_check(const struct seal *s, const struct seal_record *r, const struct sha256 *mac);
