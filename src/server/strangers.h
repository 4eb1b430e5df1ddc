/* What proves nothing is counted: callers who show no key of a certificate of ours get one audit line a minute for each
   reason and address block, never under a serial number, so that nobody can fill the audit or write into another's. */
#pragma once

#include "server/http/exchange.h"
#include "store/store.h"

#define STRANGERS_EVERY_MS (60 * 1000)
#define STRANGERS_KEPT     64  /* pairs of reason and block that are told apart; the others are told as one */
#define STRANGERS_FIRST    512 /* bytes: longest `first` */

struct strangers; /* thread-safe; what is counted and not yet told is lost in a crash */

MUST enum rc strangers_new(struct store *store, struct strangers **out);
void strangers_free(struct strangers *s);
OWN(strangers)

/* One more of them. The first of its minute is recorded before this returns, with how many came since the line before;
   `first` is a JSON value told of that one, "" for none. `now` is the line's time, `clock_ms` never goes back. Any
   error: it could not be recorded, so it is not to be told either. */
MUST enum rc strangers_note(struct strangers *s, const char *code, const struct peer *from, const char *first,
                            int64_t now, int64_t clock_ms);

/* Records what is not told yet: at the end of the server. */
MUST enum rc strangers_tell(struct strangers *s, int64_t now);
