/* What the pool of signing helpers is started with: the CA's key, and the campaign's terms (R2.3, R2.5, R5.9). */
#pragma once

#include "pki/signer/signer.h"
#include "service/site/conf.h"

/* Views into `s`, which must outlive it. */
struct signer_config signer_conf(const struct site *s);
