/* Private keys on tokens (SoftHSM): by certificate and by URI (RFC 7512), usable by all of OpenSSL, failing cleanly. */
#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/run.h"
#include "lib/softhsm.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "pki/cert/oid.h"
#include "pki/key/key_in.h"
#include "pki/key/key_uri.h"
#include "pki/key/ossl.h"

#define PIN "8gK-grep-me"

static struct softhsm hsm;
static struct p11_token token;
static struct p11_session session;
static const uint8_t rsa_id[] = {0x01}, ec_id[] = {0x02}, other_id[] = {0x03};

/* The subscriber's RSA key as the token's first, an EC and another RSA key beside it. */
static int open_world(void **state) {
    (void)state;
    char path[PATH_CAP], der_path[PATH_CAP];
    AUTO(buf) der = {0};
    pki_world_open(&world);
    if (softhsm_open(&hsm, NULL) == RC_NOT_FOUND)
        return 0;
    pki_world_path(&world, "sub.key", path);
    pki_world_path(&world, "sub.der", der_path);
    MUST_RUN("openssl", "pkey", "-in", path, "-outform", "DER", "-out", der_path);
    MUST_OK(fs_read(der_path, 65536, &der));
    MUST_OK(softhsm_token(&hsm, "subscriber1", PIN, &token));
    MUST_OK(softhsm_login(&token, PIN, &session));
    MUST_OK(softhsm_put_rsa(&session, buf_span(&der), span_of(rsa_id, 1), "sub"));
    MUST_OK(softhsm_make_p256(&session, span_of(ec_id, 1), "ec"));
    MUST_OK(softhsm_make_rsa(&session, 2048, span_of(other_id, 1), "other"));
    pki_world_path(&world, "pin", path);
    MUST_OK(fs_write(path, span_str(PIN "\n"), 0600));
    return 0;
}

static int close_world(void **state) {
    (void)state;
    p11_session_free(&session);
    if (hsm.dir[0] != '\0')
        softhsm_free(&hsm);
    pki_world_free(&world);
    return 0;
}

static void need_token(void) {
    if (hsm.dir[0] == '\0') {
        print_message("SoftHSM is not installed\n");
        skip();
    }
}

static void proves_itself(struct key *k) {
    AUTO(buf) signature = {0};
    AUTO(buf) spki = {0};
    MUST_OK(key_sign(k, span_str("text"), &signature));
    MUST_OK(key_spki(k, &spki));
    const unsigned char *p = spki.data;
    OSSL_AUTO(EVP_PKEY) pub = d2i_PUBKEY(NULL, &p, (long)spki.len); /* the judge: OpenSSL's own decoder and verifier */
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pub), 1);
    assert_int_equal(EVP_DigestVerify(ctx, signature.data, signature.len, (const uint8_t *)"text", 4), 1);
    EVP_MD_CTX_free(ctx);
}

static void finds_the_key_of_a_certificate(void **state) {
    (void)state;
    need_token();
    AUTO_PTR(key) k = NULL;
    MUST_OK(key_open_token(&session, &world.sub, &k));
    assert_true(key_matches(k, &world.sub));
    proves_itself(k);
    struct key *none = NULL;
    MUST_FAIL(RC_NOT_FOUND, key_open_token(&session, ca_cert(world.old_ca), &none));
}

static void opens_by_uri(void **state) {
    (void)state;
    need_token();
    AUTO_PTR(key) rsa = NULL;
    AUTO_PTR(key) ec = NULL;
    char uri[2 * PATH_CAP], pin_path[PATH_CAP];
    pki_world_path(&world, "pin", pin_path);
    snprintf(uri, sizeof uri, "pkcs11:token=subscriber1;object=sub;type=private?module-path=%s", softhsm_path());
    MUST_OK(key_open(uri, pin_path, &rsa));
    assert_true(key_matches(rsa, &world.sub));
    proves_itself(rsa);
    snprintf(uri, sizeof uri, "pkcs11:serial=%s;id=%%02?pin-source=file:%s&module-path=%s", token.serial, pin_path,
             softhsm_path());
    MUST_OK(key_open(uri, NULL, &ec));
    proves_itself(ec);
}

static void opens_by_environment(void **state) {
    (void)state;
    need_token();
    AUTO_PTR(key) k = NULL;
    unsetenv("PKCS11_MODULE_PATH");
    MUST_FAIL(RC_USAGE, key_open_uri("pkcs11:token=subscriber1;id=%01", span_str(PIN), &k));
    setenv("PKCS11_MODULE_PATH", softhsm_path(), 1);
    MUST_OK(key_open_uri("pkcs11:token=subscriber1;id=%01", span_str(PIN), &k));
    unsetenv("PKCS11_MODULE_PATH");
}

