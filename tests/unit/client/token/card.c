/* Builds and inspects the simulated token of the client's tests. */
#include "unit/client/token/card.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "lib/tmp.h"
#include "pki/ca/profile.h"
#include "pki/cert/oid.h"

const uint8_t card_key_id[3] = {0x45, 0x00, 0x01};

struct ca {
    struct key *key;
    struct buf der;
    struct cert cert;
};
static struct ca cas[2]; /* old, new */

static const int64_t day_2019 = 1556668800, end_old = 1601606540, end_new = 1647277199; /* 2020-10-02, 2022-03-14 */

int card_cas(void **state) {
    (void)state;
    static const struct mint_ca profile[2] = {
        {"Viettel-CA", "Viettel Group", NULL, "VN", 1443753140, 1601606540, true},
        {"Viettel-CA", "Viettel Group", "Hà Nội", "VN", 1557705600, 1715558400, false},
    };
    MUST_OK(digest_init());
    for (int i = 0; i < 2; i++) {
        AUTO(tmp) folder = {0};
        char path[PATH_CAP];
        MUST_OK(tmp_make(&folder, NULL, "card"));
        MUST_OK(fs_join(path, folder.dir, "key.pem"));
        MUST_OK(key_make_file(path, 2048, &cas[i].key));
        MUST_OK(mint_ca(&profile[i], cas[i].key, &cas[i].der));
        MUST_OK(cert_parse(buf_span(&cas[i].der), &cas[i].cert));
    }
    return 0;
}

int card_cas_end(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        key_free(cas[i].key);
        buf_free(&cas[i].der);
    }
    return 0;
}

struct span card_ca(bool new_ca) {
    return buf_span(&cas[new_ca].der);
}

/* SubjectPublicKeyInfo of the token's key, from its public object. */
static void put_spki(const struct p11_key *k, struct derw *w) {
    AUTO(derw) rsa = {0};
    derw_open(w, DER_SEQUENCE);
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, k->type == CKK_RSA ? OID_RSA : OID_EC);
    derw_put(w, k->type == CKK_RSA ? DER_NULL : DER_OID, k->type == CKK_RSA ? (struct span){0} : OID_P256);
    derw_close(w);
    derw_open(&rsa, DER_SEQUENCE);
    derw_integer(&rsa, span_of(k->modulus, k->modulus_len));
    derw_small(&rsa, 65537);
    derw_close(&rsa);
    MUST_OK(derw_end(&rsa));
    derw_bits(w, k->type == CKK_RSA ? buf_span(&rsa.out) : span_of(k->point, k->point_len), 0);
    derw_close(w);
    MUST_OK(derw_end(w));
}

void card_mint(const struct card *c, bool by_new_ca, uint8_t serial, struct buf *der) {
    AUTO(p11_session) s = {0};
    AUTO(derw) spki = {0};
    struct p11_key k;
    size_t count = 0;
    MUST_OK(p11_session_open(&c->token, false, &s));
    MUST_OK(p11_keys_list(&s, false, &k, 1, &count));
    assert_int_equal(count, 1);
    put_spki(&k, &spki);
    struct mint_subscriber in = {
        {0x54, 0x01, serial}, 3,    "0100109106", "CÔNG TY TNHH MẪU", "HÀ NỘI", day_2019, by_new_ca ? end_new : end_old,
        buf_span(&spki.out),  false};
    MUST_OK(mint_subscriber(&in, cas[by_new_ca].key, &cas[by_new_ca].cert, der));
}

