/* Has the audit of the network process sealed by the signers' parent: the store asks, the signer carries it there. */
#pragma once

#include "pki/signer/signer.h"
#include "store/audit.h"

/* Lives as long as the signer and the store that it is given to. */
struct audit_linker sealing_by(struct signer *s);
