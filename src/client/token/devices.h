/* What is known of token models: what is built in, or a publication of the programme's, which is signed under the new
   CA. Reads and judges; where one is kept and fetched is catalogue.h's. */
#pragma once

#include "base/buf.h"
#include "p11/token.h"
#include "rules/device.h"

#define PUBLICATION_LIMIT (96 * 1024) /* bytes of a signed publication */

#ifdef _WIN32
#define PLATFORM_HERE PLATFORM_WINDOWS
#else
#define PLATFORM_HERE PLATFORM_LINUX
#endif

struct known_devices {
    int64_t version;         /* 0: built in */
    int64_t issued, expires; /* instants; of what is built in 0 */
    struct devices devices;
};

/* What capbu was built with: conf/devices.conf. RC_BUG when that is broken. */
MUST enum rc devices_builtin(struct known_devices *out);

/* Opens a publication (CMS SignedData over JSON; doc/protocol.md, "Token models"): the signer is under the CA `anchor`
   (DER) and may sign for it, and `now` lies before its end. RC_INPUT, RC_LIMIT, RC_CRYPTO: not to be believed;
   RC_REFUSED: believed, but expired (*out is filled all the same). */
MUST enum rc devices_open(struct span publication, struct span anchor, int64_t now, struct known_devices *out);

/* The JSON alone. Words it does not know are taken the careful way: write as always, delete nothing. */
MUST enum rc devices_read(struct span text, struct known_devices *out);

/* The model of a token, NULL: an unknown one. */
const struct device_model *devices_of_token(const struct devices *d, const struct p11_token *t);
