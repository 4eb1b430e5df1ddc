/* The CA key in helper processes, each of which re-checks what it is asked to sign. A small parent, forked before
   threads and before C_Initialize or run as a service of its own (signer_service.h), forks them and replaces who dies.
 */
#pragma once

#include "pki/ca/profile.h"
#include "pki/cmp/cmp_msg.h"
#include "pki/seal/seal_record.h"

struct signer; /* the pool: one helper process per channel */

/* What the campaign lets be signed. Fixed when the pool starts: no caller can stretch it. */
struct signer_terms {
    bool new_key_allowed;           /* R5.9 */
    const char *ocsp_url, *crl_url; /* a new certificate has exactly these, "" none */
    int64_t issued_before;          /* R2.5: the old certificate's notBefore lies before it */
    int64_t ends_from, ends_to;     /* R2.3: its notAfter lies within, both ends included */
    int64_t earliest_begin;         /* no new certificate begins before */
    int min_key_bits;               /* of an RSA key that is renewed */
    int64_t clock_offset;           /* seconds to add to the machine's clock */
    int32_t utc_offset;             /* of the contracts' days */
};

/* Something to be logged, told in the process where it happens: mostly the parent's. */
struct signer_event {
    const char *name; /* "signer-helper-died" … */
    bool grave;       /* no helper is started for now, or none at all */
    const char *text;
};

struct signer_config {
    const char *socket;   /* not empty: the service there has the key and its PIN, which are not read here */
    const char *key_ref;  /* FILE or pkcs11:URI */
    const char *pin_file; /* may be NULL */
    struct span ca_der;   /* the new CA certificate: must belong to the key */
    struct span old_ca_der;
    int helpers;  /* processes, ≥ 1 */
    int restarts; /* a minute at most; 0: ten more than there are helpers */
    struct signer_terms terms;
    const char *seal_file;                      /* read by the parent only; NULL or "": there is none */
    const char *journal;                        /* the parent's, with its seal; NULL: known as long as it lives */
    struct seal *seal;                          /* the pool's own; callers leave it NULL */
    void (*tell)(const struct signer_event *e); /* may be NULL */
};

/* Forks the parent and waits until each helper has said that its key is open and matches: one starts after the other,
   so a wrong PIN costs one try, and its code comes back. With a service nobody is forked, and one that is away is not
   waited for. Call before any other thread exists. */
MUST enum rc signer_open(const struct signer_config *cfg, struct signer **out);
void signer_free(struct signer *s); /* when nobody waits for it any more: closes the channels and reaps */
OWN(signer)

/* The operator's record of the old certificate, and its seal: what the contract gives is not the caller's word. */
struct signer_claim {
    uint32_t sealed; /* 0: it has none */
    struct seal_record record;
    struct sha256 mac;
};

struct signer_request {
    struct span old_cert; /* DER; the helper verifies it under the old CA itself */
    struct span kur; /* the core of the CMP request that asks for it (pki/cmp/cmp_msg.h), at most CMP_KUR_LIMIT bytes */
    struct span tbs;
    struct signer_claim claim; /* not looked at when the parent has no seal key */
};

/* A signature on its way; lives where `done` finds it until that was called. */
struct signer_job {
    struct signer_request req; /* and what it points to */
    struct buf signature;
    /* On a thread of the pool, with signature or failure: what it does (a signature of the responder, mostly) the other
       jobs of its packet wait for; it waits for nobody. The last that is done with a job. */
    void (*done)(void *arg, enum rc rc, const char *text);
    void *arg;
    enum rc rc;  /* from here on the pool's */
    int tries;   /* helpers that got it: who was asked in vain may be unlucky, of two it is the job's own fault */
    int hands;   /* those that have it just now: two when the first is slow */
    bool queued; /* for one more */
    char text[ERR_TEXT]; /* of a failure */
    struct signer_job *next;
};

/* Has a helper sign. When that one dies without an answer, or gives none for a second or two, one other is asked too,
   with nothing else in the packet, and the first answer counts. Thread-safe, returns at once. RC_LIMIT; RC_BUSY when no
   helper is alive and none is about to come: `done` is then not called. Done with RC_REFUSED when the helper's own
   checks say no, with RC_EXISTS when other bytes were signed for that old certificate before, with RC_BUSY when both
   die or hang, no helper comes back for a while, or the journal cannot be written. A signature that does not hold under
   the CA certificate's key is never given: in memory OpenSSL checks what an RSA key made, against faults; all else the
   helper verifies. */
MUST enum rc signer_submit(struct signer *s, struct signer_job *job);

/* signer_submit and the wait for what it comes to. */
MUST enum rc signer_sign(struct signer *s, const struct signer_request *req, struct buf *signature);

/* AlgorithmIdentifier that signer_sign's signatures carry. */
struct span signer_alg(const struct signer *s);

struct signer_health {
    int alive, wanted; /* helpers; a service that was never reached wants 0 */
    int64_t restarts;  /* helpers replaced since the parent's start */
    /* Why none is being started now. RC_OK: all is well; RC_NETWORK: the service is away; RC_BUG: the parent is;
       RC_PIN_…; RC_BUSY: too many have died within a minute; else what the key's opening said. */
    enum rc rc;
    char why[ERR_TEXT]; /* may name files: not for everybody */
    bool unwritten;     /* the journal, of late: nothing is signed. Not for long, for only who signs finds out anew */
};
#define SIGNER_UNWRITTEN_MS (30 * 1000)
void signer_look(const struct signer *s, struct signer_health *out);
int signer_alive(const struct signer *s);
void signer_retry(struct signer *s); /* an operator says that the PIN is right now: it is tried once more */
