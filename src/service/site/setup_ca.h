/* The certificates and keys of a new installation: a drill's CAs when none are given, the server's TLS and
 * CMP identities, the key that signs token models. */
#pragma once

#include "service/site/setup.h"

#define SETUP_OLD_CA       "old-ca.pem"
#define SETUP_OLD_CA_KEY   "old-ca.key" /* drills only */
#define SETUP_NEW_CA       "new-ca.pem"
#define SETUP_NEW_CA_KEY   "new-ca.key" /* drills only */
#define SETUP_CMP_CERT     "cmp.pem"
#define SETUP_CMP_KEY      "cmp.key"
#define SETUP_DEVICES_CERT "devices.pem"
#define SETUP_DEVICES_KEY  "devices.key"
#define SETUP_SEAL_KEY     "seal.key"
#define SETUP_JOURNAL      "signed.journal"
#define SETUP_TLS          "tls.pem"       /* key and certificate: the server's */
#define SETUP_SERVER_CA    "server-ca.pem" /* the certificate alone: what clients pin */

/* Writes them all into `dir`. `now` is the installation's clock (CA side), TLS goes by the machine's. RC_INPUT: a file
   given is not what it must be; RC_CRYPTO: key and certificate do not belong together. */
MUST enum rc setup_ca_make(const struct setup *o, const char *dir, int64_t now);
