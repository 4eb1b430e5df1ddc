/* The audit's lines on their way: the network process has them linked by the signers' parent, which has the seal key.
 */
#pragma once

#include "pki/signer/signer.h"

/* Where an audit ends, the lines that it goes on with, and the records that they rest on. */
struct signer_lines {
    int64_t seq;
    struct sha256 hash, mac;
    struct span lines;  /* each a uint32_t (this machine's byte order) and so many bytes */
    struct span claims; /* so many struct signer_claim */
};

/* The MAC of the new end, from the parent, which hashes the lines itself. Waits for its answer, some seconds at most.
   RC_NETWORK: it is away, or silent; RC_DB: it does not go on from there, as the text says; RC_REFUSED: a record is not
   as it was sealed. */
MUST enum rc signer_lines_link(struct signer *s, const struct signer_lines *in, struct sha256 *mac);

/* Has the parent enter into the journal what it lacks: so many pairs, fewer where no more fit into a packet; *taken
   says how many. A bit of *left for each of these that is not in it now: err_text() says of the last one why.
   RC_NETWORK: the parent is away, or silent; RC_IO, RC_LIMIT: the journal cannot be written. */
#define SIGNER_LATE 16
struct signer_pair {
    struct span old_cert, new_cert; /* DER */
};
MUST enum rc signer_lines_late(struct signer *s, const struct signer_pair *pairs, size_t count, size_t *taken,
                               uint32_t *left);

/* What was linked up to there is committed: nothing before it is linked again. Never waits. */
void signer_lines_kept(struct signer *s, int64_t seq);
