/* Inside pki only: what a private key consists of. */
#pragma once

#include <pthread.h>

#include "pki/key/pubkey.h"

struct key_token {            /* where the private half lives when it is not in memory */
    struct p11_module module; /* fn NULL: the caller's, not ours to close */
    struct p11_session own;   /* handle 0: the caller's */
    const struct p11_session *session;
    CK_OBJECT_HANDLE handle;
    bool turns;           /* `turn` is made */
    pthread_mutex_t turn; /* one private operation at a time: they are states of the session */
    enum rc failed;       /* of the last one */
    bool lost;            /* … which was no fault of the data: key_lost */
};

struct key {
    EVP_PKEY *pkey;         /* what OpenSSL's protocols take */
    struct pubkey raw;      /* the same key for raw signing: with its private half, or hooked to the token */
    struct buf spki;        /* SubjectPublicKeyInfo, DER */
    struct cert pub;        /* the key fields only, views into `spki` */
    struct key_token token; /* session NULL: a key in memory */
};

/* SHA-1 is for drills that look like 2015. RC_CRYPTO, or what the token said. */
MUST enum rc key_sign_hash(struct key *k, enum hash h, struct span data, struct buf *signature);

/* Fills spki and pub. */
MUST enum rc key_set_spki(struct key *k, struct span spki);

/* Makes raw and pkey from `pub`, with private operations going to k->token. */
MUST enum rc key_hook_token(struct key *k);
