/* CMP messages between bytes and OpenSSL (declared in pki/cmp/cmp_ossl.h). */
#include "pki/cmp/cmp_ossl.h"

/* What an i2d function allocated becomes ours. */
static enum rc taken(uint8_t *der, int len, struct buf *out) {
    if (len <= 0)
        return ossl_fail(RC_CRYPTO, "encoding");
    enum rc rc = buf_set(out, span_of(der, (size_t)len));
    OPENSSL_free(der);
    return rc;
}

enum rc cmp_encode(const OSSL_CMP_MSG *msg, struct buf *out) {
    uint8_t *der = NULL;
    int len = i2d_OSSL_CMP_MSG(msg, &der);
    return taken(der, len, out);
}

enum rc cmp_x509_der(const X509 *cert, struct buf *out) {
    uint8_t *der = NULL;
    int len = i2d_X509(cert, &der);
    return taken(der, len, out);
}

enum rc cmp_decode(struct span der, OSSL_CMP_MSG **out) {
    const uint8_t *p = der.ptr;
    AUTO(buf) again = {0};
    OSSL_AUTO(OSSL_CMP_MSG) msg = d2i_OSSL_CMP_MSG(NULL, &p, (long)der.len);
    if (msg == NULL)
        return ossl_fail(RC_INPUT, "not a CMP message (RFC 4210)");
    TRY(cmp_encode(msg, &again));
    if (!span_eq(der, buf_span(&again)))
        FAIL(RC_INPUT, "the CMP message is not in DER: send the one right encoding (X.690)");
    *out = MOVE(msg);
    return RC_OK;
}

/* An object identifier from its contents bytes. */
static ASN1_OBJECT *object_of(struct span oid) {
    AUTO(derw) w = {0};
    derw_put(&w, DER_OID, oid);
    const uint8_t *p = w.out.data;
    return derw_end(&w) == RC_OK ? d2i_ASN1_OBJECT(NULL, &p, (long)w.out.len) : NULL;
}

enum rc cmp_info_put(OSSL_CMP_CTX *ctx, struct span type, struct span value) {
    const uint8_t *p = value.ptr;
    OSSL_AUTO(ASN1_OBJECT) oid = object_of(type);
    OSSL_AUTO(ASN1_TYPE) any = d2i_ASN1_TYPE(NULL, &p, (long)value.len);
    if (oid == NULL || any == NULL || p != value.ptr + value.len)
        return ossl_fail(RC_BUG, "generalInfo");
    OSSL_AUTO(OSSL_CMP_ITAV) item = OSSL_CMP_ITAV_create(oid, any);
    if (item == NULL)
        return ossl_fail(RC_LIMIT, "generalInfo");
    oid = NULL; /* both are the item's now */
    any = NULL;
    if (!OSSL_CMP_CTX_push0_geninfo_ITAV(ctx, item))
        return ossl_fail(RC_LIMIT, "generalInfo");
    item = NULL;
    return RC_OK;
}

enum rc cmp_question_put(OSSL_CMP_CTX *ctx, struct span type) {
    OSSL_AUTO(ASN1_OBJECT) oid = object_of(type);
    if (oid == NULL)
        return ossl_fail(RC_BUG, "general message");
    OSSL_AUTO(OSSL_CMP_ITAV) item = OSSL_CMP_ITAV_create(oid, NULL);
    if (item == NULL)
        return ossl_fail(RC_LIMIT, "general message");
    oid = NULL; /* the item's now */
    if (!OSSL_CMP_CTX_push0_genm_ITAV(ctx, item))
        return ossl_fail(RC_LIMIT, "general message");
    item = NULL;
    return RC_OK;
}

int cmp_log_nothing(const char *func, const char *file, int line, OSSL_CMP_severity level, const char *text) {
    (void)func, (void)file, (void)line, (void)level, (void)text;
    return 1;
}

STACK_OF(X509) * cmp_stack_of(X509 *cert) {
    STACK_OF(X509) *all = sk_X509_new_null();
    if (all == NULL || X509_add_cert(all, cert, X509_ADD_FLAG_UP_REF) != 1) {
        sk_X509_free(all);
        return NULL;
    }
    return all;
}
