/* Takes a database from before there were seals as it is: the one moment at which what stands in it is believed. */
#pragma once

#include "service/site/conf.h"

/* Makes the seal key when there is none, seals the audit's end and every record, and writes that into the audit.
   RC_EXISTS: it is sealed already; RC_REFUSED: its chain is broken, or
   this installation was sealed before and its database has lost that: somebody rewrote it. */
MUST enum rc ledger_adopt(struct site *s, char *actor, int64_t *lines);
