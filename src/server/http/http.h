/* The HTTPS listener: bytes in, struct request out, struct response back. */
#pragma once

#include "server/http/settings.h"

#define HTTP_THREADS 256          /* requests served at a time; more wait for one of them to end */
#define HTTP_STACK   (512 * 1024) /* of each thread */

struct http;

/* RC_IO: address in use, TLS key unusable ...; the text says which. */
MUST enum rc http_start(const struct http_config *cfg, struct http **out);
int http_port(const struct http *h);

/* No new connections; waits until every request under way is answered or `patience_ms` has passed. RC_BUSY: some are
   not finished, and http_free would wait for them. */
MUST enum rc http_drain(struct http *h, int patience_ms);
void http_free(struct http *h);
OWN(http)
