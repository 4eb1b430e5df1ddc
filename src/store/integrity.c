/* The database's own check of itself (declared in store/integrity.h). */
#include "store/integrity.h"

static enum rc finding(void *arg, const struct db_row *r) {
    struct span said = db_get_span(r, 0);
    (void)arg;
    if (span_eq_str(said, "ok"))
        return RC_OK;
    FAIL(RC_DB, "the database file is damaged: %.*s; put the last good copy back",
         (int)(said.len < 200 ? said.len : 200), (const char *)said.ptr);
}

enum rc integrity_check(struct db *db) {
    return db_is_postgres(db) ? RC_OK : db_query(db, "PRAGMA integrity_check(1)", DB_NO_ARGS, finding, NULL);
}
