/* Inside pki only: what the signer and its helpers say to each other, one message per packet of a socket pair. */
#pragma once

#include <stddef.h>

#include "pki/signer/signer.h"
#include "pki/signer/signer_book.h"

#define SIGNER_BATCH     8           /* requests in a packet at most: waking and being woken costs as much as a check */
#define SIGNER_PACKET    (64 * 1024) /* bytes of a packet of requests; one alone always fits */
#define SIGNER_SIGNATURE 2048

struct signer_ask { /* one or more in a packet; each is followed by as many bytes of each part */
    uint32_t old_len, kur_len, tbs_len;
};

/* A packet with one when the helper is ready, then one for each ask, in order: those of a packet of asks in one packet,
   in more when that takes the helper over a second. What is sent of it ends after `len` bytes. */
struct signer_tell {
    uint32_t rc;
    uint32_t len; /* bytes of signature, or of the text of a failure */
    uint8_t bytes[SIGNER_SIGNATURE];
};
#define SIGNER_TELL_HEAD offsetof(struct signer_tell, bytes)

/* The next tell of a packet; false when what is left is none. `bytes` of *t is filled up to its len only. */
bool signer_tell_read(struct span *packet, struct signer_tell *t);

/* The server's end of a channel (signer_channel.c). Open forks the helper and returns at once; ready waits for it. */
struct signer_channel {
    int fd; /* -1: its helper is gone */
    int pid;
};
MUST enum rc signer_channel_open(const struct signer_config *cfg, struct signer_channel *out);
MUST enum rc signer_channel_ready(struct signer_channel *c);
/* Has these signed: each job gets its outcome. False: the helper is dead or does not answer in time, the channel is of
   no use any more, and the jobs that it had not answered have RC_BUSY. */
bool signer_channel_ask(struct signer_channel *c, struct signer_job *const *jobs, size_t count);
bool signer_channel_hung_up(const struct signer_channel *c);
void signer_channel_drop(struct signer_channel *c); /* closes our end, which ends the helper */
void signer_channel_reap(struct signer_channel *c);

/* The helper's life from fork to the end of its channel: never returns. */
_Noreturn void signer_helper_run(int channel, const struct signer_config *cfg);

/* What the helper has in its hands, and its judgement of one request: apart, so that a test can ask without a fork. */
struct signer_helper;
MUST enum rc signer_helper_open(const struct signer_config *cfg, struct signer_helper **out);
void signer_helper_free(struct signer_helper *h);
OWN(signer_helper)
MUST enum rc signer_helper_sign(struct signer_helper *h, const struct signer_request *req, struct buf *signature);
