/* Two attributes of the subject's name. */
#include "client/token/holder.h"

#include "pki/cert/cert_holder.h"
#include "pki/cert/oid.h"

static void take(struct span name, struct span oid, char *out, size_t cap) {
    AUTO(buf) value = {0};

    if (cert_name_get(name, oid, &value) != RC_OK || text_set(out, cap, buf_str(&value)) != RC_OK)
        out[0] = '\0';
}

void holder_of(const struct cert *c, struct holder *out) {
    const struct cert_holder known = cert_holder_of(c->subject);

    take(c->subject, OID_CN, out->name, sizeof out->name);
    if (known.tax_code[0] == '\0' || text_set(out->tax_code, sizeof out->tax_code, known.tax_code) != RC_OK)
        take(c->subject, OID_UID, out->tax_code, sizeof out->tax_code);
}
