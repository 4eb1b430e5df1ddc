/* Finds private keys on tokens by their public half, and by URI for the operator's own keys. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"
#include "pki/cert/spki.h"
#include "pki/key/key_in.h"
#include "pki/key/key_uri.h"

struct ring { /* the keys one session sees */
    struct p11_key priv[OBJECTS_MAX], pub[OBJECTS_MAX];
    size_t privs, pubs;
};
static void ring_free(struct ring *r) {
    free(r);
}
OWN(ring)

static bool same_id(const struct p11_key *k, const uint8_t *id, size_t len) {
    return len > 0 && k->id_len == len && memcmp(k->id, id, len) == 0;
}

static bool knows_public(const struct p11_key *k) {
    return k->modulus_len > 0 || k->point_len > 0;
}

/* Some tokens tell the public half only at the public object: it is the one with the same CKA_ID. */
static void complete(struct ring *r) {
    for (size_t i = 0; i < r->privs; i++) {
        struct p11_key *k = &r->priv[i];
        for (size_t j = 0; j < r->pubs && !knows_public(k); j++) {
            const struct p11_key *p = &r->pub[j];
            if (!same_id(p, k->id, k->id_len) || p->type != k->type)
                continue;
            memcpy(k->modulus, p->modulus, k->modulus_len = p->modulus_len);
            memcpy(k->point, p->point, k->point_len = p->point_len);
        }
    }
}

static enum rc ring_read(const struct p11_session *s, struct ring **out) {
    AUTO_PTR(ring) r = calloc(1, sizeof *r);
    if (r == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(p11_keys_list(s, true, r->priv, OBJECTS_MAX, &r->privs));
    TRY(p11_keys_list(s, false, r->pub, OBJECTS_MAX, &r->pubs));
    complete(r);
    *out = MOVE(r);
    return RC_OK;
}

static void remember(struct key *k, const struct p11_key *at) {
    k->token.handle = at->handle;
    memcpy(k->token.id, at->id, at->id_len);
    k->token.id_len = at->id_len;
}

static enum rc find_again(struct key *k) {
    AUTO_PTR(ring) r = NULL;

