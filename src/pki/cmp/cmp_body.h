/* What stands in the bodies that a server of renewals is sent: a key update request, and the word on its certificate
   (RFC 4210 5.3, RFC 4211). Zero-copy, strict. */
#pragma once

#include "pki/cmp/cmp_in.h"

/* Proof of possession (RFC 4211 section 4). */
enum cmp_popo { CMP_POPO_NONE, CMP_POPO_RA, CMP_POPO_SIGNATURE, CMP_POPO_OTHER };

struct cmp_request {               /* spans into the message; empty = absent */
    struct span cert_request;      /* CertRequest, whole: what a proof of possession signs */
    struct span spki;              /* contents of the template's public key [6], which stands for a SEQUENCE */
    struct span subject;           /* Name, whole */
    struct span extensions;        /* contents of [9]: one Extension after the other */
    int64_t not_before, not_after; /* INSTANT_NONE: not asked for */
    struct span version;           /* of the template, INTEGER contents */
    struct span signing_alg;       /* contents of [2], which stands for a SEQUENCE */
    struct span issuer;            /* of the template: Name, whole */
    bool other_fields;             /* the template asks for a serial number or unique identifier */
    struct span old_issuer;        /* oldCertID: Name, whole */
    struct span old_serial;        /* oldCertID: INTEGER contents */
    enum cmp_popo popo;
    struct cmp_alg pop_alg; /* of CMP_POPO_SIGNATURE, as what follows */
    struct span
        pop_input; /* contents of poposkInput [0], which stands for a SEQUENCE; absent: cert_request is signed */
    struct span pop_input_spki; /* the key in it, whole */
    struct span pop_sender;     /* whom it names, Name, whole */
    struct span pop_signature;
};

/* The one CertReqMsg of a kur (certReqId 0). RC_INPUT. */
MUST enum rc cmp_request_parse(struct span content, struct cmp_request *out);

/* Does `granted` differ from what the template asked for, in subject, window, extensions or what nobody may ask for
   (RFC 4210 5.2.3 grantedWithMods)? */
bool cmp_request_modified(const struct cmp_request *r, const struct cert *granted);

/* What a certConf or an error says about the certificate. An empty certConf rejects (RFC 4210 5.3.18). RC_INPUT; a
   hashAlg is of `version` 3 only (RFC 9480 2.10). */
struct cmp_status {
    bool accepted;
    bool contradicts;      /* itself: accepted, and yet a failure, or neither accepted nor rejected */
    struct span text;      /* first statusString, UTF-8 */
    struct span cert_hash; /* of a certConf that is not empty */
    enum hash hash;        /* it was made with: the certificate's own, SHA-256, when none is named */
};
MUST enum rc cmp_status_parse(const struct cmp_msg *m, struct cmp_status *out);
