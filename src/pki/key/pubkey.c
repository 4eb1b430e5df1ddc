/* Public keys from their numbers: 2 microseconds instead of the 100 of OpenSSL 3.0's decoders. */
#include "pki/key/pubkey.h"

#include <openssl/err.h>
#include <openssl/sha.h>

#include "pki/cert/oid.h"

/* The one-shot functions fetch their algorithm anew each time in 3.0; these do not. */
void digest_of(enum hash h, struct span data, struct digest *out) {
    SHA_CTX sha1;
    SHA256_CTX sha256;
    SHA512_CTX sha512;
    switch (h) {
    case HASH_SHA1:
        SHA1_Init(&sha1);
        SHA1_Update(&sha1, data.ptr, data.len);
        SHA1_Final(out->bytes, &sha1);
        out->len = SHA_DIGEST_LENGTH;
        out->nid = NID_sha1;
        return;
    case HASH_SHA256:
        SHA256_Init(&sha256);
        SHA256_Update(&sha256, data.ptr, data.len);
        SHA256_Final(out->bytes, &sha256);
        out->len = SHA256_DIGEST_LENGTH;
        out->nid = NID_sha256;
        return;
    case HASH_SHA384:
        SHA384_Init(&sha512);
        SHA384_Update(&sha512, data.ptr, data.len);
        SHA384_Final(out->bytes, &sha512);
        out->len = SHA384_DIGEST_LENGTH;
        out->nid = NID_sha384;
        return;
    case HASH_SHA512:
        SHA512_Init(&sha512);
        SHA512_Update(&sha512, data.ptr, data.len);
        SHA512_Final(out->bytes, &sha512);
        out->len = SHA512_DIGEST_LENGTH;
        out->nid = NID_sha512;
        return;
    }
}

struct span sig_alg_of(enum key_kind kind, enum hash h) {
    if (kind == KEY_RSA && h == HASH_SHA256)
        return OID("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00");
    if (kind == KEY_RSA && h == HASH_SHA1)
        return OID("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00");
    if (kind == KEY_EC && h == HASH_SHA256) /* no parameters: RFC 5758 3.2 */
        return OID("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02");
    return (struct span){0};
}

bool sig_alg_known(struct span oid, enum key_kind *kind, enum hash *h) {
    const struct {
        struct span oid;
        enum key_kind kind;
        enum hash hash;
    } known[] = {
        {OID_RSA_SHA256, KEY_RSA, HASH_SHA256},  {OID_RSA_SHA1, KEY_RSA, HASH_SHA1},
        {OID_ECDSA_SHA256, KEY_EC, HASH_SHA256}, {OID_RSA_SHA384, KEY_RSA, HASH_SHA384},
        {OID_RSA_SHA512, KEY_RSA, HASH_SHA512},  {OID_ECDSA_SHA384, KEY_EC, HASH_SHA384},
        {OID_ECDSA_SHA512, KEY_EC, HASH_SHA512},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!span_eq(oid, known[i].oid))
            continue;
        *kind = known[i].kind;
        *h = known[i].hash;
        return true;
    }
    return false;
}

static enum rc open_rsa(const struct cert *c, RSA **out) {
    OSSL_AUTO(RSA) rsa = RSA_new();
    OSSL_AUTO(BIGNUM) n = BN_bin2bn(c->modulus.ptr, (int)c->modulus.len, NULL);
    OSSL_AUTO(BIGNUM) e = BN_bin2bn(c->exponent.ptr, (int)c->exponent.len, NULL);
    if (rsa == NULL || n == NULL || e == NULL || !RSA_set0_key(rsa, n, e, NULL))
        return ossl_fail(RC_CRYPTO, "RSA key");
    (void)MOVE(n);
    (void)MOVE(e);
    *out = MOVE(rsa);
    return RC_OK;
}

static enum rc open_ec(const struct cert *c, EC_KEY **out) {
    int nid = span_eq(c->curve, OID_P256)   ? NID_X9_62_prime256v1
              : span_eq(c->curve, OID_P384) ? NID_secp384r1
                                            : NID_secp521r1;
    OSSL_AUTO(EC_KEY) ec = EC_KEY_new_by_curve_name(nid);
    if (ec == NULL || !EC_KEY_oct2key(ec, c->point.ptr, c->point.len, NULL))
        return ossl_fail(RC_CRYPTO, "EC key");
    *out = MOVE(ec);
    return RC_OK;
}

enum rc pubkey_open(const struct cert *c, struct pubkey *out) {
    struct pubkey k = {0};
    if (c->facts.key_kind == KEY_OTHER)
        FAIL(RC_CRYPTO, "a key that is neither RSA nor EC on P-256, P-384 or P-521");
    TRY(c->facts.key_kind == KEY_RSA ? open_rsa(c, &k.rsa) : open_ec(c, &k.ec));
    *out = k;
    return RC_OK;
}

void pubkey_free(struct pubkey *k) {
    RSA_free(k->rsa);
    EC_KEY_free(k->ec);
    *k = (struct pubkey){0};
}

enum rc pubkey_verify(const struct pubkey *k, enum hash h, struct span data, struct span signature) {
    struct digest d;
    digest_of(h, data, &d);
    int ok = k->rsa != NULL ? RSA_verify(d.nid, d.bytes, d.len, signature.ptr, (unsigned)signature.len, k->rsa)
                            : ECDSA_verify(0, d.bytes, (int)d.len, signature.ptr, (int)signature.len, k->ec);
    if (ok != 1)
        return ossl_fail(RC_CRYPTO, "the signature does not hold");
    return RC_OK;
}
