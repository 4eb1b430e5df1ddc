/* The one thread that writes: it takes all that waits, runs it in one transaction and tells everyone after the commit.
 */
#pragma once

#include "store/tx.h"

#define WRITER_GROUP 256  /* most bodies in a transaction: keeps the write lock short */
#define WRITER_QUEUE 1024 /* most that wait */

struct writer;

MUST enum rc writer_new(struct db *db, struct writer **out); /* takes `db` over on success */
void writer_free(struct writer *w);                          /* finishes what waits */

/* Before the first write. Both stay the caller's and live as long; `opening` has no `done`. */
struct audit_linker;
void writer_link(struct writer *w, const struct audit_linker *linker, const struct write *opening);

MUST enum rc writer_submit(struct writer *w, struct write *write); /* as store_submit */

/* Did a commit succeed within the last `ms`, with no doubt about the database since? */
bool writer_fresh(struct writer *w, int64_t ms);

bool writer_sealing(struct writer *w); /* it waits for who seals, just now */

/* A write has failed for the database's own reasons (RC_DB: a full disk, a bad one); small ones may still fit. Stays so
   until writer_trust says that a large one went through. */
bool writer_doubts(struct writer *w);
void writer_trust(struct writer *w);