    TRY(ring_read(k->token.session, &r));
    for (int by_id = 0; by_id <= 1; by_id++)
        for (size_t i = 0; i < r->privs; i++) {
            const struct p11_key *p = &r->priv[i];
            bool fits = by_id == 1 ? !knows_public(p) && same_id(p, k->token.id, k->token.id_len)
                                   : p11_key_is(p, k->pub.modulus, k->pub.point);
            if (!fits)
                continue;
            remember(k, p);
            return RC_OK;
        }
    FAIL(RC_NOT_FOUND, "the token has no private key that belongs to this certificate");
}

static void take_object(struct key *k, const struct p11_key *at) {
    remember(k, at);
    k->token.find_again = find_again;
}

static enum rc make(const struct p11_session *s, const struct p11_key *at, struct span spki, struct key **out) {
    AUTO_PTR(key) k = calloc(1, sizeof *k);
    if (k == NULL)
        FAIL(RC_LIMIT, "out of memory");
    k->token.session = s;
    take_object(k, at);
    TRY(key_set_spki(k, spki));
    TRY(key_hook_token(k));
    *out = MOVE(k);
    return RC_OK;
}

/* A signature that verifies: the public half we were told and the key belong together, and it may sign. */
static enum rc probe(struct key *k) {
    AUTO(buf) signature = {0};
    TRY(key_sign(k, span_str(KEY_PROBE), &signature));
    return key_verify(&k->pub, span_str(KEY_PROBE), buf_span(&signature));
}

/* The certificate object's CKA_ID is a hint only: the key must prove itself. */
static enum rc by_cert_id(const struct p11_session *s, const struct ring *r, const struct cert *cert,
                          struct key **out) {
    AUTO(p11_certs) certs = {0};
    TRY(p11_certs_list(s, &certs));
    for (size_t i = 0; i < certs.count; i++) {
        const struct p11_cert *c = &certs.at[i];
        for (size_t j = 0; j < r->privs && span_eq(buf_span(&c->der), cert->der); j++) {
            if (knows_public(&r->priv[j]) || !same_id(&r->priv[j], c->id, c->id_len))
                continue;
            AUTO_PTR(key) k = NULL;
            TRY(make(s, &r->priv[j], cert->spki, &k));
            TRY(probe(k));
            *out = MOVE(k);
            return RC_OK;
        }
    }
    FAIL(RC_NOT_FOUND, "the token has no private key that belongs to this certificate");
}

enum rc key_open_token(const struct p11_session *session, const struct cert *cert, struct key **out) {
    AUTO_PTR(ring) r = NULL;
    TRY(ring_read(session, &r));
    for (size_t i = 0; i < r->privs; i++)
        if (p11_key_is(&r->priv[i], cert->modulus, cert->point))
            return make(session, &r->priv[i], cert->spki, out);
    return by_cert_id(session, r, cert, out);
}

/* The public half as SubjectPublicKeyInfo. Tokens keep the exponent apart and p11 does not read it: 65537 is what every
   CA has, and the probe tells when it is not. */
static enum rc write_spki(const struct p11_key *k, struct buf *spki) {
    AUTO(derw) w = {0};
    if (!knows_public(k))
        FAIL(RC_NOT_FOUND, "the token does not tell the public half of the key: it needs the public key object too");
    if (k->type == CKK_RSA)
        return spki_rsa(span_of(k->modulus, k->modulus_len), spki);
    derw_open(&w, DER_SEQUENCE);
    derw_open(&w, DER_SEQUENCE);
    derw_put(&w, DER_OID, OID_EC);
    derw_put(&w, DER_OID, k->point_len == 65 ? OID_P256 : k->point_len == 97 ? OID_P384 : OID_P521);
    derw_close(&w);
    derw_bits(&w, span_of(k->point, k->point_len), 0);
    derw_close(&w);
    TRY(derw_end(&w));
    return buf_add_span(spki, buf_span(&w.out));
}

static enum rc choose_token(const struct key_uri *u, const struct p11_module *m, struct p11_token *out) {
    struct p11_token tokens[TOKENS_MAX];
    size_t count = 0, hits = 0;
    TRY(p11_tokens(m, tokens, TOKENS_MAX, &count));
    for (size_t i = 0; i < count; i++)
        if (key_uri_fits(u, &tokens[i]) && hits++ == 0)
            *out = tokens[i];
    if (hits == 0)
        FAIL(RC_NOT_FOUND, "no token in %s fits the pkcs11: URI", m->path);
    if (hits > 1)
        FAIL(RC_USAGE, "%zu tokens fit the pkcs11: URI: add token=… or serial=…", hits);
    return RC_OK;
}

static enum rc choose_key(const struct key_uri *u, const struct ring *r, const struct p11_key **out) {
    size_t hits = 0;
    for (size_t i = 0; i < r->privs; i++) {
        const struct p11_key *k = &r->priv[i];
        if ((u->object[0] != '\0' && strcmp(u->object, k->label) != 0) ||
            (u->id_len > 0 && !same_id(k, u->id, u->id_len)))
            continue;
        if (hits++ == 0)
            *out = k;
    }
    if (hits == 0)
        FAIL(RC_NOT_FOUND, "no private key on the token fits the pkcs11: URI (is a PIN file named?)");
    if (hits > 1)
        FAIL(RC_USAGE, "%zu private keys fit the pkcs11: URI: add object=… or id=%%…", hits);
    return RC_OK;
}

static enum rc login(const struct key_uri *u, const struct p11_token *t, struct span pin, struct p11_session *s) {
    AUTO(secret) from_uri = {0};
    if (pin.ptr == NULL && u->pin_file[0] != '\0') {
        TRY(secret_read_file(u->pin_file, &from_uri));
        pin = span_of(from_uri.text, from_uri.len);
    }
    if (pin.ptr == NULL && !t->protected_path)
        return RC_OK; /* a module that wants no PIN; else it shows no private key, and the text says so */
    if (t->pin_locked || t->pin_final_try)
        FAIL(RC_PIN_LOCKED, "token %s: its PIN is locked, or the last try is left and not spent here", t->label);
    enum rc rc = p11_login(s, pin);
    s->logged_in = false; /* the PIN goes before the session does */
    s->pin = (struct span){0};
    return rc;
}

static enum rc open_in(const struct key_uri *u, struct span pin, struct key *k, struct buf *spki) {
    struct p11_token token;
    AUTO_PTR(ring) r = NULL;
    const struct p11_key *found = NULL;
    TRY(choose_token(u, &k->token.module, &token));
    TRY(p11_session_open(&token, false, &k->token.own));
    TRY(login(u, &token, pin, &k->token.own));
    TRY(ring_read(&k->token.own, &r));
    TRY(choose_key(u, r, &found));
    k->token.session = &k->token.own;
    take_object(k, found);
    return write_spki(found, spki);
}

enum rc key_open_uri(const char *uri, struct span pin, struct key **out) {
    struct key_uri u;
    AUTO(buf) spki = {0};
    TRY(key_uri_parse(uri, &u));
    AUTO_PTR(key) k = calloc(1, sizeof *k);
    if (k == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(p11_module_open(&k->token.module, u.module));
    TRY(open_in(&u, pin, k, &spki));
    TRY(key_set_spki(k, buf_span(&spki)));
    TRY(key_hook_token(k));
    TRY(cert_at("the key on the token", probe(k)));
    *out = MOVE(k);
    return RC_OK;
}

/* --- A key that lasts --- */

struct lasting {
    struct key_again again; /* first: by it the rest is found */
    struct key_uri uri;
    struct secret pin;
    bool refused; /* a login, with that PIN: it may be wrong now, and each try counts */
};

static void lasting_free(struct lasting *a) {
    if (a == NULL)
        return;
    secret_free(&a->pin);
    free(a);
}
OWN(lasting)

static struct lasting *lasting_of(struct key_again *a) {
    return (struct lasting *)(void *)a;
}

static void forget(struct key_again *a) {
    lasting_free(lasting_of(a));
}

/* The PIN stays in memory: what its file says later is another one, which an operator has not asked to be tried. */
static enum rc lasting_new(const char *uri, const char *pin_file, struct lasting **out) {
    AUTO_PTR(lasting) a = calloc(1, sizeof *a);
    if (a == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(key_uri_parse(uri, &a->uri));
    const char *path = pin_file != NULL && pin_file[0] != '\0' ? pin_file : a->uri.pin_file;
    if (path[0] != '\0')
        TRY(secret_read_file(path, &a->pin));
    *out = MOVE(a);
    return RC_OK;
}

static enum rc open_same(struct key *k, const struct lasting *a) {
    AUTO(buf) spki = {0};
    TRY(open_in(&a->uri, span_of(a->pin.text, a->pin.len), k, &spki));
    if (!span_eq(buf_span(&spki), buf_span(&k->spki)))
        FAIL(RC_TOKEN, "another key than before fits the pkcs11: URI now");
    return RC_OK;
}

static enum rc open_again(struct key *k) {
    struct lasting *a = lasting_of(k->token.again);
    if (a->refused)
        FAIL(RC_PIN_LOCKED, "the token refused the PIN: it is not tried again by itself");
    p11_session_free(&k->token.own);
    enum rc rc = open_same(k, a);
    a->refused = rc == RC_PIN_WRONG || rc == RC_PIN_LOCKED;
    if (rc == RC_OK)
        return RC_OK;
    p11_session_free(&k->token.own);
    k->token.own.module = &k->token.module; /* a session that is none */
    return rc;
}

enum rc key_open_uri_lasting(const char *uri, const char *pin_file, struct key **out) {
    AUTO_PTR(lasting) a = NULL;
    TRY(lasting_new(uri, pin_file, &a));
    TRY(key_open_uri(uri, span_of(a->pin.text, a->pin.len), out));
    a->again = (struct key_again){open_again, forget};
    (*out)->token.again = &MOVE(a)->again;
    return RC_OK;
}
