/* The token models this run works with: built in, or the newest publication of the server's that was ever believed.
   One is kept in the state folder, so that it is there before the network is, and so that no older one comes after it.
 */
#pragma once

#include "base/fs.h"
#include "client/net/api.h"
#include "client/token/devices.h"

struct catalogue {
    struct known_devices known;
    int64_t seen;        /* the highest version ever believed, of this server; 0: none */
    bool asked;          /* a newer one was fetched, or tried to be, in this run: once is enough */
    bool greeted;        /* the server was asked what it has although no token was found */
    char path[PATH_CAP]; /* where the newest is kept, "" nowhere */
    char refused[512];   /* why what the server sent last is not used, "" nothing */
};

/* What is built in, or what was kept of `server` when it holds. `anchor`: DER of --ca, empty when none was given. */
MUST enum rc catalogue_open(const char *server, struct span anchor, struct catalogue *out);

/* Fetches the server's publication when `told` names a newer one than was ever seen; at most once a run. True: `known`
   has changed. What is refused leaves everything as it was (`refused` says why), and never stops a renewal. */
bool catalogue_refresh(struct catalogue *c, struct http *h, struct span anchor, const struct api_client *told);
