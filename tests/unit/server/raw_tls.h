/* Raw bytes over TLS to a local port, for requests that no HTTP client would send. */
#pragma once

#include "base/buf.h"

struct raw_tls;

struct raw_tls *raw_tls_open(int port); /* NULL: no connection */
void raw_tls_free(struct raw_tls *t);
OWN(raw_tls)

/* false: the other side has closed. */
bool raw_tls_send(struct raw_tls *t, struct span bytes);

/* Appends what comes until `mark` (NULL: nothing does) is in it, the other side closes, or `ms` have passed; true when
   it closed. */
bool raw_tls_read(struct raw_tls *t, const char *mark, int ms, struct buf *out);
