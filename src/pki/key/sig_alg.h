/* Inside pki only: signature algorithms by their AlgorithmIdentifiers, and the hashes in them. */
#pragma once

#include "pki/cert/cert.h"

enum hash { HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512 };
#define HASH_LEN_MAX 64

struct digest {
    uint8_t bytes[HASH_LEN_MAX];
    unsigned len;
    int nid;
};
void digest_of(enum hash h, struct span data, struct digest *out);

/* The AlgorithmIdentifier of such a signature, DER in static storage. Empty: none that we make. */
struct span sig_alg_of(enum key_kind kind, enum hash h);

/* What signs so, by the algorithm's OID; false: none that is ever accepted here. SHA-1 is told too: it is the caller's
   to allow it, for the old chain only. */
bool sig_alg_known(struct span oid, enum key_kind *kind, enum hash *h);
