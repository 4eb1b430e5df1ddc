/* Inside pki only: the parts of the certificate reader that other files of this layer use too. */
#pragma once

#include "pki/cert/cert.h"

/* Puts "where: " before the text of a failure. */
static inline enum rc cert_at(const char *where, enum rc rc) {
    return rc == RC_OK ? RC_OK : err_in(rc, "%s", where);
}

/* Notes that something is not as RFC 5280 has it. */
static inline void cert_odd(struct cert *c, enum oddity o) {
    c->facts.odd |= UINT32_C(1) << o;
}

/* Bits of enum unfit that its bytes alone show. */
uint32_t cert_unfit(const struct cert *c);

/* A whole TBSCertificate: fills all of `c` but der, tbs and signature. */
MUST enum rc cert_tbs_parse(struct span tbs, struct cert *c);

/* Next element is a SubjectPublicKeyInfo: spki, key_bits, modulus ... facts.key_kind, facts.key_bits. */
MUST enum rc cert_spki_read(struct der *d, struct cert *c);

/* Next element is an AlgorithmIdentifier. `params` is empty when absent, else the whole element. */
MUST enum rc cert_alg_read(struct der *d, struct span *whole, struct span *oid, struct span *params);

/* Next element is a Name that can be shown: known string types, right encodings. */
MUST enum rc cert_name_read(struct der *d, struct span *whole);
/* The same, and a part of it may be empty: old linters' CAs write that (`gap`). */
MUST enum rc cert_name_look(struct der *d, struct span *whole, bool *gap);

/* A value of any type, as DER wants that type written: what OpenSSL's parser would refuse or write otherwise is
   refused. */
MUST enum rc cert_any_check(const struct der_item *item);

/* SEQUENCE OF Extension, no OID twice; of those that RFC 5280 defines it is noted when they are not as it has them. */
MUST enum rc cert_exts_read(struct der *d, struct cert *c);

/* keyUsage as USAGE_…, decipherOnly in the second byte; RC_NOT_FOUND when the certificate has none. */
MUST enum rc cert_key_usage(const struct cert *c, uint16_t *bits);

/* Extensions that a renewed certificate takes over as they are (pki/ca/profile.c). */
bool cert_ext_copied(struct span oid);
