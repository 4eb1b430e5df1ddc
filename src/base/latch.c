/* A semaphore that is posted once, with an outcome. */
#include "base/latch.h"

#include <stdio.h>

void latch_init(struct latch *l) {
    sem_init(&l->opened, 0, 0);
    l->rc = RC_BUG;
}

void latch_open(struct latch *l, enum rc rc, const char *text) {
    l->rc = rc;
    if (rc != RC_OK)
        (void)snprintf(l->text, sizeof l->text, "%s", text);
    sem_post(&l->opened);
}

enum rc latch_wait(struct latch *l) {
    while (sem_wait(&l->opened) != 0) /* EINTR */
        ;
    sem_destroy(&l->opened);
    return l->rc == RC_OK ? RC_OK : err_set(l->rc, "%s", l->text);
}
