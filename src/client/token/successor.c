/* What is asked of a new certificate before the old one is destroyed. */
#include "client/token/successor.h"

#include "pki/ca/ca.h"

enum rc successor_check(const struct cert *old_cert, const struct cert *new_cert, struct span new_ca, int64_t now) {
    AUTO_PTR(ca) ca = NULL;

    TRY(ca_open(new_ca, &ca));
    TRY(ca_verify(ca, new_cert, false));
    if (!span_eq(old_cert->subject, new_cert->subject))
        FAIL(RC_REFUSED, "the new certificate has another subject");
    if (!cert_same_key(old_cert, new_cert))
        FAIL(RC_REFUSED, "the new certificate has another key");
    if (now < new_cert->facts.not_before || now > new_cert->facts.not_after)
        FAIL(RC_REFUSED, "the new certificate is not valid now");
    if (new_cert->facts.not_after <= old_cert->facts.not_after)
        FAIL(RC_REFUSED, "the new certificate does not end later than the old one");
    return RC_OK;
}
