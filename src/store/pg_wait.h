/* Asks PostgreSQL and waits for the answer until a deadline: a server that is frozen keeps its connections, so that
   neither the network nor libpq's own waiting ever notice. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>

/* As PQgetResult, on a connection set by PQsetnonblocking. After `ms` without an answer the connection is cut (its
   status is then CONNECTION_BAD), the result is a failure and *late is set. */
PGresult *pg_wait(PGconn *conn, int ms, bool *late);

/* As PQexec, with the same deadline: the last result of what was sent; NULL after it was not even sent. */
PGresult *pg_wait_last(PGconn *conn, int sent, int ms, bool *late);
