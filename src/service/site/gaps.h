/* Gaps of the records: what was signed, says the journal, and the database does not have since an older copy of it was
   put back. Nothing is issued for these until they are brought back (service/issuing/recover.h). */
#pragma once

#include "pki/journal/signed_journal.h"
#include "service/site/conf.h"

struct gap {
    struct journal_entry entry;
    int64_t old_id;                  /* of the old certificate's record; 0: that is missing too */
    char serial[2 * SERIAL_MAX + 2]; /* of the old certificate, "" when its record is missing */
    bool other;                      /* the database has a certificate, but not the one that was signed */
    bool reserved; /* the database has its bytes, and they may be signed again: not missing, but it may be brought */
};

struct gaps;

/* Reads the journal, by the seal where it is given, and compares. `whole`: the stored certificates by their bytes too,
   which takes longer. Fails as signed_journal_read. */
MUST enum rc gaps_find(const struct site *s, struct db *db, const struct seal *seal, bool whole, struct gaps **out);
void gaps_free(struct gaps *g);
OWN(gaps)

/* Says what there is to be said, a line a time: nothing when all is well. The first few are named, the others counted.
 */
void gaps_say(const struct gaps *g, void (*say)(void *arg, const char *text), void *arg);

/* How many are missing still; and all there are or were, reserved ones too. NULL has none. */
size_t gaps_open(const struct gaps *g);
size_t gaps_count(const struct gaps *g);
const struct gap *gaps_at(const struct gaps *g, size_t i);
bool gaps_is_open(const struct gaps *g, size_t i); /* is it missing still? */

/* Certificates of the database that the journal does not know: it was put back, or another capbud issued them. Nothing
   is issued while there are any: with an older database beside this journal theirs would be issued a second time. The
   old certificates' records by number; _seal takes one out, for it is in the journal now. One thread alone does. */
size_t gaps_unsealed(const struct gaps *g);
int64_t gaps_unsealed_at(const struct gaps *g, size_t i);
void gaps_seal(struct gaps *g, size_t i);
uint64_t gaps_entries(const struct gaps *g); /* of the journal */

/* Thread-safe, all of them. Is that old certificate's new one missing? */
bool gaps_has(const struct gaps *g, int64_t old_id);
bool gaps_wants(const struct gaps *g, int64_t old_id); /* missing or reserved: who has the new one may show it */
/* The gap that a certificate with these signed bytes fills, if it is one still; NULL: none. */
const struct gap *gaps_find_bytes(const struct gaps *g, const struct sha256 *bytes);
void gaps_close(struct gaps *g, const struct gap *filled);

/* Looks whether others have brought what is missing since; at so many a call as take no time to speak of. */
MUST enum rc gaps_again(struct gaps *g, struct db *db);
