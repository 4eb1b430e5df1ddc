/* Fuzzes the certificate reader (dependencies: pki): what it accepts, OpenSSL accepts and reads the same, what OpenSSL
   calls invalid is noted, names can be shown, and it survives PEM and back. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "pki/cert/cert.h"

static void check_name(struct span name, const X509_NAME *theirs) {
    AUTO(buf) text = {0};
    const unsigned char *der;
    size_t len;
    require(cert_name_format(name, &text) == RC_OK && utf8_valid(buf_span(&text)));
    require(X509_NAME_get0_der(theirs, &der, &len) && span_eq(span_of(der, len), name));
}

static void check_pem(struct span der) {
    AUTO(buf) pem = {0};
    AUTO(buf) back = {0};
    require(cert_to_pem(der, &pem) == RC_OK && cert_from_pem_or_der(buf_span(&pem), &back) == RC_OK);
    require(span_eq(buf_span(&back), der));
}

/* Spans lie in the input, facts agree with them. */
static void check_facts(const struct cert *c, X509 *x) {
    const struct cert_facts *f = &c->facts;
    require(c->tbs.ptr > c->der.ptr && c->tbs.ptr + c->tbs.len < c->der.ptr + c->der.len);
    require(span_eq(c->serial, span_of(f->serial, f->serial_len)) && f->not_before <= f->not_after);
    require(X509_get_ext_count(x) == (int)c->ext_count);
    bool ca = (X509_get_extension_flags(x) & EXFLAG_CA) != 0;
    require(ca == f->ca || (f->odd >> ODD_BASIC & 1) != 0);
    require(!ca || (f->unfit >> UNFIT_CA & 1) != 0); /* nothing of a CA is ever renewed */
    for (size_t i = 0; i < c->ext_count; i++)
        require(cert_ext_find(c, c->ext[i].oid) == &c->ext[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(buf) der = {0};
    struct cert c;
    if (cert_from_pem_or_der(span_of(data, size), &der) != RC_OK || cert_parse(buf_span(&der), &c) != RC_OK)
        return 0;
    const unsigned char *p = der.data;
    X509 *x = d2i_X509(NULL, &p, (long)der.len);
    require(x != NULL && p == der.data + der.len);
    X509_check_purpose(x, -1, 0); /* makes it read the extensions */
    require((X509_get_extension_flags(x) & EXFLAG_INVALID) == 0 || c.facts.odd != 0);
    check_name(c.issuer, X509_get_issuer_name(x));
    check_name(c.subject, X509_get_subject_name(x));
    check_facts(&c, x);
    check_pem(buf_span(&der));
    X509_free(x);
    ERR_clear_error();
    return 0;
}
