/* X509_verify_cert on what a server showed, with nothing trusted but the anchors that were given. */
#include "pki/peer.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "pki/key/ossl.h"

OSSL_OWN(X509_STORE, X509_STORE_free)
OSSL_OWN(X509_STORE_CTX, X509_STORE_CTX_free)

static void stack_free(STACK_OF(X509) * *s) {
    sk_X509_pop_free(*s, X509_free);
}

static enum rc anchors_read(struct span pem, X509_STORE *store) {
    OSSL_AUTO(BIO) in = pem.len > INT_MAX ? NULL : BIO_new_mem_buf(pem.ptr, (int)pem.len);
    int count = 0;

    for (X509 *c; in != NULL && (c = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL; count++) {
        int added = X509_STORE_add_cert(store, c);
        X509_free(c);
        if (!added)
            return ossl_fail(RC_CRYPTO, "a trusted certificate");
    }
    ERR_clear_error(); /* the end of the text is one */
    if (count == 0)
        FAIL(RC_USAGE, "no certificate in it");
    return RC_OK;
}

static enum rc others_read(const struct peer *p, STACK_OF(X509) * out) {
    for (size_t i = 0; i < p->other_count; i++) {
        OSSL_AUTO(X509) c = NULL;
        TRY(x509_from_der(p->others[i], &c));
        if (sk_X509_push(out, c) == 0)
            return ossl_fail(RC_CRYPTO, "the server's certificates");
        c = NULL;
    }
    return RC_OK;
}

static bool expectations_set(X509_STORE_CTX *ctx, const struct peer *p) {
    X509_VERIFY_PARAM *want = X509_STORE_CTX_get0_param(ctx);

    X509_VERIFY_PARAM_set_time(want, (time_t)p->now);
    X509_VERIFY_PARAM_set_flags(want, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_hostflags(want, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_STORE_CTX_set_default(ctx, "ssl_server") == 1 &&
           (X509_VERIFY_PARAM_set1_ip_asc(want, p->host) == 1 || X509_VERIFY_PARAM_set1_host(want, p->host, 0) == 1);
}

enum rc peer_check(const struct peer *p, struct span anchors, bool *clock) {
    OSSL_AUTO(X509_STORE) store = X509_STORE_new();
    OSSL_AUTO(X509_STORE_CTX) ctx = X509_STORE_CTX_new();
    OSSL_AUTO(X509) leaf = NULL;
    STACK_OF(X509) * others __attribute__((cleanup(stack_free))) = sk_X509_new_null();

    *clock = false;
    if (store == NULL || ctx == NULL || others == NULL)
        return ossl_fail(RC_LIMIT, "the server's certificate");
    TRY(anchors_read(anchors, store));
    TRY(x509_from_der(p->leaf, &leaf));
    TRY(others_read(p, others));
    if (X509_STORE_CTX_init(ctx, store, leaf, others) != 1 || !expectations_set(ctx, p))
        return ossl_fail(RC_CRYPTO, "the server's certificate");
    if (X509_verify_cert(ctx) == 1)
        return RC_OK;
    int why = X509_STORE_CTX_get_error(ctx);
    *clock = why == X509_V_ERR_CERT_NOT_YET_VALID || why == X509_V_ERR_CERT_HAS_EXPIRED;
    ERR_clear_error();
    FAIL(RC_CRYPTO, "the server's certificate is not believed: %s", X509_verify_cert_error_string(why));
}
