/* A private key we may sign with: a PEM file or a PKCS#11 object, behind one handle. OpenSSL types stay inside pki. */
#pragma once

#include "p11/object.h"
#include "pki/cert/cert.h"

struct key; /* holds an EVP_PKEY, and session and module when it lives on a token */

/* PEM, unencrypted. RC_NOT_FOUND, RC_INPUT. */
MUST enum rc key_open_file(const char *path, struct key **out);

/* RFC 7512 "pkcs11:…" with module-path, token or serial, object or id; logs in with `pin` (ptr NULL: none). */
MUST enum rc key_open_uri(const char *uri, struct span pin, struct key **out);

/* Is it a pkcs11: URI, not a file? */
bool key_on_token(const char *ref);

/* FILE or pkcs11:URI; `pin_file` may be NULL or empty. */
MUST enum rc key_open(const char *ref, const char *pin_file, struct key **out);

/* key_open for a process that lives long: where the token refuses a signature for another reason than its data, the
   key is opened anew with the same PIN, at once and whenever it is used again. Never after a login that was refused. */
MUST enum rc key_open_lasting(const char *ref, const char *pin_file, struct key **out);

/* The private key in `session` that belongs to `cert`; both must outlive it. RC_NOT_FOUND when the token has none. */
MUST enum rc key_open_token(const struct p11_session *session, const struct cert *cert, struct key **out);

/* When the token says in front of a signature that nobody is logged in, `again` is asked for a login, once for as long
   as the key lives: RC_OK means that the session in its place has one, and the signature is made; what else it answers
   is the signature's answer. */
void key_on_logout(struct key *k, enum rc (*again)(void *arg), void *arg);

void key_free(struct key *k);
OWN(key)

/* SHA-256 signature over `data` (PKCS#1 v1.5, or ECDSA as DER), and the AlgorithmIdentifier DER that goes with it.
   Thread-safe: of a key on a token one signs after the other. RC_TOKEN and what else a token says; RC_CRYPTO: what it
   gave back does not hold, and does not leave. */
MUST enum rc key_sign(struct key *k, struct span data, struct buf *signature);
/* Is each signature verified before it is given? An RSA key's in memory is, by OpenSSL (a fault in the short way by the
   primes would betray them), and a token's, by key_sign. What an EC key in memory signs is verified by nobody yet. */
bool key_checks_itself(const struct key *k);
/* Did the token refuse the last signature for another reason than what was to be signed? A session, a handle, a login
   that were lost do not come back by themselves. */
bool key_lost(struct key *k);
/* Did the last signature succeed? After one that did not it tries another one itself, every few seconds at most: who is
   told that nothing is signed may ask for nothing any more. */
bool key_signs(struct key *k);
struct span key_sig_alg(const struct key *k);                 /* static storage */
MUST enum rc key_spki(const struct key *k, struct buf *spki); /* SubjectPublicKeyInfo DER, whole */
bool key_matches(const struct key *k, const struct cert *c);

/* New keys. bits 0: EC P-256; else RSA. Written 0600, never over an existing file. */
MUST enum rc key_make_file(const char *path, int bits, struct key **out);

/* Does `signature` over `data` (SHA-256) hold under the certificate's key? RC_CRYPTO. */
MUST enum rc key_verify(const struct cert *c, struct span data, struct span signature);
