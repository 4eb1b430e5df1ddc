/* The tax code that a subject names, as Vietnamese CAs write it: UID=MST:0100109106. */
#pragma once

#include "base/buf.h"

#define CERT_TAX_CAP 24

/* What follows the first MST: of a UID, without blanks; false: the name has none. `name` is whole, as in struct cert.
 */
bool cert_tax_code(struct span name, char out[CERT_TAX_CAP]);
