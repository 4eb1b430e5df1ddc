/* The server side of CMP (RFC 4210, 9480, 9483) for one message: kur, certConf, error, genm. Holds no state between
   messages: what a transaction needs is asked of the hooks, so a restart or a second node changes nothing. */
#pragma once

#include "pki/cmp/cmp_consent.h"
#include "pki/cmp/cmp_write.h"

#define CMP_CODE  256 /* room for reason codes joined by ";" */
#define CMP_LIMIT (64 * 1024)

/* What a kur asks for, verified: protection and proof of possession hold under `signer`'s key. */
struct cmp_kur {
    struct span transaction; /* transactionID */
    struct span request;     /* the whole message, DER */
    struct span core;        /* of it, what its signer answers for (cmp_msg.h) */
    struct span signer;      /* DER of the certificate that protects the message */
    struct span old_serial;  /* oldCertID serial, INTEGER contents; empty when absent */
    struct span old_issuer;  /* oldCertID issuer Name DER; empty when absent */
    struct span new_spki;    /* public key in the template, whole; empty when absent */
    const struct cmp_consent *consent;
    /* Writes the answer that grants a certificate; it is to be kept in the transaction that stores that. Called by
       whichever thread has the certificate first, while who asked waits. */
    enum rc (*compose)(void *arg, struct span certificate, struct buf *response);
    void *compose_arg;
};

/* The application's answer to a kur. */
struct cmp_answer {
    bool granted;
    bool proven;            /* refused: the old certificate is one of ours, so the request is its subscriber's */
    struct buf certificate; /* granted: the new certificate, DER */
    struct buf response;    /* and what was composed for it, as it is kept under the transaction */
    char code[CMP_CODE];    /* refused: reason code, e.g. "not-open-yet" or "suspended;expiry-differs" */
    char text[512];         /* refused: for people, UTF-8 */
    bool try_later;         /* refused: failInfo systemUnavail instead of a final one */
};
void cmp_answer_free(struct cmp_answer *a);

/* A finished transaction as the store keeps it. */
struct cmp_saved {
    struct buf request;     /* the kur, DER */
    struct buf response;    /* our kup, DER; empty: it was not answered yet */
    struct buf certificate; /* what was issued, DER */
};
void cmp_saved_free(struct cmp_saved *s);

struct cmp_hooks {
    /* Judges, reserves, signs, composes, and stores certificate and answer in one. The very same kur again gets the
       answer that it got; RC_EXISTS: another message has its transaction. Other RC_* only when the server itself
       failed: nothing is then granted and the client may try again. */
    enum rc (*reissue)(void *arg, const struct cmp_kur *kur, struct cmp_answer *answer);
    /* RC_NOT_FOUND when no such transaction was granted. */
    enum rc (*load)(void *arg, struct span transaction, struct cmp_saved *saved);
    /* The subscriber's program says that the certificate is on the token (accepted), or could not be installed.
     * Idempotent. Accepted: what is put into `keep` goes back with pkiConf. */
    enum rc (*confirm)(void *arg, struct span transaction, struct span certificate, bool accepted, const char *text,
                       struct cmp_keep *keep);
    /* The same once more, for the key of the old or the new certificate. RC_NOT_FOUND: nothing is confirmed. */
    enum rc (*keep)(void *arg, struct span certificate, struct cmp_keep *keep);
    /* A message that was refused before reissue could judge it: altered, replayed, unreadable. `serial` is of the
     * certificate whose key signed it, one of the two CAs'; empty: nothing proves who sent it, and whatever it names is
     * a stranger's word. `text` is what the client is told. */
    enum rc (*refused)(void *arg, struct span transaction, struct span serial, const char *code, const char *text);
    void *arg;
};

struct cmp_srv; /* immutable after open, shared between threads */

struct cmp_srv_config {
    struct key *key;    /* signs the answers */
    struct span cert;   /* its certificate, DER, under the new CA */
    struct span new_ca; /* DER */
    struct span old_ca; /* DER; who signed a kur is for the hook to judge, who signed a genm is under one of the two */
    bool implicit_confirm; /* granted to who asks for it: the answer then counts as confirmed */
};
MUST enum rc cmp_srv_open(const struct cmp_srv_config *cfg, struct cmp_srv **out);
void cmp_srv_free(struct cmp_srv *s);
OWN(cmp_srv)

/* One message in, one out. The very same kur again is answered with the very same bytes; a transactionID used again for
   another message is refused. RC_INPUT: no CMP message at all (HTTP 400); RC_LIMIT; other codes: our failure (HTTP 503,
   nothing lost). `now`: RC_CRYPTO when our own certificate is not valid then. Refusals before reissue have one of the
   codes bad-message bad-version unsupported bad-protection bad-pop no-certificate signer-unknown transaction-in-use
   unknown-transaction bad-confirmation. `refusal` (or NULL) gets the reason code for the log, "" when none. */
MUST enum rc cmp_srv_handle(const struct cmp_srv *s, struct span message, int64_t now, const struct cmp_hooks *hooks,
                            struct buf *response, char refusal[CMP_CODE]);
