/* Looks through all of a name, for a person's number may stand beside the company's: UID=CMND:… and UID=MST:… */
#include "pki/cert/cert_holder.h"

#include <string.h>
#include <strings.h>

#include "base/der.h"
#include "pki/cert/oid.h"

#define BMP_STRING 0x1e
#define PREFIX     "MST:"

/* The value as ASCII without blanks; false when it has other characters or does not fit. */
static bool ascii_of(const struct der_item *value, char out[CERT_TAX_CAP]) {
    size_t step = value->tag == BMP_STRING ? 2 : 1, len = 0;
    for (size_t i = step - 1; i < value->value.len; i += step) {
        uint8_t c = value->value.ptr[i];
        if (c < 0x20 || c > 0x7e || (step == 2 && value->value.ptr[i - 1] != 0) || len + 1 == CERT_TAX_CAP)
            return false;
        if (c != ' ')
            out[len++] = (char)c;
    }
    out[len] = '\0';
    return true;
}

static void take_uid(const struct der_item *value, struct cert_holder *out) {
    char text[CERT_TAX_CAP];
    size_t prefix = sizeof PREFIX - 1;
    if (out->tax_code[0] == '\0' && ascii_of(value, text) && strncasecmp(text, PREFIX, prefix) == 0)
        memcpy(out->tax_code, text + prefix, strlen(text) - prefix + 1);
}

/* The next AttributeTypeAndValue. */
static enum rc take_attr(struct der *rdn, struct cert_holder *out, bool *cn_seen) {
    struct der inside;
    struct der_item value;
    struct span oid;
    TRY(der_enter(rdn, DER_SEQUENCE, &inside));
    TRY(der_oid(&inside, &oid));
    TRY(der_any(&inside, &value));
    if (span_eq(oid, OID_UID))
        take_uid(&value, out);
    if (!span_eq(oid, OID_CN) || *cn_seen)
        return RC_OK;
    *cn_seen = true;
    if (value.tag == DER_UTF8_STRING || value.tag == DER_PRINTABLE_STRING)
        out->cn = value.value;
    return RC_OK;
}

static enum rc look(struct span name, struct cert_holder *out) {
    struct der outer = der_open(name), rdns, rdn;
    bool cn_seen = false;
    TRY(der_enter(&outer, DER_SEQUENCE, &rdns));
    while (!der_empty(&rdns)) {
        TRY(der_enter(&rdns, DER_SET, &rdn));
        while (!der_empty(&rdn))
            TRY(take_attr(&rdn, out, &cn_seen));
    }
    return RC_OK;
}

struct cert_holder cert_holder_of(struct span name) {
    static const struct cert_holder nobody;
    struct cert_holder h = {0};
    return look(name, &h) == RC_OK ? h : nobody;
}
