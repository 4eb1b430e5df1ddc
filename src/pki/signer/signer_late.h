/* Inside the signer only: the journal is older than the database, and the parent enters what it lacks. Its caller is
   not believed: that something was signed shows by the CA's own signature. */
#pragma once

#include "pki/signer/signer_chain.h"
#include "pki/signer/signer_journal.h"

/* Takes a packet of CHAIN_LATE. tell->left has a bit for each pair that is not in the journal now; the text says why
   the last of them is not. */
void signer_late_take(const struct signer_config *cfg, struct signer_journal *j, struct span packet,
                      struct chain_tell *tell);
