/* A PostgreSQL server for tests: started as an ordinary user on a free loopback port, in a temporary folder, and gone
 * when the test ends, also when it crashes. */
#pragma once

#include <sys/types.h>

#include "base/fs.h"

struct pg_server {
    pid_t keeper; /* the process that holds the server and sees it go */
    int leash;    /* when this end of the pipe closes, the keeper stops the server */
    int port;
    char dir[PATH_CAP];
};

/* RC_NOT_FOUND: PostgreSQL (or, for root, the user postgres) is not installed: skip the test, err_text says why. */
MUST enum rc pg_start(struct pg_server *pg);
void pg_stop(struct pg_server *pg);

#define PG_DSN 128
/* The database "postgres" of the server. */
void pg_dsn(const struct pg_server *pg, char out[PG_DSN]);
/* An empty schema, as good as a database of its own and made much faster. */
MUST enum rc pg_fresh(const struct pg_server *pg, char out[PG_DSN]);

/* Kills the server as a crash would; the keeper starts it again at once on the same port. */
MUST enum rc pg_crash(const struct pg_server *pg);

/* Stops all its processes, as a machine that hangs would, or lets them go on. */
MUST enum rc pg_freeze(const struct pg_server *pg, bool frozen);
