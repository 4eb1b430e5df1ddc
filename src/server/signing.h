/* The CA key's helpers as this server wants them, and `capbud --signer`: those alone, for a capbud under another user.
 */
#pragma once

#include "pki/signer/signer.h"
#include "service/site/conf.h"

/* Their events go to the log. Without `socket`; points into *s. */
struct signer_config signing_config(const struct site *s);

/* Serves at signer_socket of DIR, of which nothing is read but capbud.conf, campaign and the CAs' files, until SIGTERM.
 */
MUST enum rc signing_serve(const char *dir);
