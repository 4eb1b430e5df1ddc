/* Inside pki only: what the signer and its helpers say to each other, one message per packet of a socket pair. */
#pragma once

#include "pki/signer.h"

#define SIGNER_TEXT      512
#define SIGNER_PACKET    (sizeof(struct signer_ask) + 2 * CERT_LIMIT)
#define SIGNER_SIGNATURE 2048

struct signer_ask { /* then old_len bytes of certificate, tbs_len bytes to be signed */
    uint32_t old_len, tbs_len;
    int64_t contract_end;
};

struct signer_tell { /* one when the helper is ready, then one for each signer_ask */
    uint32_t rc;
    uint32_t len; /* bytes of signature, or of the text of a failure */
    uint8_t bytes[SIGNER_SIGNATURE];
};

/* The helper's life from fork to the end of its channel: never returns. */
_Noreturn void signer_helper_run(int channel, const struct signer_config *cfg);

/* What the helper has in its hands, and its judgement of one request: apart, so that a test can ask without a fork. */
struct signer_helper;
MUST enum rc signer_helper_open(const struct signer_config *cfg, struct signer_helper **out);
void signer_helper_free(struct signer_helper *h);
OWN(signer_helper)
MUST enum rc signer_helper_sign(struct signer_helper *h, const struct signer_request *req, struct buf *signature);
