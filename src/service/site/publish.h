/* Signs devices.conf for every capbu to take over (doc/protocol.md, "Token models"). */
#pragma once

#include "service/site/conf.h"
#include "store/publication.h"

#define PUBLISH_DAYS  90          /* a publication holds so long unless somebody says otherwise */
#define PUBLISH_LIMIT (96 * 1024) /* bytes; clients take no larger one */

/* Reads devices.conf, signs it as the version after the newest, and records it. RC_INPUT: the file's faults, or a
   signer that is not under the new CA; RC_LIMIT: too large for clients. */
MUST enum rc publish_run(struct site *s, int64_t now, int64_t days, const char *actor, struct publication_row *out);

/* What an operator should hear of the present publication; `warn` once for each. RC_INPUT: the signer cannot be used.
 */
MUST enum rc publish_check(struct site *s, int64_t now, void (*warn)(void *arg, const char *text), void *arg);
