/* Whom a subject names, as Vietnamese CAs write it: UID=MST:0100109106, CN=CÔNG TY A. */
#pragma once

#include "base/buf.h"

#define CERT_TAX_CAP 24

struct cert_holder {
    char tax_code[CERT_TAX_CAP]; /* what follows the first MST: of a UID, without blanks; "": the name has none */
    struct span cn; /* the first CN as it stands, where that is UTF-8; else empty: cert_name_get reads it */
};

/* `name` is whole, as in struct cert, which has been read. */
struct cert_holder cert_holder_of(struct span name);
