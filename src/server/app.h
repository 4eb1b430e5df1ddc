/* The running server: one installation opened, and everything that lives as long as the process. */
#pragma once

#include "pki/cmp/cmp_srv.h"
#include "server/http/http.h"
#include "server/published.h"
#include "server/queue.h"
#include "server/router.h"
#include "server/strangers.h"
#include "server/vigil.h"
#include "service/issuing/reissue.h"
#include "service/issuing/sealing.h"
#include "service/site/terms.h"

struct app {
    struct site site;
    int claim; /* the folder's lock: one server an installation */
    struct signer *signer;
    struct audit_linker linker; /* over `signer` */
    struct write opening;       /* the first line it writes */
    struct responder responder;
    struct terms terms; /* of the files as they were when it started */
    struct cmp_srv *cmp;
    struct vigil vigil;
    struct recent *recent;
    struct reissue core; /* over all of these */
    struct published published;
    struct queue *queue;
    struct strangers *strangers;
    struct limits *lookups, *calls;
    struct metrics metrics;
    struct repeats refused;
    struct router router;
    struct http *http;
    int64_t started_ms; /* of os_clock_ms */
    atomic_bool stopping;
};

/* Opens DIR, which nobody else may serve (RC_BUSY), and forks the signers; there must be one thread only. `a` must not
   move afterwards. On failure of this or of app_start app_free cleans up what there is. */
MUST enum rc app_prepare(const char *dir, struct app *a);

/* Opens the store and serves. */
MUST enum rc app_start(struct app *a);

/* Lets what runs finish. RC_BUSY: it did not within `patience_ms`, and app_free would wait for it. */
MUST enum rc app_stop(struct app *a, int patience_ms);
void app_free(struct app *a);
