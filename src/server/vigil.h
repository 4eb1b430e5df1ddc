/* What goes on beside the calls: the journal is completed, and what is brought back is seen
 * (service/issuing/catchup.h).
 */
#pragma once

#include <pthread.h>

#include "service/issuing/catchup.h"

struct vigil {
    struct site *site;
    struct signer *signer;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool started, stopping;
    struct catchup catchup; /* from here on the thread's */
    char told[ERR_TEXT];
};

/* `site` with its gaps found, and `signer`, outlive it. */
MUST enum rc vigil_start(struct vigil *w, struct site *site, struct signer *signer);
void vigil_stop(struct vigil *w); /* one that was never started too */
