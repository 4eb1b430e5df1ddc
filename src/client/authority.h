/* HOST or HOST:PORT as it stands in an address: the server's, a proxy's. */
#pragma once

#include "base/buf.h"

/* A name of letters, digits and ".-_" (or beyond ASCII) or an IPv6 address in brackets, and a port from 1 to 65535. No
   login. */
bool authority_fits(struct span s);
