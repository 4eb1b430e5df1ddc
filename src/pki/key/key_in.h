/* Inside pki only: what a private key consists of. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "pki/key/pubkey.h"

struct key;

struct key_again { /* how a lasting key is opened anew, in a session of its own; what it takes is behind it */
    enum rc (*open)(struct key *k); /* RC_PIN_…: a login was refused, and none is tried any more */
    void (*free)(struct key_again *a);
};

struct key_token {            /* where the private half lives when it is not in memory */
    struct p11_module module; /* fn NULL: the caller's, not ours to close */
    struct p11_session own;   /* handle 0: the caller's */
    const struct p11_session *session;
    CK_OBJECT_HANDLE handle;
    /* Finds the private object in the session as it is now, for a login may change handles. RC_NOT_FOUND. */
    enum rc (*find_again)(struct key *k);
    uint8_t id[CKA_ID_MAX]; /* the private object's CKA_ID: it is found by it when the handle is another one */
    size_t id_len;
    bool turns;           /* `turn` is made */
    pthread_mutex_t turn; /* one private operation at a time: they are states of the session */
    enum rc failed;       /* of the last one */
    bool lost;            /* … which was no fault of the data: key_lost */
    bool hashes;          /* it signs by mechanisms that hash by themselves (key_whole.h) … */
    bool turned;          /* … as was found just now, without the data at hand: another attempt may do */
    struct span whole;    /* that data, while it is signed, and the hash wanted */
    enum hash hash;
    atomic_bool failing; /* the last one: key_signs */
    _Atomic int64_t tried_ms;
    struct key_again *again; /* NULL: it is not opened anew */
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

/* key_open_lasting of a key on a token. */
MUST enum rc key_open_uri_lasting(const char *uri, const char *pin_file, struct key **out);

/* A text to sign where any will do. */
#define KEY_PROBE "capbu: does this key sign?"

/* Fills spki and pub. */
MUST enum rc key_set_spki(struct key *k, struct span spki);

/* Makes raw and pkey from `pub`, with private operations going to k->token. */
MUST enum rc key_hook_token(struct key *k);
