/* Inside the signer only: the parent's end of the audit. It seals an end that goes on from one that it sealed, and
   never goes back behind what was committed. */
#pragma once

#include "pki/signer/signer_lines.h"

#define CHAIN_PACKET (32 * 1024) /* bytes of a packet; a line is no longer */

enum chain_word {
    CHAIN_LINK,   /* the end so far, and lines; more may follow */
    CHAIN_MORE,   /* lines */
    CHAIN_CLAIMS, /* so many struct signer_claim that the lines rest on: RC_REFUSED when a seal does not hold */
    CHAIN_KEPT,   /* `seq` is committed; is not answered */
    CHAIN_LATE    /* pairs of certificates for the journal (signer_late.h), each with its length before it */
};

struct chain_ask { /* lines follow it in its packet */
    uint32_t word, last;
    uint64_t id; /* comes back with the answer */
    int64_t seq;
    struct sha256 hash, mac;
};

#define CHAIN_TEXT 256
struct chain_tell {
    uint64_t id;
    uint32_t rc;
    uint32_t left; /* of CHAIN_LATE: a bit for each pair that is not in the journal */
    struct sha256 mac;
    char text[CHAIN_TEXT]; /* of a failure */
};

struct signer_chain; /* remembers over all that call */

MUST enum rc signer_chain_new(const struct seal *seal, struct signer_chain **out); /* `seal` NULL: it links nothing */
void signer_chain_free(struct signer_chain *c);
OWN(signer_chain)

/* Takes one packet. True: *tell is to be sent. */
bool signer_chain_take(struct signer_chain *c, struct span packet, struct chain_tell *tell);
