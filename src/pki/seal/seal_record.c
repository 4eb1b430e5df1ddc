/* The bytes that the seal on a record is made of: "issuer_key serial tax_code contract_from contract_to status
   status_at row_hash" as text, with nothing in it that could hold a blank. */
#include "pki/seal/seal_record.h"

#include <inttypes.h>
#include <stdio.h>

#define RECORD_TEXT (sizeof(struct seal_record) + 4 * 16 + 2 * SHA256_LEN)

static struct span text_of(const struct seal_record *r, char out[RECORD_TEXT]) {
    int len = snprintf(out, RECORD_TEXT, "%.*s %.*s %.*s %" PRId32 " %" PRId32 " %" PRId32 " %" PRId32 " %.*s",
                       (int)sizeof r->issuer_key - 1, r->issuer_key, (int)sizeof r->serial - 1, r->serial,
                       (int)sizeof r->tax_code - 1, r->tax_code, r->contract_from, r->contract_to, r->status,
                       r->status_at, (int)sizeof r->row_hash - 1, r->row_hash);
    return span_of(out, (size_t)len);
}

struct sha256 seal_record_mac(const struct seal *s, const struct seal_record *r) {
    char text[RECORD_TEXT];
    return seal_mac(s, SEAL_RECORD, text_of(r, text));
}

enum rc seal_record_check(const struct seal *s, const struct seal_record *r, const struct sha256 *mac) {
    char text[RECORD_TEXT];
    enum rc rc = seal_check(s, SEAL_RECORD, text_of(r, text), mac);
    if (rc == RC_REFUSED)
        FAIL(rc,
             "the record of %.*s was changed behind capbu's back: its seal does not hold; import it again from the "
             "operator's file",
             (int)sizeof r->serial - 1, r->serial);
    return rc;
}
