/* Brings the journal up to the database at a start, and what was missing in the database up to the journal as others
   bring it back (service/site/gaps.h). */
#pragma once

#include "pki/signer/signer.h"
#include "service/site/gaps.h"

#define CATCHUP_BEHIND                                                                                                 \
    "the journal is older than the database, and what it lacks is being entered: nothing is issued before"

struct catchup {
    size_t entered;                  /* into the journal, all in all */
    size_t left;                     /* that the parent would not enter */
    char serial[2 * SERIAL_MAX + 2]; /* of an old certificate among these */
    char why[ERR_TEXT];
};

/* Has the signers' parent enter what the database has and the journal has not: all of it once. Fails as
   signer_lines_late: then it is called again later. For one thread. */
MUST enum rc catchup_journal(struct site *s, struct signer *signer, struct catchup *c);

/* What was missing, as capbuctl recover or a client has brought it meanwhile. */
MUST enum rc catchup_gaps(struct site *s);

/* RC_BUSY with CATCHUP_BEHIND: nothing new may be signed yet. */
MUST enum rc catchup_over(const struct site *s);