void card_renew(const struct card *c, struct buf *der) {
    static const uint8_t serial[SERIAL_LEN] = {0x54, 0x02};
    AUTO(buf) tbs = {0};
    AUTO(buf) signature = {0};
    struct cert old;
    MUST_OK(cert_parse(buf_span(&c->old_der), &old));
    struct profile_input in = {.old_cert = &old,
                               .issuer = &cas[1].cert,
                               .sig_alg = key_sig_alg(cas[1].key),
                               .serial = serial,
                               .not_before = day_2019,
                               .not_after = end_new,
                               .ocsp_url = "",
                               .crl_url = ""};
    MUST_OK(profile_tbs(&in, &tbs));
    MUST_OK(key_sign(cas[1].key, buf_span(&tbs), &signature));
    MUST_OK(profile_join(buf_span(&tbs), in.sig_alg, buf_span(&signature), der));
}

static void clear_environment(void) {
    static const char *const names[] = {"SHIM_FAIL",  "SHIM_FLAGS", "SHIM_UNIQUE_ID", "SHIM_LIE", "SHIM_LOG",
                                        "SHIM_COUNT", "LIAR"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
}

void card_open(struct card *c, bool ec) {
    *c = (struct card){0};
    clear_environment();
    setenv("SHIM_MODULE", softhsm_path(), 1);
    if (softhsm_open(&c->h, getenv("CAPBU_SHIM")) == RC_NOT_FOUND)
        skip();
    AUTO(p11_session) s = {0};
    MUST_OK(softhsm_token(&c->h, "subscriber1", CARD_PIN, &c->token));
    MUST_OK(softhsm_login(&c->token, CARD_PIN, &s));
    if (ec)
        MUST_OK(softhsm_make_p256(&s, SPAN(card_key_id), "key"));
    else
        MUST_OK(softhsm_make_rsa(&s, 1024, SPAN(card_key_id), "key"));
    card_mint(c, false, 1, &c->old_der);
    card_mint(c, true, 2, &c->new_der);
    MUST_OK(softhsm_put_cert(&s, buf_span(&c->old_der), SPAN(card_key_id), CARD_LABEL));
    MUST_OK(fs_join(c->log, c->h.dir, "log"));
    MUST_OK(fs_join(c->state, c->h.dir, "state"));
    setenv("SHIM_LOG", c->log, 1);
}

void card_free(struct card *c) {
    clear_environment();
    buf_free(&c->old_der);
    buf_free(&c->new_der);
    softhsm_free(&c->h);
}

void card_pull(const struct card *c) {
    unsetenv("SHIM_FAIL");
    (void)c->h.module.fn->C_CloseAllSessions(c->token.slot);
}

static bool signs(const struct card *c, const struct p11_session *s) {
    struct cert old;
    AUTO_PTR(key) key = NULL;
    AUTO(buf) signature = {0};
    MUST_OK(cert_parse(buf_span(&c->old_der), &old));
    return key_open_token(s, &old, &key) == RC_OK && key_sign(key, span_str("probe"), &signature) == RC_OK &&
           key_verify(&old, span_str("probe"), buf_span(&signature)) == RC_OK;
}

void card_look(const struct card *c, struct card_sees *out) {
    AUTO(p11_session) s = {0};
    AUTO(p11_certs) certs = {0};
    *out = (struct card_sees){0};
    card_pull(c);
    MUST_OK(softhsm_login(&c->token, CARD_PIN, &s));
    MUST_OK(p11_certs_list(&s, &certs));
    out->certs = certs.count;
    for (size_t i = 0; i < certs.count; i++) {
        out->old_certs += span_eq(buf_span(&certs.at[i].der), buf_span(&c->old_der));
        if (!span_eq(buf_span(&certs.at[i].der), buf_span(&c->new_der)))
            continue;
        out->new_certs++;
        out->fresh = certs.at[i];
        out->fresh.der = (struct buf){0};
    }
    out->signs = signs(c, &s);
}

size_t card_calls(const struct card *c, const char *function) {
    AUTO(buf) log = {0};
    MUST_OK(fs_read(c->log, 1 << 20, &log));
    size_t count = 0;
    char wanted[64];
    snprintf(wanted, sizeof wanted, " %s ", function);
    for (const char *at = buf_str(&log); (at = strstr(at, wanted)) != NULL; at++)
        count++;
    return count;
}
