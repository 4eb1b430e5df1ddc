/* Makes certificates that no campaign issues: a drill's CAs and subscribers, the server's TLS and CMP certificates. */
#pragma once

#include "pki/key/key.h"

/* Self-signed CA certificates of the letter's profile (domain.md table): 2 old, 3 new. `old_ca`: SHA-1 signature as the
 * real one. */
struct mint_ca {
    const char *common_name, *organisation, *locality /* NULL: none */, *country;
    int64_t not_before, not_after;
    bool sha1;
};
MUST enum rc mint_ca(const struct mint_ca *in, struct key *k, struct buf *der);

/* TLS server certificate: its own anchor, names localhost, 127.0.0.1 and `host` when that is another one. */
MUST enum rc mint_tls(struct key *k, const char *host, int64_t not_before, int64_t not_after, struct buf *der);

/* The certificate under the new CA whose key protects CMP answers. */
MUST enum rc mint_cmp(struct key *ca_key, const struct cert *ca, struct key *k, int64_t not_before, int64_t not_after,
                      struct buf *der);

/* The one whose key signs token models. */
MUST enum rc mint_publisher(struct key *ca_key, const struct cert *ca, struct key *k, int64_t not_before,
                            int64_t not_after, struct buf *der);

/* A subscriber certificate of 2018's profile (subscriber-profiles-masked.txt), with its defects: SHA-1, cRLIssuer
 * reversed. */
struct mint_subscriber {
    uint8_t serial[SERIAL_MAX];
    size_t serial_len;
    const char *tax_code, *name, *province; /* UID=MST:…, CN, L */
    int64_t not_before, not_after;
    struct span spki;
    bool no_aki;
};
MUST enum rc mint_subscriber(const struct mint_subscriber *in, struct key *ca_key, const struct cert *ca,
                             struct buf *der);
