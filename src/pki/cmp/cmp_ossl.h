/* Inside pki only: what server and client of CMP share of OpenSSL: owners, bytes to message and back, its complaints.
 */
#pragma once

#include <openssl/cmp.h>

#include "pki/cmp/cmp_msg.h"
#include "pki/key/ossl.h"

OSSL_OWN(OSSL_CMP_CTX, OSSL_CMP_CTX_free)
OSSL_OWN(OSSL_CMP_SRV_CTX, OSSL_CMP_SRV_CTX_free)
OSSL_OWN(OSSL_CMP_MSG, OSSL_CMP_MSG_free)
OSSL_OWN(OSSL_CMP_ITAV, OSSL_CMP_ITAV_free)
OSSL_OWN(ASN1_TYPE, ASN1_TYPE_free)
OSSL_OWN(ASN1_OBJECT, ASN1_OBJECT_free)
OSSL_OWN(ASN1_OCTET_STRING, ASN1_OCTET_STRING_free)

/* RC_INPUT, also when OpenSSL would write the message otherwise than it came: then it was no DER. */
MUST enum rc cmp_decode(struct span der, OSSL_CMP_MSG **out);
MUST enum rc cmp_encode(const OSSL_CMP_MSG *msg, struct buf *out);
MUST enum rc cmp_x509_der(const X509 *cert, struct buf *out);

/* Has one more InfoTypeAndValue stand in the generalInfo of what `ctx` writes: `value` is a SEQUENCE, whole. */
MUST enum rc cmp_info_put(OSSL_CMP_CTX *ctx, struct span type, struct span value);
/* Has one more question, an InfoTypeAndValue without value, stand in the genm that `ctx` writes. */
MUST enum rc cmp_question_put(OSSL_CMP_CTX *ctx, struct span type);

/* A log callback that says nothing: libraries return, edges log. */
int cmp_log_nothing(const char *func, const char *file, int line, OSSL_CMP_severity level, const char *text);

/* One certificate as a stack that holds its own reference; NULL out of memory. */
STACK_OF(X509) * cmp_stack_of(X509 *cert);
