/* Two attributes of the subject's name. */
#include "client/token/holder.h"

#include <string.h>

#include "pki/cert/oid.h"

static void take(struct span name, struct span oid, const char *prefix, char *out, size_t cap) {
    AUTO(buf) value = {0};

    out[0] = '\0';
    if (cert_name_get(name, oid, &value) != RC_OK)
        return;
    const char *text = buf_str(&value);
    size_t skip = strncmp(text, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0;
    if (text_set(out, cap, text + skip) != RC_OK)
        out[0] = '\0';
}

void holder_of(const struct cert *c, struct holder *out) {
    take(c->subject, OID_CN, "", out->name, sizeof out->name);
    take(c->subject, OID_UID, "MST:", out->tax_code, sizeof out->tax_code);
}
