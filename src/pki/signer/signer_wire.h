/* Inside pki only: what the server, the parent of the helpers and the helpers say to each other, one message a packet.
 */
#pragma once

#include <stddef.h>

#include "base/fs.h"
#include "pki/signer/signer.h"
#include "pki/signer/signer_journal.h"

#define SIGNER_HELPERS   64 /* of one parent at most */
#define SIGNER_BATCH     16 /* requests in a packet at most: waking and being woken costs as much as a check */
#define SIGNER_PACKET    (128 * 1024) /* bytes of a packet of requests; one alone always fits */
#define SIGNER_SIGNATURE 2048

/* --- Server and helper --- */

struct signer_ask { /* one or more in a packet; each is followed by as many bytes of each part */
    uint32_t old_len, kur_len, tbs_len;
    struct signer_claim claim;
};

_Static_assert(sizeof(struct signer_ask) + 2 * CERT_LIMIT + CMP_KUR_LIMIT <= SIGNER_PACKET, "one alone always fits");

/* A packet with one when the helper is ready, then one for each ask, in order: those of a packet of asks in one packet,
   in more when that takes the helper over half a second. What is sent of it ends after `len` bytes. */
struct signer_tell {
    uint32_t rc;
    uint32_t lost; /* the token refused it, and may be away: another helper is to be asked. This one says no more */
    uint32_t len;  /* bytes of signature, or of the text of a failure */
    uint8_t bytes[SIGNER_SIGNATURE];
};
#define SIGNER_TELL_HEAD offsetof(struct signer_tell, bytes)

/* The next tell of a packet; false when what is left is none. `bytes` of *t is filled up to its len only. */
bool signer_tell_read(struct span *packet, struct signer_tell *t);

/* Room for a packet of so many bytes, whatever the system's default is: for want of it a helper would seem dead.
   RC_LIMIT: the system does not give as much. */
MUST enum rc signer_channel_room(int fd, int packet);

/* The asker's end of a channel (signer_channel.c). RC_NETWORK: the helper is dead. */
MUST enum rc signer_channel_send(int fd, struct signer_job *const *jobs, size_t count);
/* The next packet, into a buffer for `count` tells. RC_BUSY: no word within `wait_ms`; RC_NETWORK. */
MUST enum rc signer_channel_hear(int fd, int wait_ms, size_t count, uint8_t *packet, struct span *heard);

struct signer_ends { /* a helper's ends of its socket pairs */
    int channel;     /* the server's asks */
    int journal;     /* its own, to the parent (signer_journal.h) */
};

/* The helper's life from fork to the end of its channel. `refused` is memory that the parent sees: where the number of
   a system call that the cage refused is left. */
_Noreturn void signer_helper_run(const struct signer_ends *ends, const struct signer_config *cfg, int parent,
                                 volatile int *refused);

#define SIGNER_LOST 158 /* exit status of a helper whose key does not sign any more */

/* What the helper has in its hands. */
struct signer_helper;
MUST enum rc signer_helper_open(const struct signer_config *cfg, struct signer_helper **out);
void signer_helper_free(struct signer_helper *h);
OWN(signer_helper)

/* May it be signed, and under which entry of the journal? RC_REFUSED. */
MUST enum rc signer_helper_check(struct signer_helper *h, const struct signer_request *req,
                                 struct journal_entry *entry);
MUST enum rc signer_helper_sign(struct signer_helper *h, struct span tbs, struct buf *signature);
bool signer_helper_lost(const struct signer_helper *h); /* after a failure: as key_lost */

/* Packets of asks in, packets of tells out (signer_packet.c), until the other end is closed: by signer_free, or by the
   death of the parent. False: the key does not sign any more, which has been told. */
bool signer_packet_serve(struct signer_helper *h, int channel, int journal);
MUST enum rc signer_packet_add(struct buf *packet, enum rc rc, bool lost, struct span bytes); /* signature or text */
MUST enum rc signer_packet_tell(int channel, const struct buf *packet);

/* --- Server and parent: over a socket pair when the server forked it, over a Unix socket when it is a service
 * --- */

enum signer_news {
    NEWS_HELPER, /* one is ready; the server's end of its channel comes along */
    NEWS_CHAIN,  /* the server's end of the audit's channel comes along (signer_chain.h); before the first helper */
    NEWS_GONE,   /* one has died: always before the news of who replaces it */
    NEWS_STATE   /* rc: RC_OK, else why no helper is being started just now */
};

struct signer_note {
    uint32_t news, id; /* of the helper */
    uint32_t rc, wanted, restarts;
    char text[ERR_TEXT];
};

enum signer_wish {
    WISH_KILL, /* that one does not answer. Not granted when no other could be started in its place */
    WISH_RETRY /* an operator says that the PIN is right now */
};

struct signer_order {
    uint32_t wish, id;
};

/* The server's end (signer_link.c). One thread hears; orders are given by any, with the pool locked. */
struct signer_link {
    int fd;           /* -1: the service is away */
    int pid;          /* of the parent that we forked */
    const char *path; /* of the service's socket */
};
MUST enum rc signer_link_fork(const struct signer_config *cfg, struct signer_link *out);
struct sockaddr_un;
MUST enum rc signer_channel_address(const char *path, struct sockaddr_un *out); /* RC_LIMIT: the path is too long */
MUST enum rc signer_link_connect(struct signer_link *l);
/* RC_BUSY: nothing within `wait_ms`; RC_NETWORK: the other end is closed. *fd is -1 or a channel that is the caller's
 * now. */
MUST enum rc signer_link_hear(const struct signer_link *l, int wait_ms, struct signer_note *note, int *fd);
void signer_link_order(const struct signer_link *l, enum signer_wish wish, uint32_t id);
void signer_link_close(struct signer_link *l); /* a parent that we forked ends by that, and is waited for */
