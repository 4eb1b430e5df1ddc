/* Inside pki/signer only: nothing is signed that the journal does not have. A helper asks its parent to enter what it
   is about to sign, signs meanwhile, and gives nothing away before it hears that the entry is durable. */
#pragma once

#include "pki/journal/signed_journal.h"

#define SIGNER_ASKED 16 /* entries in one ask at most */

/* --- The helper's end of a socket pair --- */

struct signer_entered {        /* of each entry that was asked for */
    uint32_t rc[SIGNER_ASKED]; /* RC_OK; RC_EXISTS: other bytes were signed; RC_BUSY: it cannot be written just now */
    char text[ERR_TEXT];       /* why not */
};

MUST enum rc signer_journal_ask(int fd, const struct journal_entry *entries, size_t count);
MUST enum rc signer_journal_hear(int fd, struct signer_entered *out); /* waits. RC_NETWORK: the parent is gone */

/* --- The parent's --- */

struct signer_journal;

/* `path` NULL: what was signed is known as long as this lives. Fails as signed_journal_open. */
MUST enum rc signer_journal_open(const char *path, const struct seal *seal, struct signer_journal **out);
void signer_journal_free(struct signer_journal *j);
OWN(signer_journal)

const struct journal_state *signer_journal_state(const struct signer_journal *j); /* as it was opened */

/* Enters what was signed long ago and is not in it: other[i] when other bytes are. RC_IO, RC_LIMIT: nothing was
   written. At most JOURNAL_GROUP. */
MUST enum rc signer_journal_late(struct signer_journal *j, const struct journal_entry *entries, size_t count,
                                 bool *other);

/* Answers whoever asks by one of these channels, none of which is waited for (-1: none); all that is asked at once is
   written at once. Why nothing can be written, NULL: all is well. */
const char *signer_journal_serve(struct signer_journal *j, const int *fds, size_t count);
