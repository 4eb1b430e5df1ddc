/* Brings a database's schema up to this program's: numbered steps, append-only, each recorded with its hash. */
#pragma once

#include "store/db.h"

/* Safe when several processes do it at once. RC_REFUSED: the database is newer than the program, or a step that was
   applied reads differently now. RC_NOT_FOUND: it has no schema of ours. */
MUST enum rc migrate_run(struct db *db);

/* The same within the caller's transaction; with `make` an empty database gets its schema. */
MUST enum rc migrate_apply(struct db *db, bool make);

/* Of a database that is only looked at: its schema is this program's, no older and no newer (RC_REFUSED). */
MUST enum rc migrate_check(struct db *db);

MUST enum rc migrate_version(struct db *db, int64_t *on_disk);
int64_t migrate_ours(void);
