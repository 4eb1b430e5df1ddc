/* Whose a certificate is, in the words people know its holder by. */
#pragma once

#include "pki/cert/cert.h"

struct holder { /* "" where the certificate does not say, or says more than fits */
    char name[320], tax_code[32];
};

/* The name is the subject's CN, the tax code as cert_holder_of finds it, else any other identity as it stands. */
void holder_of(const struct cert *c, struct holder *out);
