/* CMP with the key on a token: OpenSSL's operations reach it, and its failures come back under their own name. */
#include "unit/pki/cmp/cmp_world.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "lib/softhsm.h"
#include "pki/key/ossl.h"

#define PIN "8gK-grep-me"

static struct world w;
static struct softhsm h;
static struct p11_token token;
static struct p11_session session;
static struct cert owner;
static struct key *key;
static struct cmp_result result;

static int begin(void **state) {
    static const uint8_t id[] = {0x01};
    uint8_t *der = NULL;
    (void)state;
    unsetenv("SHIM_FAIL");
    setenv("SHIM_MODULE", softhsm_path(), 1);
    if (softhsm_open(&h, getenv("CAPBU_SHIM")) == RC_NOT_FOUND)
        return 0; /* each test skips */
    world_open(&w, WORLD_RSA);
    int len = i2d_PrivateKey(key_evp(w.owner.key), &der);
    assert_true(len > 0);
    MUST_OK(softhsm_token(&h, "owner", PIN, &token));
    MUST_OK(softhsm_login(&token, PIN, &session));
    MUST_OK(softhsm_put_rsa(&session, span_of(der, (size_t)len), span_of(id, sizeof id), "key"));
    OPENSSL_clear_free(der, (size_t)len);
    MUST_OK(cert_parse(buf_span(&w.owner.cert), &owner));
    MUST_OK(key_open_token(&session, &owner, &key));
    w.cli.key = key;
    return 0;
}

static int end(void **state) {
    (void)state;
    unsetenv("SHIM_FAIL");
    cmp_result_free(&result);
    key_free(MOVE(key));
    p11_session_free(&session);
    softhsm_free(&h);
    world_free(&w);
    return 0;
}

static void need_softhsm(void) {
    if (key == NULL) {
        print_message("SoftHSM is not installed\n");
        skip();
    }
}

static void granted(void **state) {
    (void)state;
    need_softhsm();
    MUST_OK(cmp_cli_run(&w.cli, &result));
    assert_true(result.confirmed);
    assert_int_equal(world_confirmed(&w), 1);
}

/* The first two signatures are the kur's: proof of possession, and protection. Nothing is sent without them. */
static void gone_before_sending(const char *fail) {
    need_softhsm();
    setenv("SHIM_FAIL", fail, 1);
    MUST_FAIL(RC_TOKEN, cmp_cli_run(&w.cli, &result));
    assert_non_null(strstr(err_text(), "CKR_DEVICE_REMOVED"));
    assert_int_equal(w.sends, 0);
}

static void token_gone_at_the_proof(void **state) {
    (void)state;
    gone_before_sending("C_Sign:1:DEVICE_REMOVED");
}

static void token_gone_at_the_protection(void **state) {
    (void)state;
    gone_before_sending("C_Sign:2:DEVICE_REMOVED");
}

/* The third protects certConf: the certificate is on the token by then, and not confirmed. */
static void token_gone_at_the_confirmation(void **state) {
    (void)state;
    need_softhsm();
    setenv("SHIM_FAIL", "C_Sign:3:DEVICE_REMOVED", 1);
    MUST_FAIL(RC_TOKEN, cmp_cli_run(&w.cli, &result));
    assert_non_null(strstr(err_text(), "CKR_DEVICE_REMOVED"));
    assert_true(span_eq(buf_span(&result.certificate), buf_span(&w.issued)));
    assert_int_equal(w.installs, 1);
    assert_false(result.confirmed);
    assert_int_equal(world_confirmed(&w), 0);
}

#define WITH_TOKEN(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_TOKEN(granted),
        WITH_TOKEN(token_gone_at_the_proof),
        WITH_TOKEN(token_gone_at_the_protection),
        WITH_TOKEN(token_gone_at_the_confirmation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
