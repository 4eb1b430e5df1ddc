/* TLS on a socket that never blocks: each call says what it waits for. */
#pragma once

#include "base/buf.h"

enum tls_state {
    TLS_DONE,
    TLS_WANTS_READ, /* call again when the socket can be read */
    TLS_WANTS_WRITE,
    TLS_OVER /* closed, cut off, or no TLS at all: err_text() says why, "" when there is nothing to say */
};

struct ssl_ctx_st; /* one server's key, certificate and ways */
struct ssl_st;     /* one connection's */

/* Private key, certificate and those above it, PEM. RC_CRYPTO. */
MUST enum rc tls_server_new(struct span pem, struct ssl_ctx_st **out);
void tls_server_free(struct ssl_ctx_st *s);

struct ssl_st *tls_new(struct ssl_ctx_st *server, int fd); /* NULL: out of memory */
void tls_free(struct ssl_st *t);                           /* the socket stays open */

enum tls_state tls_accept(struct ssl_st *t);
enum tls_state tls_read(struct ssl_st *t, void *room, size_t size, size_t *got);
enum tls_state tls_write(struct ssl_st *t, struct span bytes, size_t *sent); /* some of them; never of 0 bytes */
void tls_bye(struct ssl_st *t); /* tells the other side that nothing more comes; best effort */
