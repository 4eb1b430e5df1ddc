/* Inside the signer only: keeps a pool of helpers full, and the journal of what they sign. It has one thread, never
   calls C_Initialize, and waits for nobody but the journal's disk: whoever owns it polls, and calls what is due. */
#pragma once

#include <poll.h>

#include "pki/signer/signer_wire.h"

struct signer_parent;
struct signer_journal;

MUST enum rc signer_parent_new(const struct signer_config *cfg, struct signer_parent **out);
void signer_parent_free(struct signer_parent *p); /* its helpers end: by themselves, else after a second by force */
OWN(signer_parent)

/* Who gets the helpers' channels and hears the news; -1: nobody. Helpers whose channels another one had are replaced.
 */
void signer_parent_serve(struct signer_parent *p, int client);

struct signer_journal *signer_parent_journal(const struct signer_parent *p);

/* The seal key; NULL: there is none. */
const struct seal *signer_parent_seal(const struct signer_parent *p);

/* Gives the client its end of the audit's channel. */
void signer_parent_give_chain(struct signer_parent *p, int fd);

/* What to poll: where the helper that is opening its key will speak, and where each asks to enter what it signs. */
#define SIGNER_EARS (SIGNER_HELPERS + 1)
size_t signer_parent_ears(struct signer_parent *p, struct pollfd out[SIGNER_EARS]);

/* Writes the journal, collects the dead, hears who is ready, starts one when that is due, hands over channels.
   Milliseconds until it has to be called again at the latest, whether or not anything happens before. */
int signer_parent_step(struct signer_parent *p);

void signer_parent_order(struct signer_parent *p, const struct signer_order *o);

/* RC_BUSY: the pool was never full yet, and may become so. Else RC_OK, or why not: before it is full any failure is
 * final. */
MUST enum rc signer_parent_began(const struct signer_parent *p);
