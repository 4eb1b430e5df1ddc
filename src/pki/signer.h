/* The CA key in helper processes: forked before threads and before C_Initialize, each re-checks what it is asked to
   sign. The network process holds neither the key nor its PIN. */
#pragma once

#include "pki/profile.h"

struct signer; /* the pool: one helper process per channel */

struct signer_config {
    const char *key_ref;  /* FILE or pkcs11:URI */
    const char *pin_file; /* may be NULL */
    struct span ca_der;   /* the new CA certificate: must belong to the key */
    struct span old_ca_der;
    int helpers;          /* processes, ≥ 1 */
    bool new_key_allowed; /* R5.9 */
};

/* Forks the helpers and waits until each says that its key is open and matches. Call before any thread exists. */
MUST enum rc signer_open(const struct signer_config *cfg, struct signer **out);
void signer_free(struct signer *s); /* closes the channels and reaps */
OWN(signer)

struct signer_request {
    struct span old_cert; /* DER; the helper verifies it under the old CA itself */
    struct span tbs;
    int64_t contract_end;
};

/* Waits for a free helper; when that one dies without an answer, asks one other. RC_REFUSED when the helper's own
   checks say no, RC_BUSY when no helper is alive (one that died is not replaced: fork after threads is not safe;
   /readyz tells, the service manager restarts) or none answers in time. Thread-safe. */
MUST enum rc signer_sign(struct signer *s, const struct signer_request *req, struct buf *signature);

/* AlgorithmIdentifier that signer_sign's signatures carry. */
struct span signer_alg(const struct signer *s);
int signer_alive(const struct signer *s); /* helpers still running */
