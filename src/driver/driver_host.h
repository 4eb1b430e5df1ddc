/* A driver in a process of its own, as seen from here: one call at a time, each with its time limit; how it ended, when
   it did. Nothing is ever repeated by this: who calls hears what happened. */
#pragma once

#include <pthread.h>

#include "base/fs.h"
#include "driver/driver_child.h"
#include "driver/driver_wire.h"

#define HOST_SESSIONS_MAX 64

struct host_session {
    CK_SESSION_HANDLE number; /* what our callers call it, never given twice; 0: free place */
    CK_SESSION_HANDLE real;   /* what the driver does */
};

struct driver_host {      /* zero-initialise, then host_init once; it is used again and again and never freed */
    pthread_mutex_t lock; /* held from call_begin to call_end */
    pthread_mutex_t ends; /* inside of it: `child` and `alive`, where somebody hangs up beside a call that waits */
    bool closing;
    char path[PATH_CAP];
    struct child child;
    bool alive, loading;
    int64_t load_until;
    bool waits;          /* it can tell that a token came or went */
    bool patient;        /* a token with a PIN pad was seen: people need time */
    CK_ULONG numbers;    /* sessions there were, in all its processes: those of an earlier one are over */
    int revivals;        /* it may still be started anew */
    bool final;          /* it hung, or ended in a login: not started anew before everybody has let go of it */
    CK_RV death;         /* why it is not alive: CKR_DRIVER_… */
    enum driver_op last; /* in which it ended */
    char detail[96];     /* "signal 11 in C_Sign" */
    char farewell[64];   /* the same of C_Finalize, when it was let go and did not end well; "": nothing to tell */
    struct host_session sessions[HOST_SESSIONS_MAX];
    uint8_t out[WIRE_MAX], in[WIRE_MAX];
};

void host_init(struct driver_host *h);

/* Starts the process, which begins to load the driver; then what came of it. RC_TOKEN, RC_NOT_FOUND, RC_LIMIT, RC_IO:
   the driver is out, and host_stop was called. */
MUST enum rc host_start(struct driver_host *h, const char *path);
MUST enum rc host_await(struct driver_host *h);
MUST enum rc host_check(struct driver_host *h); /* RC_TOKEN: it is not alive */
void host_stop(struct driver_host *h); /* the driver may end in peace, for a while; a call that waits ends at once */

/* One call: begin, put the arguments, go, take what came back, end. */
struct host_call {
    struct driver_host *host;
    enum driver_op op;
    struct wire_out out;
    struct wire_in in;
    CK_RV rv; /* not CKR_OK before `go`: it is not made */
};
void call_begin(struct host_call *c, struct driver_host *h, enum driver_op op);
void call_session(struct host_call *c, CK_SESSION_HANDLE session);                  /* puts it */
struct host_session *host_session(struct driver_host *h, CK_SESSION_HANDLE number); /* 0: a free place; NULL: none */
bool call_go(struct host_call *c, struct span secret); /* `secret` ends the message, uncopied. True: CKR_OK came back */
CK_RV call_end(struct host_call *c);                   /* an answer that is not whole ends the driver */
