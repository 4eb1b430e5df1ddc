/* The yardsticks: raw RSA-2048 signing and verification by OpenSSL alone, on as many threads as there are cores. */
#pragma once

#include "base/err.h"
#include "base/own.h"

struct yard;
/* `key`: a PEM file with the private key; each thread has its own copy of it. */
MUST enum rc yard_open(const char *key, struct yard **out);
void yard_free(struct yard *y);
OWN(yard)

/* Operations a second, all threads together. The padding is part of them, the digest is not. */
MUST enum rc yard_sign(struct yard *y, double *per_second);
MUST enum rc yard_verify(struct yard *y, double *per_second);

int yard_cores(void);
