/* What was granted a moment ago, kept in memory too: the certConf that follows seconds later need not look it up. A
   copy of what is committed, of things that never change again; what is not here the store has. */
#pragma once

#include "store/certs.h"

#define RECENT_MOST 2048 /* as many renewals as go on at a time (max_active); some 10 KB each */

struct granted {
    struct buf request, response; /* of the CMP transaction */
    struct issued_row issued;
};
void granted_free(struct granted *g);

struct recent; /* shared between threads */
MUST enum rc recent_new(struct recent **out);
void recent_free(struct recent *r);
OWN(recent)

/* Gives *g away, committed as it is, in place of the oldest one that stands in its way. */
void recent_put(struct recent *r, struct span transaction, struct granted *g);

/* Takes it out, into an empty *out: whoever asks again asks the store. False: it is not here. */
bool recent_take(struct recent *r, struct span transaction, struct granted *out);
