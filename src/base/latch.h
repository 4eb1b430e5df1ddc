/* One thread waits for what others do for it; the outcome and the text of a failure come over. */
#pragma once

#include <semaphore.h>

#include "base/err.h"

struct latch {
    sem_t opened;
    enum rc rc;
    char text[ERR_TEXT];
};

void latch_init(struct latch *l);

/* Once, by any thread. `text` counts for failures only. From here on *l may be gone. */
void latch_open(struct latch *l, enum rc rc, const char *text);

/* The outcome; err_text() is then the other's. Ends the latch. */
MUST enum rc latch_wait(struct latch *l);
