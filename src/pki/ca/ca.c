/* A CA certificate with its key decoded once; the one place where the old chain's weak algorithms are let through. */
#include "pki/ca/ca.h"

#include <stdlib.h>
#include <string.h>

#include "pki/ca/proven.h"
#include "pki/cert/oid.h"
#include "pki/key/pubkey.h"

#define RSA_BITS_MIN        2048
#define RSA_BITS_MIN_LEGACY 1024

struct ca {
    struct buf der;
    struct cert cert;
    struct pubkey key;
    struct proven *proven;
};

static enum rc fill(struct ca *ca, struct span der) {
    TRY(buf_add_span(&ca->der, der));
    TRY(cert_parse(buf_span(&ca->der), &ca->cert));
    if (!ca->cert.facts.ca)
        FAIL(RC_INPUT, "this is no CA certificate: basicConstraints does not say CA");
    if (ca->cert.facts.ski_len == 0)
        FAIL(RC_INPUT, "the CA certificate has no subject key identifier, by which issuers are told apart (R5.4)");
    TRY(proven_new(&ca->proven));
    return pubkey_open(&ca->cert, &ca->key);
}

enum rc ca_open(struct span der, struct ca **out) {
    AUTO_PTR(ca) ca = calloc(1, sizeof *ca);
    if (ca == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(fill(ca, der));
    *out = MOVE(ca);
    return RC_OK;
}

void ca_free(struct ca *ca) {
    if (ca == NULL)
        return;
    pubkey_free(&ca->key);
    proven_free(ca->proven);
    buf_free(&ca->der);
    free(ca);
}

const struct cert *ca_cert(const struct ca *ca) {
    return &ca->cert;
}

static enum rc algorithm(const struct cert *c, enum key_kind kind, bool legacy, enum hash *out) {
    struct der d = der_open(c->sig_alg), inside;
    struct span oid;
    enum key_kind signs;
    enum hash h;
    TRY(der_enter(&d, DER_SEQUENCE, &inside));
    TRY(der_oid(&inside, &oid));
    if (!sig_alg_known(oid, &signs, &h) || signs != kind || (h == HASH_SHA1 && !legacy))
        FAIL(RC_CRYPTO, "signature algorithm not accepted %s",
             legacy ? "from this CA" : "(SHA-1 only from the old chain)");
    *out = h;
    return RC_OK;
}

enum rc ca_verify(const struct ca *ca, const struct cert *c, bool legacy) {
    const struct cert_facts *own = &ca->cert.facts;
    if (own->key_kind == KEY_RSA && own->key_bits < (legacy ? RSA_BITS_MIN_LEGACY : RSA_BITS_MIN))
        FAIL(RC_CRYPTO, "the CA's key has only %u bits", own->key_bits);
    enum hash hash;
    TRY(algorithm(c, own->key_kind, legacy, &hash));
    struct sha256 whole = sha256_of(c->der);
    if (proven_has(ca->proven, &whole))
        return RC_OK;
    TRY(pubkey_verify(&ca->key, hash, c->tbs, c->signature));
    proven_add(ca->proven, &whole);
    return RC_OK;
}

/* No AKI fits none: ca_open takes no CA without a key identifier. */
static bool names_key_of(const struct cert_facts *f, const struct ca *ca) {
    const struct cert_facts *own = &ca->cert.facts;
    return f->aki_len == own->ski_len && memcmp(f->aki, own->ski, f->aki_len) == 0;
}

/* No point of its curve: OpenSSL refuses to make a key of it, so nobody signs with it. Of the few certificates with EC
   keys only, and of ours. */
static bool off_curve(const struct cert *c) {
    AUTO(pubkey) key = {0};
    return c->facts.key_kind == KEY_EC && pubkey_open(c, &key) != RC_OK;
}

void ca_identify(struct ca_pair pair, struct cert *c) {
    c->facts.issuer = ISSUER_OTHER;
    c->facts.signature_ok = false;
    if (names_key_of(&c->facts, pair.old_ca)) {
        c->facts.issuer = ISSUER_OLD;
        c->facts.signature_ok = ca_verify(pair.old_ca, c, true) == RC_OK;
        if (c->facts.signature_ok && off_curve(c))
            c->facts.unfit |= 1u << UNFIT_KEY;
    } else if (names_key_of(&c->facts, pair.new_ca)) {
        c->facts.issuer = ISSUER_NEW;
        c->facts.signature_ok = ca_verify(pair.new_ca, c, false) == RC_OK;
    }
}
