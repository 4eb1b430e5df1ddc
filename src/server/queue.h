/* The waiting room: so many renewals at a time, the others keep their place in the order they came. */
#pragma once

#include "server/http/exchange.h"

#define TICKET_TEXT     25          /* 24 hex digits and NUL */
#define QUEUE_WAITING   4096        /* places to wait; past them: come back later */
#define QUEUE_LEASE_MS  (60 * 1000) /* a renewal that does not end frees its place after this */
#define QUEUE_GRACE_MS  (30 * 1000) /* who does not ask again so long after the time told loses the place */
#define QUEUE_RENEWAL_S 10          /* what a renewal takes at the subscriber's desk: for the times told only */
#define QUEUE_ASK_S     30          /* longest time until asking again */
#define QUEUE_SHARE     16 /* least of the places that one address may hold; else a quarter of the active ones */

struct place {
    char ticket[TICKET_TEXT];
    bool go;
    bool fresh;   /* it is a new one: the ticket was none, or not that certificate's */
    int position; /* 1 = next; 0 when `go` */
    int wait_seconds;
    int about_seconds; /* until its turn: for people */
};

struct queue; /* thread-safe; memory only: after a restart everyone asks again and comes in anew */

MUST enum rc queue_new(int active, struct queue **out);
void queue_free(struct queue *q);
OWN(queue)

/* Who asks for a place: certificates are public, so nobody may fill the room from one address (limits.h: `from`). */
struct visitor {
    const char *serial;  /* of the old certificate */
    const char *ticket;  /* as given before, or "" */
    const uint8_t *from; /* PEER_LEN bytes */
};

/* The place of that ticket, or a new one: certificates are public, so what another one holds under the same certificate
   is neither handed out nor moved. RC_BUSY: the room is full, or this address holds its share of it. */
MUST enum rc queue_enter(struct queue *q, const struct visitor *v, int64_t now_ms, struct place *out);

/* The renewal of `serial` has ended, by the word of its key: whoever held places under it needs none any more. */
void queue_leave(struct queue *q, const char *serial);

/* How many renew, how many wait. */
void queue_count(struct queue *q, int64_t now_ms, int *active, int *waiting);
