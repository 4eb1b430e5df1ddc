/* The audit's end, signed, for keeping elsewhere: what was there then must be there still. */
#pragma once

#include "service/site/conf.h"

#define CHECKPOINT_MARK "capbu-audit " /* how its text begins, some bytes into the document */

/* CMS (pki/cms.h) by the CMP key, whose certificate is under the new CA, over the line "capbu-audit SEQ HASH"; the seal
   on that end must hold. */
MUST enum rc checkpoint_make(struct site *s, struct buf *out);

/* Does the chain still hold the line that it names? RC_REFUSED: no; RC_CRYPTO: it is not signed in this CA's name;
   RC_INPUT: it is no checkpoint. */
MUST enum rc checkpoint_compare(struct site *s, struct span document);
