/* A zero-copy view of a CMP message (RFC 4210 section 5.1, RFC 4211) by the strict DER reader, and the one message that
   OpenSSL has no function for: a signed refusal with our own reason code. */
#pragma once

#include "pki/key/key.h"

#define CMP_PVNO           2 /* the version we speak (RFC 4210) */
#define CMP_REJECTION      2 /* PKIStatus (RFC 4210 5.2.3); 0 accepted and 1 grantedWithMods are good */
#define CMP_DIRECTORY_NAME DER_CONTEXT_CONSTRUCTED(4) /* this choice of GeneralName */
#define CMP_ID_MAX         64 /* transactionID, nonces and key identifier: at most so many bytes */
#define CMP_EXTRA_CERTS    10 /* certificates beside a message: at most so many */

/* PKIBody choices (RFC 4210 5.1.2) that we tell apart. */
enum cmp_type { CMP_KUR = 7, CMP_KUP = 8, CMP_PKICONF = 19, CMP_ERROR = 23, CMP_CERTCONF = 24, CMP_POLLREQ = 25 };

/* PKIFailureInfo bits (RFC 4210 5.2.3). */
enum cmp_fail {
    CMP_BAD_MESSAGE_CHECK = 1,
    CMP_BAD_REQUEST = 2,
    CMP_BAD_CERT_ID = 4,
    CMP_BAD_DATA_FORMAT = 5,
    CMP_BAD_POP = 9,
    CMP_TRANSACTION_IN_USE = 21,
    CMP_UNSUPPORTED_VERSION = 22,
    CMP_NOT_AUTHORIZED = 23,
    CMP_SYSTEM_UNAVAIL = 24
};

struct cmp_msg { /* spans into the message, which must outlive it; empty = absent */
    struct span der;
    struct span header;      /* PKIHeader, whole */
    struct span core;        /* header, body and protection one after the other: all but extraCerts */
    struct span sender;      /* GeneralName, whole */
    struct span transaction; /* OCTET STRING contents, as the two below */
    struct span sender_nonce;
    struct span recip_nonce;
    struct span info;    /* generalInfo [8], whole */
    struct span signer;  /* extraCerts[0], whole: RFC 9483 3.3 puts the certificate that signs there */
    struct span content; /* what stands inside the body's tag */
    int64_t version;
    int type;           /* number of the body's choice */
    bool signed_by_key; /* protected by RSA or ECDSA with SHA-256, SHA-384 or SHA-512; no MAC, no other algorithm */
};

/* RC_INPUT with the place; RC_LIMIT. */
MUST enum rc cmp_msg_parse(struct span der, struct cmp_msg *out);

/* The value of that type in the header's generalInfo, whole (RFC 4210 5.1.1). RC_NOT_FOUND, RC_INPUT. */
MUST enum rc cmp_msg_info(const struct cmp_msg *m, struct span type, struct span *value);

/* The one CertReqMsg of a kur (certReqId 0). RC_INPUT. */
struct cmp_request {
    struct span spki;       /* contents of the template's public key [6]; empty = absent */
    struct span old_issuer; /* oldCertID: Name, whole */
    struct span old_serial; /* oldCertID: INTEGER contents */
    bool weak_pop;          /* proof of possession by another signature algorithm than signed_by_key's */
};
MUST enum rc cmp_msg_request(const struct cmp_msg *m, struct cmp_request *out);

/* What a certConf or an error says about the certificate. An empty certConf rejects (RFC 4210 5.3.18). RC_INPUT. */
struct cmp_status {
    bool accepted;
    struct span text; /* first statusString, UTF-8 */
};
MUST enum rc cmp_msg_status(const struct cmp_msg *m, struct cmp_status *out);

/* An error message answering `to`, protected by `key` (RFC 4210 5.3.21), its one statusString being `text`. */
struct cmp_refusal {
    const struct cmp_msg *to;
    struct key *key;
    const struct cert *cert; /* of `key` */
    struct span ca;          /* its issuer, DER, sent along */
    enum cmp_fail fail;
    const char *text;
};
MUST enum rc cmp_msg_refuse(const struct cmp_refusal *r, struct buf *out);
