/* A certificate by the strict reader: zero-copy views into its DER, and the facts the rules judge (RFC 5280). No
 * OpenSSL parsing. */
#pragma once

#include "base/der.h"
#include "rules/facts.h"

#define CERT_LIMIT 8192 /* bytes of DER we look at */
#define CERT_CARRY 5120 /* of these, what a renewal takes over: name, key and copied extensions */

/* Anybody may send a certificate of his own making, and verifying with its key is to cost no more than with ours. */
#define CERT_RSA_MOST      8192
#define CERT_EXPONENT_MOST 4 /* bytes */

struct cert_ext {
    struct span oid; /* contents */
    bool critical;
    struct span value; /* what is inside the OCTET STRING */
    struct span whole; /* the Extension SEQUENCE */
};
#define CERT_EXTS_MAX 24

struct cert { /* spans into the DER given to cert_parse, which must outlive it */
    struct span der;
    struct span tbs;        /* whole TBSCertificate: what is signed */
    struct span serial;     /* INTEGER contents */
    struct span serial_der; /* INTEGER whole */
    struct span issuer;     /* Name, whole */
    struct span subject;    /* Name, whole */
    struct span spki;       /* SubjectPublicKeyInfo, whole */
    struct span key_bits;   /* contents of its BIT STRING */
    struct span modulus;    /* RSA: big endian, no leading zero; else empty */
    struct span exponent;
    struct span point;   /* EC: the point as encoded; else empty */
    struct span curve;   /* EC: named curve OID contents */
    struct span sig_alg; /* AlgorithmIdentifier, whole */
    struct span signature;
    struct cert_ext ext[CERT_EXTS_MAX];
    size_t ext_count;
    struct cert_facts facts; /* issuer and signature_ok are ca_identify's to fill */
};

/* RC_INPUT with what is wrong and where; RC_LIMIT. Accepts nothing that OpenSSL's d2i_X509 refuses, and notes in
   facts.odd all that its X509_check calls invalid, and more. */
MUST enum rc cert_parse(struct span der, struct cert *out);

/* The same, and a certificate that is read but not taken (facts.unfit has UNFIT_FORM, err_text() says why) as far as it
   takes to say whose it is: der, tbs, sig_alg, signature, spki, and of its facts serial and AKI; not to be parsed,
   stored or renewed. RC_INPUT: no certificate at all. */
MUST enum rc cert_look(struct span der, struct cert *out);

/* Which issuer's it is, for the records: its AKI in upper-case hex; without one nobody can tell, and the certificate is
   known by its digest: SHA-256 in lower-case hex, so that the two are never taken for each other. */
void cert_issuer_key(const struct cert *c, char out[2 * KEY_ID_MAX + 1]);

/* The first extension with that OID (contents bytes), NULL when absent. */
const struct cert_ext *cert_ext_find(const struct cert *c, struct span oid);

bool cert_same_key(const struct cert *a, const struct cert *b); /* modulus and exponent, or curve and point */

/* RFC 2253-like text of a Name for people: "CN=…, O=…"; UTF-8, control characters replaced. */
MUST enum rc cert_name_format(struct span name, struct buf *out);
/* First value of an attribute (OID contents) in a Name, as UTF-8 text appended; RC_NOT_FOUND. */
MUST enum rc cert_name_get(struct span name, struct span oid, struct buf *out);

/* DER of the one certificate in a PEM file's text, or DER itself. RC_INPUT. */
MUST enum rc cert_from_pem_or_der(struct span in, struct buf *der);
/* The same from a file of at most 64 KiB; the text names it. RC_NOT_FOUND and others of fs_read. */
MUST enum rc cert_from_file(const char *path, struct buf *der);
/* Of a server's file the first one: what comes behind it is the chain that TLS shows with it. */
MUST enum rc cert_first_from_file(const char *path, struct buf *der);
MUST enum rc cert_to_pem(struct span der, struct buf *out);
