/* Inside pki only: the pieces of a certificate about to be signed, written straight as DER (RFC 5280 4.1, 4.2). */
#pragma once

#include "pki/cert/cert.h"

#define SHA1_KEY_ID 20

struct tbs_head {
    struct span serial; /* big endian, positive */
    struct span sig_alg, issuer, subject, spki;
    int64_t not_before, not_after;
};
/* Opens a version 3 TBSCertificate, writes it up to the key and opens its extensions; tbs_end closes both. */
void tbs_begin(struct derw *w, const struct tbs_head *h);
void tbs_end(struct derw *w);

/* One attribute of a Name that the caller has opened (SEQUENCE): PrintableString where that is enough, else UTF8String.
   `text` NULL writes nothing. */
void tbs_name_attr(struct derw *w, struct span oid, const char *text);

void tbs_ext_open(struct derw *w, struct span oid, bool critical); /* then the contents, then tbs_ext_close */
void tbs_ext_close(struct derw *w);

void tbs_ext_ocsp(struct derw *w, const char *url);
void tbs_ext_ski(struct derw *w, struct span id);
void tbs_ext_aki(struct derw *w, struct span id);
void tbs_ext_basic(struct derw *w, bool ca); /* CA: with path length 0 */
void tbs_ext_key_usage(struct derw *w, uint16_t ku_bits);
void tbs_ext_eku(struct derw *w, const struct span *purposes, size_t count);
/* `crl_issuer`: a Name, whole; empty leaves it out. */
void tbs_ext_crl(struct derw *w, const char *url, struct span crl_issuer);

/* RFC 5280 4.2.1.2 (1): SHA-1 of the key's BIT STRING. */
void tbs_key_id(struct span key_bits, uint8_t out[SHA1_KEY_ID]);
