/* A zero-copy view of a CMP message (RFC 4210 section 5.1, RFC 9480) by the strict DER reader: header, body, protection
   and the certificate beside them. What stands in a body: pki/cmp/cmp_body.h. */
#pragma once

#include "pki/cert/cert.h"

#define CMP_PVNO           2 /* the versions we speak: of RFC 4210 … */
#define CMP_PVNO_2021      3 /* … and of RFC 9480; an answer has the version of what it answers */
#define CMP_DIRECTORY_NAME DER_CONTEXT_CONSTRUCTED(4) /* this choice of GeneralName */
#define CMP_ID_MAX         64          /* transactionID, nonces and key identifiers: 1 to so many bytes */
#define CMP_NONCE_MIN      16          /* RFC 9483 3.1: nonces have 128 bits at least */
#define CMP_KUR_LIMIT      (16 * 1024) /* bytes of a kur's core: many times what one needs */
#define CMP_EXTRA_CERTS    10          /* certificates beside a message: at most so many */

/* PKIBody choices (RFC 4210 5.1.2) that we tell apart. */
enum cmp_type {
    CMP_KUR = 7,
    CMP_KUP = 8,
    CMP_PKICONF = 19,
    CMP_GENM = 21,
    CMP_GENP = 22,
    CMP_ERROR = 23,
    CMP_CERTCONF = 24,
    CMP_POLLREQ = 25
};

/* PKIStatus (RFC 4210 5.2.3). */
enum cmp_pki_status { CMP_ACCEPTED = 0, CMP_GRANTED_WITH_MODS = 1, CMP_REJECTION = 2 };

/* PKIFailureInfo bits (RFC 4210 5.2.3). */
enum cmp_fail {
    CMP_BAD_ALG = 0,
    CMP_BAD_MESSAGE_CHECK = 1,
    CMP_BAD_REQUEST = 2,
    CMP_BAD_CERT_ID = 4,
    CMP_BAD_DATA_FORMAT = 5,
    CMP_BAD_POP = 9,
    CMP_WRONG_INTEGRITY = 12,
    CMP_BAD_RECIPIENT_NONCE = 13,
    CMP_BAD_SENDER_NONCE = 18,
    CMP_SIGNER_NOT_TRUSTED = 20,
    CMP_TRANSACTION_IN_USE = 21,
    CMP_UNSUPPORTED_VERSION = 22,
    CMP_NOT_AUTHORIZED = 23,
    CMP_SYSTEM_UNAVAIL = 24
};

/* How a message is protected: by nothing, by a signature we take (RSA or ECDSA with SHA-256, SHA-384 or SHA-512), by
   one that can be forged today or that we do not know, or by a MAC. */
enum cmp_protection { CMP_UNPROTECTED, CMP_SIGNED, CMP_SIGNED_WEAKLY, CMP_MACED };

struct cmp_msg { /* spans into the message, which must outlive it; empty = absent */
    struct span der;
    struct span header;     /* PKIHeader, whole */
    struct span body;       /* PKIBody, whole */
    struct span core;       /* header, body and protection one after the other: all but extraCerts */
    struct span sender;     /* GeneralName, whole */
    struct span sender_kid; /* key identifier of who signs, OCTET STRING contents as those below */
    struct span transaction;
    struct span sender_nonce;
    struct span recip_nonce;
    struct span info;      /* generalInfo [8], whole */
    struct span signer;    /* extraCerts[0], whole: RFC 9483 3.3 puts the certificate that signs there */
    struct span content;   /* what stands inside the body's tag */
    struct span signature; /* the protection's bits */
    int64_t version;
    int type; /* number of the body's choice */
    enum cmp_protection protection;
    struct span protection_alg; /* AlgorithmIdentifier, whole */
    /* NULL, or what makes it odd: an identifier or nonce of a length that is not kept (told as absent), more
       certificates than are looked at. It can be answered, and is refused. */
    const char *odd;
};

/* RC_INPUT with the place. Looks no further into a header than an answer to it needs. */
MUST enum rc cmp_msg_parse(struct span der, struct cmp_msg *out);

/* The same of a message's core alone: what its signer answers for. RC_INPUT. */
MUST enum rc cmp_core_parse(struct span core, struct cmp_msg *out);

/* Every field of the header, to the last bit (RFC 4210 5.1.1): nothing is signed or acted upon before. RC_INPUT. */
MUST enum rc cmp_msg_check(const struct cmp_msg *m);

/* The value of that type in the header's generalInfo, whole (RFC 4210 5.1.1). RC_NOT_FOUND, RC_INPUT: also when it
   stands there twice, or without a value. */
MUST enum rc cmp_msg_info(const struct cmp_msg *m, struct span type, struct span *value);
