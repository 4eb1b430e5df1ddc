/* A drill's tokens: made by p11/soft.c, filled with what a subscriber's holds. */
#include "service/drill/drill_token.h"

#include "p11/soft.h"
#include "pki/cert/cert.h"

enum rc drill_token_make(const struct p11_module *m, const char *label, struct span pin, struct p11_session *s) {
    struct p11_token t;
    AUTO(p11_session) made = {0};

    TRY(soft_token(m, label, pin, &t));
    TRY(p11_session_open(&t, true, &made));
    TRY(p11_login(&made, pin));
    *s = made;
    made = (struct p11_session){0};
    return RC_OK;
}

static enum rc public_half(const struct p11_session *s, struct span id, struct p11_key *key) {
    struct p11_key all[OBJECTS_MAX];
    size_t count = 0;

    TRY(p11_keys_list(s, false, all, OBJECTS_MAX, &count));
    for (size_t i = 0; i < count; i++) {
        if (!span_eq(span_of(all[i].id, all[i].id_len), id))
            continue;
        *key = all[i];
        return RC_OK;
    }
    FAIL(RC_TOKEN, "the new key is not on the token");
}

enum rc drill_token_key(const struct p11_session *s, int bits, struct span id, const char *label, struct p11_key *key) {
    TRY(soft_rsa(s, (unsigned)bits, id, label));
    return public_half(s, id, key);
}

enum rc drill_token_cert(const struct p11_session *s, struct span der, struct span id, const char *label) {
    struct cert c;
    CK_OBJECT_HANDLE made;

    TRY(cert_parse(der, &c));
    struct p11_cert_attrs a = {
        .subject = c.subject, .issuer = c.issuer, .serial = c.serial_der, .value = der, .id = id, .label = label};
    return p11_cert_create(s, &a, TEMPLATE_FULL, &made);
}
