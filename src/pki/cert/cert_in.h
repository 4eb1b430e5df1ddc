/* Inside pki only: the parts of the certificate reader that other files of this layer use too. */
#pragma once

#include "pki/cert/cert.h"

/* Puts "where: " before the text of a failure. */
static inline enum rc cert_at(const char *where, enum rc rc) {
    return rc == RC_OK ? RC_OK : err_in(rc, "%s", where);
}

/* A whole TBSCertificate: fills all of `c` but der, tbs and signature. */
MUST enum rc cert_tbs_parse(struct span tbs, struct cert *c);

/* Next element is a SubjectPublicKeyInfo: spki, key_bits, modulus ... facts.key_kind, facts.key_bits. */
MUST enum rc cert_spki_read(struct der *d, struct cert *c);

/* Next element is an AlgorithmIdentifier. `params` is empty when absent, else the whole element. */
MUST enum rc cert_alg_read(struct der *d, struct span *whole, struct span *oid, struct span *params);

/* Next element is a Name that can be shown: known string types, right encodings. */
MUST enum rc cert_name_read(struct der *d, struct span *whole);

/* SEQUENCE OF Extension, no OID twice; those that RFC 5280 defines are read strictly. */
MUST enum rc cert_exts_read(struct der *d, struct cert *c);

/* keyUsage's first byte as USAGE_…; RC_NOT_FOUND when the certificate has none. */
MUST enum rc cert_key_usage(const struct cert *c, uint8_t *bits);
