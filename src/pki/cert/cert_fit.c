/* What in an old certificate no new one can be made of, as far as its bytes alone show it: what pki/ca/profile_check.c
   would refuse and pki/cmp/cmp_proof.c could not verify is told before anybody types a PIN. */
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"

#define EMPTY_NAME 2 /* bytes of a Name without parts */

bool cert_ext_copied(struct span oid) {
    return span_eq(oid, OID_EKU) || span_eq(oid, OID_SAN) || span_eq(oid, OID_POLICIES);
}

static bool odd(const struct cert *c, uint32_t bits) {
    return (c->facts.odd & bits) != 0;
}

/* A renewal is asked for by a message that the old key signs. */
static bool usage_fits(const struct cert *c) {
    uint16_t bits = 0;
    enum rc rc = cert_key_usage(c, &bits);
    if (rc == RC_NOT_FOUND)
        return true;
    return rc == RC_OK && (bits & USAGE_CA_ONLY) == 0 && (bits & USAGE_DIGITAL_SIGNATURE) != 0;
}

static bool key_fits(const struct cert *c) {
    const struct cert_facts *f = &c->facts;
    bool large = f->key_kind == KEY_RSA && (f->key_bits > CERT_RSA_MOST || c->exponent.len > CERT_EXPONENT_MOST);
    return !large && !odd(c, 1u << ODD_KEY);
}

static bool size_fits(const struct cert *c) {
    size_t carried = c->subject.len + c->spki.len;
    for (size_t i = 0; i < c->ext_count; i++)
        carried += cert_ext_copied(c->ext[i].oid) ? c->ext[i].whole.len : 0;
    return carried <= CERT_CARRY;
}

uint32_t cert_unfit(const struct cert *c) {
    const bool found[UNFIT_COUNT] = {
        [UNFIT_CA] = c->facts.ca || odd(c, 1u << ODD_BASIC),
        [UNFIT_USAGE] = !usage_fits(c),
        [UNFIT_NAME] = c->subject.len <= EMPTY_NAME || odd(c, 1u << ODD_SUBJECT | 1u << ODD_ISSUER),
        [UNFIT_KEY] = !key_fits(c),
        [UNFIT_COPIED] = odd(c, 1u << ODD_SAN | 1u << ODD_EKU | 1u << ODD_POLICIES),
        [UNFIT_SIZE] = !size_fits(c),
    };
    uint32_t bits = 0;
    for (int i = 0; i < UNFIT_COUNT; i++)
        bits |= found[i] ? UINT32_C(1) << i : 0;
    return bits;
}