#define CALLERS 16
#define TURNS   40

static void *sign_many(void *arg) {
    struct key *k = arg;
    for (uint32_t i = 0; i < TURNS; i++) {
        AUTO(buf) signature = {0};
        struct span data = span_of(&i, sizeof i);
        MUST_OK(key_sign(k, data, &signature));
        MUST_OK(key_verify(&k->pub, data, buf_span(&signature)));
    }
    return NULL;
}

/* A session has one operation at a time: many that sign at once each get their own signature, and none fails. */
static void many_sign_by_one_key(void **state) {
    (void)state;
    need_token();
    static const char *const ids[] = {"01", "02"};
    for (size_t i = 0; i < 2; i++) {
        AUTO_PTR(key) k = NULL;
        pthread_t threads[CALLERS];
        char uri[PATH_CAP + 100];
        (void)snprintf(uri, sizeof uri, "pkcs11:serial=%s;id=%%%s?module-path=%s", token.serial, ids[i],
                       softhsm_path());
        MUST_OK(key_open_uri(uri, span_str(PIN), &k));
        for (int n = 0; n < CALLERS; n++)
            assert_int_equal(pthread_create(&threads[n], NULL, sign_many, k), 0);
        for (int n = 0; n < CALLERS; n++)
            pthread_join(threads[n], NULL);
    }
}

static void never_guesses_between_keys(void **state) {
    (void)state;
    need_token();
    struct key *k = NULL;
    setenv("PKCS11_MODULE_PATH", softhsm_path(), 1);
    MUST_FAIL(RC_USAGE, key_open_uri("pkcs11:token=subscriber1", span_str(PIN), &k)); /* three fit */
    MUST_FAIL(RC_NOT_FOUND, key_open_uri("pkcs11:token=subscriber1;object=no", span_str(PIN), &k));
    MUST_FAIL(RC_NOT_FOUND, key_open_uri("pkcs11:token=subscriber;id=%01", span_str(PIN), &k)); /* no prefix match */
    unsetenv("PKCS11_MODULE_PATH");
    assert_null(k);
}

static void never_guesses_between_tokens(void **state) {
    (void)state;
    need_token();
    struct p11_token twin;
    struct key *k = NULL;
    MUST_OK(softhsm_token(&hsm, "subscriber2", PIN, &twin));
    setenv("PKCS11_MODULE_PATH", softhsm_path(), 1);
    MUST_FAIL(RC_USAGE, key_open_uri("pkcs11:model=SoftHSM%20v2;id=%01", span_str(PIN), &k));
    assert_non_null(strstr(err_text(), "2 tokens fit"));
    unsetenv("PKCS11_MODULE_PATH");
    assert_null(k);
}

/* What CMP and TLS do with a key: X509_REQ_sign and PSS go through EVP to the token. */
static void serves_openssl(void **state) {
    (void)state;
    need_token();
    AUTO_PTR(key) k = NULL;
    MUST_OK(key_open_token(&session, &world.sub, &k));
    X509_REQ *req = X509_REQ_new();
    assert_true(X509_REQ_set_pubkey(req, key_evp(k)));
    assert_true(X509_REQ_sign(req, key_evp(k), EVP_sha256()) > 0);
    assert_int_equal(X509_REQ_verify(req, key_evp(k)), 1);
    X509_REQ_free(req);
    assert_int_equal(key_token_rc(k), RC_OK);
}

