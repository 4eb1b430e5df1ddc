/* Key update requests written by hand, well or otherwise: for tests that need more of them, or odder ones, than a
   client makes. */
#pragma once

#include "pki/key/key.h"

struct kur {
    struct span old_cert;   /* DER; goes along in extraCerts */
    struct key *key;        /* its key: protects the message */
    struct key *new_key;    /* the template's, proves possession; NULL: the same key */
    struct span info;       /* InfoTypeAndValues, one after the other; empty: none */
    struct span template;   /* fields before the public key, DER; empty: none */
    struct span extensions; /* the template's [9], whole; empty: none */
    int version;            /* pvno; 0: 2 */
    struct span sender;     /* GeneralName, whole; empty: the old certificate's subject */
    struct span recipient;  /* GeneralName, whole; empty: the NULL-DN */
    struct span time;       /* messageTime [0], whole; empty: none */
    struct span reg_info;   /* whole; empty: none */
    struct span status;     /* of a confirmation: PKIStatusInfo, whole; empty: as `text` says */
    bool no_transaction;
    struct span popo;     /* in place of its own, whole; empty: its own */
    bool no_key, no_popo; /* left out of the template, of the request */
    uint32_t number;      /* tells transactions apart */
};

MUST enum rc kur_write(const struct kur *k, struct buf *message);

/* `part` is header and body, one after the other: signs them and writes the message. */
MUST enum rc kur_protect(const struct kur *k, struct span part, struct buf *message);

/* A genm with these InfoTypeAndValues. */
MUST enum rc kur_ask(const struct kur *k, struct span questions, struct buf *message);

/* A certConf for the certificate in `kup`, as the sender of `k` would answer it; `text` NULL accepts. */
MUST enum rc kur_confirm(const struct kur *k, struct span kup, const char *text, struct buf *message);
