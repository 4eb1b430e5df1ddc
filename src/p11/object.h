/* Objects on a token: find, read and write certificates and keys. The token is the truth: after any error enumerate
 * again. */
#pragma once

#include "p11/sign.h"

#define OBJECTS_MAX  128
#define CKA_ID_MAX   64
#define CERT_DER_MAX 8192

struct p11_cert {
    CK_OBJECT_HANDLE handle;
    uint8_t id[CKA_ID_MAX];
    size_t id_len;
    char label[128]; /* cut at that length: for people only */
    struct buf der;  /* CKA_VALUE */
};
void p11_cert_free(struct p11_cert *c);

struct p11_certs { /* heap array, freed by p11_certs_free */
    struct p11_cert *at;
    size_t count;
    size_t unreadable; /* further ones, whose value the token does not give */
};
void p11_certs_free(struct p11_certs *list);

/* All X.509 certificate objects. Lists and reads: never searches by CKA_VALUE (some modules cannot). One that cannot be
   read is counted and hides no other. */
MUST enum rc p11_certs_list(const struct p11_session *s, struct p11_certs *out);

/* The public half of a key, as the token gives it. */
struct p11_key {
    CK_OBJECT_HANDLE handle;
    bool is_private;
    CK_KEY_TYPE type; /* CKK_RSA, CKK_EC */
    uint8_t id[CKA_ID_MAX];
    size_t id_len;
    char label[128];
    uint8_t modulus[512]; /* RSA: big endian without leading zeros; length 0 when the token does not tell */
    size_t modulus_len;
    uint8_t point[200]; /* EC: uncompressed point, OCTET STRING removed */
    size_t point_len;
};

/* Keys visible in this session: public ones before login, private ones after. */
MUST enum rc p11_keys_list(const struct p11_session *s, bool private_keys, struct p11_key *out, size_t cap,
                           size_t *count);

/* Is its public half this one (RSA by modulus, EC by point)? Keys belong to certificates by value, never by CKA_ID;
   false when the token does not tell. */
bool p11_key_is(const struct p11_key *k, struct span modulus, struct span point);

/* What a certificate object gets, all of it (libp11 leaves the serial number empty: others then miss it). DER spans. */
struct p11_cert_attrs {
    struct span subject, issuer, serial /* INTEGER whole */, value, id;
    const char *label;
};
/* How much of that it is given: tokens refuse what they do not know, or restrict the label's length. */
enum p11_template {
    TEMPLATE_FULL,
    TEMPLATE_LABEL_32,
    TEMPLATE_NO_LABEL,
    TEMPLATE_NO_PRIVATE,
    TEMPLATE_BARE,
    TEMPLATE_COUNT
};

/* Writes a token object. Any error means "unknown": list again. */
MUST enum rc p11_cert_create(const struct p11_session *s, const struct p11_cert_attrs *a, enum p11_template how,
                             CK_OBJECT_HANDLE *handle);
MUST enum rc p11_cert_set_id(const struct p11_session *s, CK_OBJECT_HANDLE cert, struct span id);
MUST enum rc p11_object_destroy(const struct p11_session *s, CK_OBJECT_HANDLE handle);