static bool pss_signs(struct key *k) {
    uint8_t out[512];
    size_t len = sizeof out;
    EVP_PKEY_CTX *pctx = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = EVP_DigestSignInit(ctx, &pctx, EVP_sha256(), NULL, key_evp(k)) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
              EVP_DigestSign(ctx, out, &len, (const uint8_t *)"text", 4) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* The token goes away under the key: the code and text of the failure come through OpenSSL to the caller. */
static void tells_why_the_token_failed(void **state) {
    (void)state;
    need_token();
    struct p11_session lost;
    AUTO_PTR(key) k = NULL;
    AUTO(buf) signature = {0};
    MUST_OK(softhsm_login(&token, PIN, &lost));
    MUST_OK(key_open_token(&lost, &world.sub, &k));
    assert_true(pss_signs(k));
    const CK_SESSION_HANDLE handle = lost.handle;
    p11_session_free(&lost);
    lost = (struct p11_session){.module = &hsm.module, .handle = handle};
    MUST_FAIL(RC_TOKEN, key_sign(k, span_str("text"), &signature));
    assert_non_null(strstr(err_text(), "CKR_SESSION_HANDLE_INVALID"));
    assert_int_equal(signature.len, 0);
    assert_false(pss_signs(k));
    assert_int_equal(key_token_rc(k), RC_TOKEN);
}

static void lose_sessions(void) {
    assert_int_equal(hsm.module.fn->C_CloseAllSessions(token.slot), CKR_OK);
    session = (struct p11_session){0};
}

static void open_lasting(struct key **out) {
    char uri[PATH_CAP + 100], pin_path[PATH_CAP];
    pki_world_path(&world, "pin", pin_path);
    (void)snprintf(uri, sizeof uri, "pkcs11:serial=%s;id=%%01?module-path=%s", token.serial, softhsm_path());
    MUST_OK(key_open_lasting(uri, pin_path, out));
}

/* A token that was away for a moment has forgotten who was logged in. */
static void a_lasting_key_logs_in_again(void **state) {
    (void)state;
    need_token();
    AUTO_PTR(key) k = NULL;
    open_lasting(&k);
    proves_itself(k);
    for (int i = 0; i < 2; i++) {
        lose_sessions();
        proves_itself(k);
        assert_true(key_signs(k));
    }
}

static void set_pin(const char *from, const char *to) {
    struct p11_session s;
    MUST_OK(softhsm_login(&token, from, &s));
    assert_int_equal(
        s.module->fn->C_SetPIN(s.handle, p11_arg(from), (CK_ULONG)strlen(from), p11_arg(to), (CK_ULONG)strlen(to)),
        CKR_OK);
    p11_session_free(&s);
}

/* The PIN was changed meanwhile: it is tried once, and not again, not even when it would be right. */
static void a_lasting_key_tries_no_pin_twice(void **state) {
    (void)state;
    need_token();
    AUTO_PTR(key) k = NULL;
    AUTO(buf) signature = {0};
    open_lasting(&k);
    lose_sessions();
    set_pin(PIN, "another one");
    MUST_FAIL(RC_PIN_WRONG, key_sign(k, span_str("text"), &signature));
    assert_false(key_signs(k));
    set_pin("another one", PIN);
    for (int i = 0; i < 2; i++) {
        MUST_FAIL(RC_PIN_LOCKED, key_sign(k, span_str("text"), &signature));
        assert_non_null(strstr(err_text(), "not tried again"));
    }
    assert_false(key_signs(k));
    assert_int_equal(signature.len, 0);
}

static void reads_uris(void **state) {
    (void)state;
    struct key_uri u;
    MUST_OK(key_uri_parse(
        "pkcs11:token=a%20b;object=%c3%a1;id=%01%00%ff;type=private?module-path=/m.so&pin-source=file:///p", &u));
    assert_string_equal(u.token, "a b");
    assert_string_equal(u.object, "á");
    assert_true(u.id_len == 3 && memcmp(u.id, "\x01\x00\xff", 3) == 0);
    assert_string_equal(u.module, "/m.so");
    assert_string_equal(u.pin_file, "/p");
}

static void refuses_bad_uris(void **state) {
    (void)state;
    static const char *const bad[] = {
        "token=a",                                      /* no scheme */
        "pkcs11:token=a;pin-value=1234?module-path=/m", /* a path attribute that is none */
        "pkcs11:token=a?module-path=/m&pin-value=1234",
        "pkcs11:token=a?module-path=/m&pin-source=|cat",
        "pkcs11:token=a;token=b?module-path=/m",
        "pkcs11:colour=red?module-path=/m",
        "pkcs11:token=%4?module-path=/m",
        "pkcs11:token=%zz?module-path=/m",
        "pkcs11:token=a%00b?module-path=/m",
        "pkcs11:token=0123456789012345678901234567890123?module-path=/m", /* 33 characters fit no token */
        "pkcs11:type=public?module-path=/m",
        "pkcs11:id=?module-path=/m",
        "pkcs11:token?module-path=/m",
    };
    struct key_uri u;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (key_uri_parse(bad[i], &u) != RC_USAGE)
            fail_msg("%s was accepted", bad[i]);
    MUST_FAIL(RC_USAGE, key_uri_parse("pkcs11:token=a?module-path=/m&pin-value=98765", &u));
    assert_non_null(strstr(err_text(), "--ca-pin-file"));
    assert_null(strstr(err_text(), "98765"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_key_of_a_certificate),
        cmocka_unit_test(opens_by_uri),
        cmocka_unit_test(opens_by_environment),
        cmocka_unit_test(many_sign_by_one_key),
        cmocka_unit_test(never_guesses_between_keys),
        cmocka_unit_test(never_guesses_between_tokens),
        cmocka_unit_test(serves_openssl),
        cmocka_unit_test(tells_why_the_token_failed),
        cmocka_unit_test(a_lasting_key_logs_in_again),
        cmocka_unit_test(a_lasting_key_tries_no_pin_twice),
        cmocka_unit_test(reads_uris),
        cmocka_unit_test(refuses_bad_uris),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
