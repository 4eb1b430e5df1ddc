/* General messages (RFC 9483 section 4.3): a client asks which CA certificates there are. */
#pragma once

#include "pki/cmp/cmp_msg.h"

/* The InfoTypeAndValues of the genp that answers the genm with that content: caCerts has the new CA, and so has a genm
   without questions; rootCaKeyUpdate has it as newWithNew, and so has rootCaCert, unless it shows another one than the
   old CA: then there is no update. RC_NOT_FOUND: something else is asked for; RC_INPUT. */
MUST enum rc cmp_genm_answer(struct span content, struct span old_ca, struct span new_ca, struct buf *infos);

/* Is that the question for one's receipt (doc/protocol.md), and nothing else? */
bool cmp_genm_keep(struct span content);
