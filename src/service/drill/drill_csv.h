/* A drill's import file: its header, and a row with a real certificate for each made-up subscriber. */
#pragma once

#include "pki/ca/mint.h"
#include "service/drill/drill_person.h"

/* The keys a drill signs with; both live in memory only. */
struct drill_ca {
    struct key *key;       /* the old CA's */
    struct buf der;        /* its certificate */
    struct cert cert;      /* views into `der` */
    struct key *other_key; /* another CA's with the same name: told apart by key only (R5.4) */
    struct buf other_der;
    struct cert other_cert;
};
void drill_ca_free(struct drill_ca *ca);

struct site;
/* RC_NOT_FOUND: the installation has no drill CA of its own (it was made with --old-ca, or is no drill). */
MUST enum rc drill_ca_open(const struct site *s, struct drill_ca *out);

/* The certificate of one subscriber over `modulus` (RSA, e = 65537); the key of DRILL_OTHER_CA's issuer is another one.
 * Thread-safe. */
MUST enum rc drill_certificate(const struct drill_ca *ca, const struct drill_person *p, struct span modulus,
                               struct buf *der);

/* A modulus nobody has the factors of: for rows without a token. `out` has bits / 8 bytes. */
void drill_modulus(uint64_t key_seed, uint8_t *out, size_t len);

MUST enum rc drill_csv_header(struct buf *out);
MUST enum rc drill_csv_row(const struct drill_person *p, struct span der, struct buf *out);
