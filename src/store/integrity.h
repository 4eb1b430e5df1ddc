/* Asks the database whether its own pages are as it wrote them. */
#pragma once

#include "store/db.h"

/* SQLite's integrity_check, which reads every page. PostgreSQL has no such question for who is no superuser (amcheck,
   and pg_checksums on a stopped server): RC_OK. RC_DB: what it says is wrong. */
MUST enum rc integrity_check(struct db *db);
