/* A certificate of a form that is not taken, read as far as it takes to say whose it is: its frame. */
#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "base/digest.h"
#include "base/hex.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"

/* keyIdentifier of an authorityKeyIdentifier, where it can be found. */
static void frame_aki(struct span value, struct cert *c) {
    struct der d = der_open(value), inside;
    struct der_item id;
    if (der_enter(&d, DER_SEQUENCE, &inside) != RC_OK || der_take(&inside, DER_CONTEXT(0), &id) != RC_OK ||
        id.value.len > KEY_ID_MAX)
        return;
    memcpy(c->facts.aki, id.value.ptr, id.value.len);
    c->facts.aki_len = (uint8_t)id.value.len;
}

/* However many there are, and whatever stands in them. */
static enum rc frame_extensions(struct der *d, struct cert *c) {
    struct der outer, list, one;
    struct der_item oid, item;
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(3), &outer));
    TRY(der_enter(&outer, DER_SEQUENCE, &list));
    while (!der_empty(&list)) {
        TRY(der_enter(&list, DER_SEQUENCE, &one));
        TRY(der_take(&one, DER_OID, &oid));
        if (der_next_is(&one, DER_BOOLEAN))
            TRY(der_any(&one, &item));
        TRY(der_take(&one, DER_OCTET_STRING, &item));
        if (span_eq(oid.value, OID_AKI))
            frame_aki(item.value, c);
    }
    return RC_OK;
}

static enum rc frame_tbs(struct der d, struct cert *c) {
    struct der_item item, alg;
    if (der_next_is(&d, DER_CONTEXT_CONSTRUCTED(0)))
        TRY(der_any(&d, &item)); /* version */
    TRY(der_take(&d, DER_INTEGER, &item));
    if (item.value.len <= SERIAL_MAX) {
        memcpy(c->facts.serial, item.value.ptr, item.value.len);
        c->facts.serial_len = (uint8_t)item.value.len;
    }
    TRY(der_take(&d, DER_SEQUENCE, &alg));
    for (int n = 0; n < 4; n++) /* issuer, validity, subject, key */
        TRY(der_take(&d, DER_SEQUENCE, &item));
    c->sig_alg = alg.whole;
    c->spki = item.whole;
    while (!der_empty(&d) && !der_next_is(&d, DER_CONTEXT_CONSTRUCTED(3)))
        TRY(der_any(&d, &item)); /* unique identifiers */
    return der_empty(&d) ? RC_OK : frame_extensions(&d, c);
}

static enum rc frame(struct span der, struct cert *c) {
    struct der outer = der_open(der), d;
    struct der_item tbs, alg;
    struct span signature;
    uint8_t unused;
    TRY(der_enter(&outer, DER_SEQUENCE, &d));
    TRY(der_end(&outer));
    TRY(der_take(&d, DER_SEQUENCE, &tbs));
    TRY(frame_tbs(der_open(tbs.value), c));
    TRY(der_take(&d, DER_SEQUENCE, &alg));
    TRY(der_bits(&d, &signature, &unused));
    c->der = der;
    c->tbs = tbs.whole;
    c->signature = signature;
    return der_end(&d);
}

enum rc cert_look(struct span der, struct cert *out) {
    enum rc rc = cert_parse(der, out);
    if (rc != RC_INPUT && rc != RC_LIMIT)
        return rc;
    char why[256];
    struct cert c = {0};
    (void)snprintf(why, sizeof why, "%s", err_text());
    if (frame(der, &c) != RC_OK)
        return err_set(RC_INPUT, "%s", why);
    c.facts.not_before = c.facts.not_after = INSTANT_NONE;
    c.facts.key_kind = KEY_OTHER;
    c.facts.unfit = 1u << UNFIT_FORM;
    *out = c;
    (void)err_set(rc, "%s", why); /* for who tells why it is not taken */
    return RC_OK;
}

void cert_issuer_key(const struct cert *c, char out[2 * KEY_ID_MAX + 1]) {
    _Static_assert(SHA256_LEN <= KEY_ID_MAX, "a digest takes the place of a key identifier");
    if (c->facts.aki_len > 0)
        hex_to(c->facts.aki, c->facts.aki_len, out);
    else
        sha256_hex(sha256_of(c->der), out);
}
