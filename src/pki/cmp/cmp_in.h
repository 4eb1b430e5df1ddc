/* Inside pki/cmp only: the small pieces of which the strict views of messages are made. */
#pragma once

#include "pki/cmp/cmp_msg.h"
#include "pki/key/sig_alg.h"

/* Inside `tag` stands exactly one element, a `what`. */
MUST enum rc cmp_explicit(struct der *d, uint8_t tag, uint8_t what, struct der_item *item);

/* Next element is a directoryName (of GeneralName): `whole` gets the Name in it. Only that choice can be the name in a
   certificate (RFC 9483 3.1). */
MUST enum rc cmp_name_take(struct der *d, struct span *whole);

/* Next element is a SEQUENCE SIZE (1..) OF UTF8String (PKIFreeText); `first` gets the first. */
MUST enum rc cmp_free_text(struct der *d, struct span *first);

/* Next element is one InfoTypeAndValue (RFC 4210 5.1.1); `value` is whole, empty when absent. */
MUST enum rc cmp_info_take(struct der *d, struct span *type, struct span *value);

/* The last number of an id-it type (pki/cert/oid.h); -1: it is none. */
int cmp_it(struct span type);

/* Next element is the AlgorithmIdentifier of a signature: is it one that we take, and of which kind? */
struct cmp_alg {
    struct span whole;
    enum key_kind kind;
    enum hash hash;
    bool mac;  /* by a secret that both sides have (RFC 9481 section 6) */
    bool good; /* a signature that cannot be forged: by RSA or ECDSA with SHA-256, SHA-384 or SHA-512 */
};
MUST enum rc cmp_alg_take(struct der *d, struct cmp_alg *out);
