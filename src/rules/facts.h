/* What the rules judge: facts read from a certificate and from the contract it was sold under. Plain values. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SERIAL_MAX 21 /* bytes: 20 by RFC 5280 4.1.2.2, and a sign byte; not every CA kept to it */
#define KEY_ID_MAX 32

enum key_kind { KEY_RSA, KEY_EC, KEY_OTHER };

/* Where a certificate is not as RFC 5280 has it and was read all the same: a note for whoever looks into it. */
enum oddity {
    ODD_VERSION,
    ODD_SERIAL,
    ODD_TIME,
    ODD_ISSUER,
    ODD_SUBJECT,
    ODD_KEY,
    ODD_EXTENSIONS,
    ODD_SKI,
    ODD_KEY_USAGE,
    ODD_SAN,
    ODD_BASIC,
    ODD_NAME_CONSTRAINTS,
    ODD_CRL_POINTS,
    ODD_POLICIES,
    ODD_AKI,
    ODD_EKU,
    ODD_AIA,
    ODD_OTHER, /* another extension, of a kind that is no subscriber's */
    ODD_COUNT
};
const char *oddity_name(enum oddity o); /* the field's or extension's own name */

/* What in an old certificate no new one can be made of: the profile would refuse it, or its key could never ask. */
enum unfit {
    UNFIT_CA,     /* it says, or may say, that it is a CA's */
    UNFIT_USAGE,  /* its key signs certificates or CRLs, or no messages */
    UNFIT_NAME,   /* no subject, or one that is not written right */
    UNFIT_KEY,    /* too large to be verified by everybody, or no key at all: a point off its curve */
    UNFIT_COPIED, /* an extension that would be copied is not written right */
    UNFIT_SIZE,   /* name, key and extensions leave no room for what is added */
    UNFIT_FORM,   /* it is read as far as it takes to say whose it is, and not taken */
    UNFIT_COUNT
};
const char *unfit_name(enum unfit u); /* "ca" "key-usage" "name" "key" "extension" "size" "form" */

/* Who issued it, decided by key and never by name (R5.4). */
enum issuer { ISSUER_OTHER, ISSUER_OLD, ISSUER_NEW };

/* Filled by pki/cert from DER, and by pki/ca/ca.c as far as keys are computed with. */
struct cert_facts {
    uint8_t serial[SERIAL_MAX]; /* INTEGER contents as encoded */
    uint8_t serial_len;
    uint8_t aki[KEY_ID_MAX]; /* authority key identifier; length 0 = absent */
    uint8_t aki_len;
    uint8_t ski[KEY_ID_MAX]; /* subject key identifier; length 0 = absent */
    uint8_t ski_len;
    int64_t not_before; /* instants, UTC */
    int64_t not_after;
    enum key_kind key_kind;
    uint16_t key_bits; /* RSA modulus, EC curve */
    bool ca;
    uint32_t odd;   /* bits (1 << enum oddity) */
    uint32_t unfit; /* bits (1 << enum unfit); of a key off its curve only when the old CA signed it */
    enum issuer issuer;
    bool signature_ok; /* verified with the key of `issuer`; false when that is ISSUER_OTHER */
};

enum device { DEVICE_NONE, DEVICE_V1, DEVICE_V2, DEVICE_V3, DEVICE_V4, DEVICE_V5, DEVICE_V6, DEVICE_COUNT };
enum status { STATUS_ACTIVE, STATUS_SUSPENDED, STATUS_REVOKED, STATUS_COUNT };
enum channel { CHANNEL_SELF, CHANNEL_AM, CHANNEL_AGENT, CHANNEL_HOTLINE, CHANNEL_COUNT };

/* What the operator's records say about one certificate, and how far we are with it. */
struct case_facts {
    bool known; /* false: no such certificate was imported; the rest is then meaningless */
    enum status status;
    int32_t contract_to; /* the contract's last day */
    enum device device;
    uint8_t province; /* two-digit code */
    bool compensated; /* a new certificate was issued for it */
    bool unrecorded;  /* one was signed, and records that were put back do not have it */
};

/* 9 to 14 digits, and for a branch a dash and 3 more (interfaces.md, Import). */
bool tax_code_valid(const char *text);

/* The names of interfaces.md; _from gives false on an unknown name. */
const char *device_name(enum device d); /* "v1" .. "v6" */
bool device_from(const char *name, enum device *d);
const char *status_name(enum status s);
bool status_from(const char *name, enum status *s);
const char *channel_name(enum channel c); /* "self" "am" "agent" "hotline" */
bool channel_from(const char *name, enum channel *c);
