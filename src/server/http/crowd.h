/* Who is connected: by address and block, by whose turn it is, and by when that must be over. Cuts off who is late, and
   makes room for who comes when all places are taken. */
#pragma once

#include "server/http/exchange.h"

#define CROWD_NEVER    INT64_MAX
#define CROWD_GRACE_MS 1000 /* a newcomer gives way before the idle only when it has had so long */
#define CROWD_LEAVING  32   /* sockets that may be shut and not closed yet, beside the places */

enum turn {
    TURN_NEW,    /* has not brought a whole request yet */
    TURN_IDLE,   /* between two requests */
    TURN_CALLER, /* sends another request, or reads an answer */
    TURN_OURS,   /* is being served: never sent away */
    TURN_GONE,   /* shut, until its owner leaves */
    TURN_COUNT
};

struct crowd_limits {
    int all, per_address, per_block;
};

struct guest { /* one connection's place; its fields are the crowd's own */
    struct guest *next, *prev;
    void *owner;
    struct place *address, *block;
    int64_t since_ms, until_ms;
    int fd;
    enum turn turn;
};

struct crowd; /* thread-safe */

MUST enum rc crowd_new(const struct crowd_limits *limits, struct crowd **out);
void crowd_free(struct crowd *c); /* everybody must have left */
OWN(crowd)

/* Takes a place for a socket, as TURN_NEW; `g` must not move until it leaves. When there is none, whoever is idle
   longest is shut down: of the same address or block when that has its whole share. RC_BUSY: nobody can give way. */
MUST enum rc crowd_enter(struct crowd *c, struct guest *g, int fd, const struct peer *who, int64_t now_ms,
                         int64_t until_ms);
/* Whose turn it is from now on, and by when it must be over (or CROWD_NEVER). */
void crowd_turn(struct crowd *c, struct guest *g, enum turn turn, int64_t now_ms, int64_t until_ms);
/* Before the socket is closed. */
void crowd_leave(struct crowd *c, struct guest *g);

/* Shuts down, in both directions, whose time is over; its owner sees the end of the connection. */
void crowd_cut_late(struct crowd *c, int64_t now_ms);
int crowd_count(struct crowd *c); /* sockets not closed yet */
void *crowd_any(struct crowd *c); /* the owner of some guest, NULL: nobody is here */
