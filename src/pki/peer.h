/* Is it the server we mean? Judges a TLS server's certificate where the system's TLS cannot be told whom to trust. */
#pragma once

#include "base/buf.h"

struct peer {
    struct span leaf;          /* its certificate, DER */
    const struct span *others; /* what it sent along, DER */
    size_t other_count;
    const char *host; /* name or address we wanted */
    int64_t now;
};

/* Does it lead to one of the certificates in `anchors` (PEM), is it made for servers, for this host, and for now? (RFC
   5280, RFC 6125.) RC_USAGE: no certificate in `anchors`. RC_CRYPTO: no; *clock: only the time is wrong. */
MUST enum rc peer_check(const struct peer *p, struct span anchors, bool *clock);
