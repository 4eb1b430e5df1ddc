/* TLS by OpenSSL: 1.2 and 1.3 with authenticated ciphers and forward secrecy; nothing older has to be served (tokens
   sign CMP messages, not handshakes). A silent connection keeps no buffers and no session (SSL_MODE_RELEASE_BUFFERS,
   no tickets): that is what ten thousand of them are measured by. */
#include "server/http/tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20" /* of TLS 1.2; those of 1.3 are all good */
#define GROUPS  "X25519:P-256:P-384"

/* Nobody sits at the server's terminal. */
static int no_password(char *room, int size, int writing, void *arg) {
    (void)room;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

/* Why OpenSSL failed, as this thread's text. */
static enum rc failed(const char *what) {
    const char *why = ERR_reason_error_string(ERR_peek_last_error());

    (void)err_set(RC_CRYPTO, "%s%s%s", what, why == NULL ? "" : ": ", why == NULL ? "" : why);
    ERR_clear_error();
    return RC_CRYPTO;
}

static BIO *reader(struct span pem) {
    return pem.len > INT_MAX ? NULL : BIO_new_mem_buf(pem.ptr, (int)pem.len);
}

static enum rc key_use(SSL_CTX *s, struct span pem) {
    BIO *in = reader(pem);
    EVP_PKEY *key = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, no_password, NULL);
    enum rc rc = key == NULL ? failed("there is no private key in it") : RC_OK;

    if (rc == RC_OK && SSL_CTX_use_PrivateKey(s, key) != 1)
        rc = failed("the private key does not belong to the certificate");
    EVP_PKEY_free(key);
    BIO_free(in);
    return rc;
}

static enum rc chain_use(SSL_CTX *s, struct span pem) {
    BIO *in = reader(pem);
    X509 *cert = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, no_password, NULL);
    enum rc rc = cert == NULL ? failed("there is no certificate in it") : RC_OK;

    if (rc == RC_OK && SSL_CTX_use_certificate(s, cert) != 1)
        rc = failed("the certificate cannot be used");
    X509_free(cert);
    while (rc == RC_OK && (cert = PEM_read_bio_X509(in, NULL, no_password, NULL)) != NULL)
        if (SSL_CTX_add0_chain_cert(s, cert) != 1) {
            X509_free(cert);
            rc = failed("a certificate of its chain cannot be used");
        }
    ERR_clear_error(); /* the end of the file */
    BIO_free(in);
    return rc;
}

static enum rc ways_set(SSL_CTX *s) {
    SSL_CTX_set_mode(s, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(s, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(s, SSL_SESS_CACHE_OFF);
    if (SSL_CTX_set_num_tickets(s, 0) != 1 || SSL_CTX_set_min_proto_version(s, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(s, CIPHERS) != 1 || SSL_CTX_set1_groups_list(s, GROUPS) != 1)
        return failed("TLS cannot be set up");
    return RC_OK;
}

static enum rc set_up(SSL_CTX *s, struct span pem) {
    TRY(ways_set(s));
    TRY(chain_use(s, pem));
    return key_use(s, pem);
}

enum rc tls_server_new(struct span pem, struct ssl_ctx_st **out) {
    SSL_CTX *s = SSL_CTX_new(TLS_server_method());

    if (s == NULL)
        return failed("TLS cannot be set up");
    enum rc rc = set_up(s, pem);
    if (rc != RC_OK)
        SSL_CTX_free(s);
    else
        *out = s;
    return rc;
}

void tls_server_free(struct ssl_ctx_st *s) {
    SSL_CTX_free(s);
}

struct ssl_st *tls_new(struct ssl_ctx_st *server, int fd) {
    SSL *t = SSL_new(server);

    if (t == NULL || SSL_set_fd(t, fd) != 1) {
        SSL_free(t);
        ERR_clear_error();
        return NULL;
    }
    SSL_set_accept_state(t);
    return t;
}

void tls_free(struct ssl_st *t) {
    SSL_free(t);
}

static enum tls_state state_of(const SSL *t, int result) {
    if (result == 1)
        return TLS_DONE;
    switch (SSL_get_error(t, result)) {
    case SSL_ERROR_WANT_READ:
        return TLS_WANTS_READ;
    case SSL_ERROR_WANT_WRITE:
        return TLS_WANTS_WRITE;
    case SSL_ERROR_SSL:
        (void)failed("TLS");
        return TLS_OVER;
    default:
        (void)err_set(RC_NETWORK, "%s", ""); /* it went away */
        return TLS_OVER;
    }
}

/* The queue of errors is the thread's, and must be empty before a call whose result it explains. */
enum tls_state tls_accept(struct ssl_st *t) {
    ERR_clear_error();
    return state_of(t, SSL_accept(t));
}

enum tls_state tls_read(struct ssl_st *t, void *room, size_t size, size_t *got) {
    *got = 0;
    ERR_clear_error();
    return state_of(t, SSL_read_ex(t, room, size, got));
}

enum tls_state tls_write(struct ssl_st *t, struct span bytes, size_t *sent) {
    *sent = 0;
    ERR_clear_error();
    return state_of(t, SSL_write_ex(t, bytes.ptr, bytes.len, sent));
}

void tls_bye(struct ssl_st *t) {
    ERR_clear_error();
    (void)SSL_shutdown(t);
    ERR_clear_error();
}
