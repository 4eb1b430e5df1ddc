/* The little that every user of OpenSSL in pki needs: its errors as ours, certificates from DER. */
#include "pki/key/ossl.h"

#include <openssl/err.h>

enum rc ossl_fail(enum rc code, const char *what) {
    unsigned long e = ERR_peek_last_error();
    const char *reason = e == 0 ? NULL : ERR_reason_error_string(e);
    ERR_clear_error();
    return err_set(code, "%s: %s", what, reason == NULL ? "OpenSSL gives no reason" : reason);
}

enum rc x509_from_der(struct span der, X509 **out) {
    const unsigned char *p = der.ptr;
    OSSL_AUTO(X509) x = d2i_X509(NULL, &p, (long)der.len);
    if (x == NULL)
        return ossl_fail(RC_INPUT, "certificate");
    if (p != der.ptr + der.len)
        FAIL(RC_INPUT, "certificate: bytes after its end");
    *out = MOVE(x);
    return RC_OK;
}
