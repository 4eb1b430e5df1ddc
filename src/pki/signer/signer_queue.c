/* The one queue of the pool: what waits for a helper, and what becomes of it when none comes. */
#include <stdio.h>

#include "pki/signer/signer_pool.h"

#define EMPTY_MS 5000 /* who waits while nobody is alive is told to come again after so long */

void signer_queue_front(struct signer *s, struct signer_job *job) {
    job->next = s->first;
    if (s->first == NULL)
        s->end = &job->next;
    s->first = job;
    job->queued = true;
    s->queued++;
}

void signer_queue_end(struct signer *s, struct signer_job *job) {
    job->next = NULL;
    *s->end = job;
    s->end = &job->next;
    job->queued = true;
    s->queued++;
}

void signer_queue_out(struct signer *s, const struct signer_job *job) {
    struct signer_job **at = &s->first;
    while (*at != job)
        at = &(*at)->next;
    if (job->next == NULL)
        s->end = at;
    struct signer_job *out = *at;
    *at = out->next;
    out->queued = false;
    s->queued--;
}

struct signer_job *signer_queue_take(struct signer *s) {
    struct signer_job *job = s->first;
    signer_queue_out(s, job);
    return job;
}

void signer_finish(struct signer *s, struct signer_job *const *jobs, size_t count) {
    if (count == 0)
        return;
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < count; i++)
        jobs[i]->done(jobs[i]->arg, jobs[i]->rc, jobs[i]->text);
    pthread_mutex_lock(&s->lock);
}

bool signer_possible(const struct signer *s) {
    return s->alive > 0 || (s->hope && os_clock_ms() - s->empty_ms < EMPTY_MS);
}

void signer_refuse_hopeless(struct signer *s) {
    while (s->first != NULL && !signer_possible(s)) {
        struct signer_job *job = signer_queue_take(s);
        if (job->hands > 0) /* its helper is slow, or just dying: that one's desk has the last word */
            continue;
        job->rc = RC_BUSY;
        (void)snprintf(job->text, sizeof job->text, "%s", SIGNER_NOBODY);
        signer_finish(s, &job, 1);
    }
}
