/* The CA key in helper processes: forked before threads and before C_Initialize, each re-checks what it is asked to
   sign. The network process holds neither the key nor its PIN. */
#pragma once

#include "pki/ca/profile.h"
#include "pki/cmp/cmp_msg.h"

struct signer; /* the pool: one helper process per channel */

/* What the campaign lets be signed. Fixed when the pool starts: no caller can stretch it. */
struct signer_terms {
    bool new_key_allowed;           /* R5.9 */
    const char *ocsp_url, *crl_url; /* a new certificate has exactly these, "" none */
    int64_t issued_before;          /* R2.5: the old certificate's notBefore lies before it */
    int64_t ends_from, ends_to;     /* R2.3: its notAfter lies within, both ends included */
    int64_t clock_offset;           /* seconds to add to the machine's clock */
};

struct signer_config {
    const char *key_ref;  /* FILE or pkcs11:URI */
    const char *pin_file; /* may be NULL */
    struct span ca_der;   /* the new CA certificate: must belong to the key */
    struct span old_ca_der;
    int helpers; /* processes, ≥ 1 */
    struct signer_terms terms;
    struct signer_book *book; /* the pool's own; callers leave it NULL */
};

/* Forks the helpers, waits until each says that its key is open and matches, and starts a thread for each. Call before
   any other thread exists. */
MUST enum rc signer_open(const struct signer_config *cfg, struct signer **out);
void signer_free(struct signer *s); /* when nobody waits for it any more: closes the channels and reaps */
OWN(signer)

struct signer_request {
    struct span old_cert; /* DER; the helper verifies it under the old CA itself */
    struct span kur; /* the core of the CMP request that asks for it (pki/cmp/cmp_msg.h), at most CMP_KUR_LIMIT bytes */
    struct span tbs;
};

/* A signature on its way; lives where `done` finds it until that was called. */
struct signer_job {
    struct signer_request req; /* and what it points to */
    struct buf signature;
    /* On a thread of the pool, with signature or failure: short, and never waits. The last that is done with a job. */
    void (*done)(void *arg, enum rc rc, const char *text);
    void *arg;
    enum rc rc;          /* from here on the pool's */
    bool orphaned;       /* its helper died without a word of answer: another one may be asked */
    int deaths;          /* helpers that died with it in their hands: one may be bad luck, two are its own fault */
    char text[ERR_TEXT]; /* of a failure */
    struct signer_job *next;
};

/* Has a helper sign; when that one dies without an answer, asks one other, with nothing else in the packet.
   Thread-safe, returns at once. RC_LIMIT, RC_BUSY when no helper is alive (one that died is not replaced: fork after
   threads is not safe; /readyz tells, the service manager restarts): `done` is then not called. Done with RC_REFUSED
   when the helper's own checks say no, with RC_BUSY when the last helper dies or does not answer in time. A signature
   that does not hold under the CA certificate's key is never given: in memory OpenSSL checks what an RSA key made,
   against faults; all else the helper verifies. */
MUST enum rc signer_submit(struct signer *s, struct signer_job *job);

/* signer_submit and the wait for what it comes to. */
MUST enum rc signer_sign(struct signer *s, const struct signer_request *req, struct buf *signature);

/* AlgorithmIdentifier that signer_sign's signatures carry. */
struct span signer_alg(const struct signer *s);
int signer_alive(const struct signer *s); /* helpers still running */
