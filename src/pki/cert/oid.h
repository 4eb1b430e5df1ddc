/* Object identifiers by name: the contents bytes as spans, to compare with what the reader gives. */
#pragma once

#include "base/buf.h"

#define OID(bytes) ((struct span){(const uint8_t *)("" bytes), sizeof(bytes) - 1})

/* Attributes of a Name (X.520, RFC 4519, PKCS#9). */
#define OID_CN            OID("\x55\x04\x03")
#define OID_SURNAME       OID("\x55\x04\x04")
#define OID_SERIAL_NUMBER OID("\x55\x04\x05")
#define OID_C             OID("\x55\x04\x06")
#define OID_L             OID("\x55\x04\x07")
#define OID_ST            OID("\x55\x04\x08")
#define OID_STREET        OID("\x55\x04\x09")
#define OID_O             OID("\x55\x04\x0a")
#define OID_OU            OID("\x55\x04\x0b")
#define OID_TITLE         OID("\x55\x04\x0c")
#define OID_GIVEN_NAME    OID("\x55\x04\x2a")
#define OID_UID           OID("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01")
#define OID_DC            OID("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19")
#define OID_EMAIL         OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01")

/* Keys and signatures. */
#define OID_RSA          OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")
#define OID_RSA_SHA1     OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05")
#define OID_RSA_SHA256   OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b")
#define OID_RSA_SHA384   OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c")
#define OID_RSA_SHA512   OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d")
#define OID_EC           OID("\x2a\x86\x48\xce\x3d\x02\x01")
#define OID_ECDSA_SHA256 OID("\x2a\x86\x48\xce\x3d\x04\x03\x02")
#define OID_ECDSA_SHA384 OID("\x2a\x86\x48\xce\x3d\x04\x03\x03")
#define OID_ECDSA_SHA512 OID("\x2a\x86\x48\xce\x3d\x04\x03\x04")
#define OID_SHA256       OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01")
#define OID_SHA384       OID("\x60\x86\x48\x01\x65\x03\x04\x02\x02")
#define OID_SHA512       OID("\x60\x86\x48\x01\x65\x03\x04\x02\x03")
#define OID_P256         OID("\x2a\x86\x48\xce\x3d\x03\x01\x07")
#define OID_P384         OID("\x2b\x81\x04\x00\x22")
#define OID_P521         OID("\x2b\x81\x04\x00\x23")

/* Extensions (RFC 5280 4.2) and what stands in them. */
#define OID_SKI              OID("\x55\x1d\x0e")
#define OID_KEY_USAGE        OID("\x55\x1d\x0f")
#define OID_SAN              OID("\x55\x1d\x11")
#define OID_BASIC            OID("\x55\x1d\x13")
#define OID_NAME_CONSTRAINTS OID("\x55\x1d\x1e")
#define OID_CRL_POINTS       OID("\x55\x1d\x1f")
#define OID_POLICIES         OID("\x55\x1d\x20")
#define OID_AKI              OID("\x55\x1d\x23")
#define OID_EKU              OID("\x55\x1d\x25")
#define OID_AIA              OID("\x2b\x06\x01\x05\x05\x07\x01\x01")
#define OID_IP_BLOCKS        OID("\x2b\x06\x01\x05\x05\x07\x01\x07")
#define OID_AS_IDS           OID("\x2b\x06\x01\x05\x05\x07\x01\x08")
#define OID_PROXY            OID("\x2b\x06\x01\x05\x05\x07\x01\x0e")
#define OID_NS_CERT_TYPE     OID("\x60\x86\x48\x01\x86\xf8\x42\x01\x01")
#define OID_AD_OCSP          OID("\x2b\x06\x01\x05\x05\x07\x30\x01")
#define OID_EKU_SERVER_AUTH  OID("\x2b\x06\x01\x05\x05\x07\x03\x01")
#define OID_EKU_CODE_SIGNING OID("\x2b\x06\x01\x05\x05\x07\x03\x03")
#define OID_EKU_CMC_RA       OID("\x2b\x06\x01\x05\x05\x07\x03\x1c") /* id-kp-cmcRA, RFC 6402 */

/* keyUsage as its BIT STRING's bytes, the first one lowest (RFC 5280 4.2.1.3). */
#define USAGE_DIGITAL_SIGNATURE 0x80
#define USAGE_NON_REPUDIATION   0x40
#define USAGE_KEY_ENCIPHERMENT  0x20
#define USAGE_CERT_SIGN         0x04
#define USAGE_CRL_SIGN          0x02
#define USAGE_CA_ONLY           (USAGE_CERT_SIGN | USAGE_CRL_SIGN)

/* Ours: 2.25 and a UUID (ITU-T X.667), so nobody had to be asked. The receipt in generalInfo: doc/protocol.md. */
#define OID_RECEIPT OID("\x69\x82\xf8\xfd\x90\xcd\xa5\x99\xc2\xa7\xc1\x9c\x9e\x88\xc4\xdf\x80\xa6\x94\x23")

/* id-it (RFC 4210 5.3.19, RFC 9480): its types by their last number. */
#define OID_IT               OID("\x2b\x06\x01\x05\x05\x07\x04")
#define IT_IMPLICIT_CONFIRM  13
#define IT_CONFIRM_WAIT_TIME 14
#define IT_LANGUAGES         16
#define IT_LAST_SHAPED       16 /* up to here RFC 4210 says what the value is */
#define IT_CA_CERTS          17
#define IT_ROOT_CA_UPDATE    18
#define IT_ROOT_CA_CERT      20
#define OID_IMPLICIT_CONFIRM OID("\x2b\x06\x01\x05\x05\x07\x04\x0d")

/* The secret beside the receipt. Under the receipt's own number. */
#define OID_SECRET OID("\x69\x82\xf8\xfd\x90\xcd\xa5\x99\xc2\xa7\xc1\x9c\x9e\x88\xc4\xdf\x80\xa6\x94\x23\x02")

/* What the subscriber agreed to, in generalInfo of a kur: doc/protocol.md. Under the receipt's own number. */
#define OID_CONSENT OID("\x69\x82\xf8\xfd\x90\xcd\xa5\x99\xc2\xa7\xc1\x9c\x9e\x88\xc4\xdf\x80\xa6\x94\x23\x01")
