/* Looks through all UIDs of a name, for a person's number may stand beside the company's: UID=CMND:… and UID=MST:… */
#include "pki/cert/cert_tax.h"

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

/* Takes the next AttributeTypeAndValue; true when it is the one. */
static enum rc take_attr(struct der *rdn, char out[CERT_TAX_CAP], bool *found) {
    struct der inside;
    struct der_item value;
    struct span oid;
    char text[CERT_TAX_CAP];
    TRY(der_enter(rdn, DER_SEQUENCE, &inside));
    TRY(der_oid(&inside, &oid));
    TRY(der_any(&inside, &value));
    *found = span_eq(oid, OID_UID) && ascii_of(&value, text) && strncasecmp(text, PREFIX, sizeof PREFIX - 1) == 0;
    if (*found)
        memcpy(out, text + sizeof PREFIX - 1, strlen(text) - (sizeof PREFIX - 1) + 1);
    return RC_OK;
}

static enum rc look(struct span name, char out[CERT_TAX_CAP], bool *found) {
    struct der outer = der_open(name), rdns, rdn;
    TRY(der_enter(&outer, DER_SEQUENCE, &rdns));
    while (!*found && !der_empty(&rdns)) {
        TRY(der_enter(&rdns, DER_SET, &rdn));
        while (!*found && !der_empty(&rdn))
            TRY(take_attr(&rdn, out, found));
    }
    return RC_OK;
}

bool cert_tax_code(struct span name, char out[CERT_TAX_CAP]) {
    bool found = false;
    return look(name, out, &found) == RC_OK && found;
}
