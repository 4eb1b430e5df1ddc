/* Signature algorithms and hashes (declared in pki/key/sig_alg.h). */
#include "pki/key/sig_alg.h"

#include <openssl/obj_mac.h>
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
