/* Inside the signer only: the pool as the server has it. One queue, a desk for each helper, one ear for their parent.
 */
#pragma once

#include "base/fs.h"
#include "base/os.h"
#include "pki/signer/signer_wire.h"

struct signer_desk { /* a helper seen from here, and the thread that feeds it */
    struct signer *pool;
    pthread_t thread;
    bool threaded;
    int fd;                                 /* of its channel; -1: nobody sits here */
    uint32_t id;                            /* of the helper */
    bool gone;                              /* it has died, or is given up */
    bool silent;                            /* what it has in its hands others are asked too */
    bool lost;                              /* its token does not sign any more, and it ends */
    struct signer_job *hands[SIGNER_BATCH]; /* NULL: another one was faster */
    size_t given, answered;
    struct signer_job *told[SIGNER_BATCH]; /* answered, and their askers are still to hear of it */
    size_t told_count;
};

struct signer {
    pthread_mutex_t lock;               /* over all that follows, and over the jobs that wait or are in hands */
    pthread_cond_t more, seated, freed; /* who has no helper waits apart: it must not swallow a call for one */
    struct signer_job *first, **end;
    size_t queued;
    bool stopping;
    struct signer_desk desks[SIGNER_HELPERS];
    int alive;
    int64_t empty_ms;     /* since when nobody is alive */
    int64_t unwritten_ms; /* when a helper said last that the journal cannot be written; 0: not since it signed */
    int answer_ms;        /* how long an answer takes, as of late */
    bool hope;            /* a helper that dies is being replaced */
    int64_t restarts;
    int wanted;
    enum rc rc; /* why none is being started */
    char why[ERR_TEXT];
    struct signer_link link;
    int chain;            /* where the audit's lines go (signer_lines.c); -1: the parent is away */
    pthread_mutex_t trip; /* there and back on it, with its own number */
    uint64_t chain_id;
    pthread_t ear; /* signer_ear.c */
    bool eared;
    bool away; /* the parent, and that has been told */
    int64_t call_ms;
    int pause_ms;
    struct span alg;
    void (*tell)(const struct signer_event *e);
};

#define SIGNER_NOBODY "no signing helper is alive: ask again in a moment"

/* All with the lock held; the queue and what is said of those in it: signer_queue.c. */
void signer_queue_end(struct signer *s, struct signer_job *job);
bool signer_possible(const struct signer *s); /* a helper is alive, or about to come */
void signer_queue_front(struct signer *s, struct signer_job *job);
void signer_queue_out(struct signer *s, const struct signer_job *job); /* wherever in it */
struct signer_job *signer_queue_take(struct signer *s);
struct signer_desk *signer_desk_free(struct signer *s); /* where nobody sits, else NULL */
MUST enum rc signer_desk_seat(struct signer_desk *d, int fd, uint32_t id);
void signer_desk_empty(struct signer_desk *d); /* who sits there has died: its thread is woken and clears up */

/* Calls `done` of jobs that are in nobody's hands and not queued. The lock is given back meanwhile. */
void signer_finish(struct signer *s, struct signer_job *const *jobs, size_t count);
/* Tells those that wait when nobody is alive and nobody is about to come. */
void signer_refuse_hopeless(struct signer *s);

/* Hears the parent until the first helpers are all there. Its own failure comes back. */
MUST enum rc signer_ear_first(struct signer *s);
/* Then on a thread: seats new helpers, empties the desks of the dead, connects again to a service that was away, and
   tells those that wait when nobody comes back. */
void *signer_ear_run(void *arg);
