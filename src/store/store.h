/* The store: one database, one writer that commits whatever waits as a group, readers beside it. The truth about who
 * got what. */
#pragma once

#include "store/tx.h"

struct store;
struct audit_linker; /* store/audit.h */

/* Makes the schema in a new or empty database and writes its first facts by `body` (NULL: none), in one transaction:
   capbuctl init only. Nothing else may, for an empty database issues everything a second time. When it fails the
   database is as it was, and a file that was not there is not there. `linker` NULL: what it writes is not sealed. */
MUST enum rc store_make(const char *dsn, int64_t now, enum rc (*body)(struct tx *tx, void *arg), void *arg,
                        const struct audit_linker *linker);

/* Opens an existing one and migrates it. `readers` connections for store_read. RC_NOT_FOUND: there is none, or it is
   empty. A file that can only be read is not migrated, and takes no writes (RC_DB): a copy to look at. */
MUST enum rc store_open(const char *dsn, int readers, struct store **out);

/* For a server, whose callers are many and wait: an answer of the database may take so long (db_patience), and so long
   a read waits for a free connection. Before others use the store. */
MUST enum rc store_hurry(struct store *s, int read_ms, int write_ms);
void store_free(struct store *s);
OWN(store)

/* Before the first write: who seals the audit (NULL: nobody), and a body that goes before the first lines that anybody
   writes, in the same transaction, until it is committed (NULL: none). What they point to lives as long as the store.
 */
void store_link(struct store *s, const struct audit_linker *linker, const struct write *opening);

/* Has `body` run in a transaction shared with others that wait (group commit). A body that fails is rolled back alone:
   the group is then run again one by one, so a body may run twice and must only touch the store and its own arg (no
   store_write within). A failed call leaves the transaction unusable on PostgreSQL: hand its code on, except where a
   function says that it goes on. Thread-safe, returns at once. RC_BUSY when the queue is full: `done` is then not
   called; done with RC_BUSY when the database stays locked. */
MUST enum rc store_submit(struct store *s, struct write *w);

/* store_submit and the wait for what it comes to. */
MUST enum rc store_write(struct store *s, int64_t now, enum rc (*body)(struct tx *tx, void *arg), void *arg);

/* Runs `body` on one of the read connections (no transaction). Thread-safe, blocks for a free one; RC_BUSY: none came
   free in time. */
MUST enum rc store_read(struct store *s, enum rc (*body)(struct db *db, void *arg), void *arg);

/* Can it write now, and does the seal on the audit's end hold? For /readyz; codes as pulse_take. */
MUST enum rc store_ping(struct store *s, int ms);

/* The schema's version on disk and in this program. */
MUST enum rc store_version(struct store *s, int64_t *on_disk, int64_t *ours);
