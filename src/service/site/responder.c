/* Opens the responder's key and certificate (declared in service/site/responder.h). */
#include "service/site/responder.h"

#include "pki/cms.h"

void responder_free(struct responder *r) {
    key_free(MOVE(r->key));
    buf_free(&r->der);
}

static enum rc cert_open(const char *path, struct responder *r) {
    TRY(cert_from_file(path, &r->der));
    if (cert_parse(buf_span(&r->der), &r->cert) != RC_OK)
        return err_in(RC_INPUT, "%s", path);
    if (!cms_may_sign(&r->cert))
        FAIL(RC_CRYPTO,
             "%s may not sign receipts: it needs the key usage digitalSignature and the extended key usage "
             "id-kp-cmcRA (1.3.6.1.5.5.7.3.28)",
             path);
    return RC_OK;
}

enum rc responder_open(const struct conf *c, struct responder *out) {
    AUTO(responder) r = {0};
    TRY(cert_open(c->cmp_cert, &r));
    TRY(key_open_lasting(c->cmp_key, c->cmp_pin_file, &r.key));
    if (!key_matches(r.key, &r.cert))
        FAIL(RC_CRYPTO, "%s does not belong to %s", c->cmp_key, c->cmp_cert);
    *out = r;
    r = (struct responder){0}; /* given away */
    return RC_OK;
}
