/* Signed documents: what cms_sign writes OpenSSL verifies, and cms_verify takes nothing else. */
#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/run.h"
#include "pki/cms.h"

#include <string.h>

#define TEXT "{\"new_serial\":\"4301\"}\n"

static struct key *keys[2]; /* EC, RSA */
static struct buf certs[2];

static struct cert view(const struct buf *der) {
    struct cert c;
    MUST_OK(cert_parse(buf_span(der), &c));
    return c;
}

static int setup(void **state) {
    static const char *const names[] = {"ec.key", "rsa.key"};
    int rc = pki_world_setup(state);
    for (int i = 0; i < 2; i++) {
        char path[PATH_CAP];
        pki_world_path(&world, names[i], path);
        MUST_OK(key_make_file(path, i == 0 ? 0 : 2048, &keys[i]));
        MUST_OK(mint_cmp(world.new_key, ca_cert(world.new_ca), keys[i], NEW_CA_FROM, NEW_CA_TO, &certs[i]));
    }
    return rc;
}

static int teardown(void **state) {
    for (int i = 0; i < 2; i++) {
        key_free(keys[i]);
        buf_free(&certs[i]);
    }
    return pki_world_teardown(state);
}

static void make(int which, struct buf *document) {
    struct cert c = view(&certs[which]);
    MUST_OK(cms_sign(keys[which], &c, span_str(TEXT), DRILL_NOW, document));
}

static void openssl_verifies_what_is_signed(void **state) {
    (void)state;
    char file[PATH_CAP], out[PATH_CAP], ca[PATH_CAP];
    pki_world_path(&world, "document.p7m", file);
    pki_world_path(&world, "content", out);
    pki_world_path(&world, "new.pem", ca);
    for (int i = 0; i < 2; i++) {
        AUTO(buf) document = {0};
        AUTO(buf) content = {0};
        AUTO(run) r = {0};
        make(i, &document);
        MUST_OK(fs_write(file, buf_span(&document), 0600));
        MUST_RUN("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", file, "-CAfile", ca, "-purpose",
                 "any", "-attime", "1584237600", "-out", out);
        MUST_OK(fs_read(out, 1000, &content));
        assert_string_equal(buf_str(&content), TEXT);
        RUN(&r, "openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", file);
        assert_non_null(strstr(buf_str(&r.out), "Mar 15 02:00:00 2020 GMT")); /* signingTime */
    }
}

static void gives_back_what_was_signed(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        AUTO(buf) document = {0};
        struct cms got;
        make(i, &document);
        MUST_OK(cms_verify(buf_span(&document), world.new_ca, &got));
        assert_true(span_eq_str(got.content, TEXT));
        assert_true(span_eq(got.signer, buf_span(&certs[i])));
        assert_int_equal(got.signed_at, DRILL_NOW);
        MUST_FAIL(RC_CRYPTO, cms_verify(buf_span(&document), world.old_ca, &got));
    }
}

static void rsa_gives_the_same_bytes_again(void **state) {
    (void)state;
    AUTO(buf) one = {0};
    AUTO(buf) two = {0};
    make(1, &one);
    make(1, &two);
    assert_true(span_eq(buf_span(&one), buf_span(&two)));
}

/* Whatever byte is touched, cut or added: it is another document, and none of ours. */
static void takes_no_other_bytes(void **state) {
    (void)state;
    AUTO(buf) document = {0};
    struct cms got;
    make(0, &document);
    for (size_t i = 0; i < document.len; i++) {
        document.data[i] ^= 1;
        enum rc rc = cms_verify(buf_span(&document), world.new_ca, &got);
        if (rc != RC_CRYPTO && rc != RC_INPUT && rc != RC_LIMIT)
            fail_msg("byte %zu changed: %s", i, err_name(rc));
        document.data[i] ^= 1;
        assert_int_not_equal(cms_verify(span_of(document.data, i), world.new_ca, &got), RC_OK);
    }
    MUST_OK(buf_add_char(&document, 0));
    MUST_FAIL(RC_INPUT, cms_verify(buf_span(&document), world.new_ca, &got));
}

/* A subscriber's certificate is under the same CA: its holder could sign a "receipt", which must not count. */
static void only_the_server_may_sign(void **state) {
    (void)state;
    AUTO(buf) tbs = {0};
    AUTO(buf) der = {0};
    AUTO(buf) document = {0};
    struct profile_input in = pki_world_input(&world);
    struct cert server = view(&certs[0]);
    MUST_OK(profile_tbs(&in, &tbs));
    pki_world_issue(&world, buf_span(&tbs), &der);
    struct cert subscriber = view(&der);
    assert_true(cms_may_sign(&server));
    assert_false(cms_may_sign(&subscriber));
    assert_false(cms_may_sign(ca_cert(world.new_ca)));
    MUST_FAIL(RC_CRYPTO, cms_sign(world.sub_key, &subscriber, span_str(TEXT), DRILL_NOW, &document));
    assert_int_equal(document.len, 0);
}

static void the_signer_was_valid_then(void **state) {
    (void)state;
    static const int64_t wrong[] = {NEW_CA_FROM - 1, NEW_CA_TO + 1};
    struct cert c = view(&certs[0]);
    struct cms got;
    for (size_t i = 0; i < 2; i++) {
        AUTO(buf) document = {0};
        MUST_OK(cms_sign(keys[0], &c, span_str(TEXT), wrong[i], &document));
        MUST_FAIL(RC_CRYPTO, cms_verify(buf_span(&document), world.new_ca, &got));
    }
}

static void has_a_limit(void **state) {
    (void)state;
    AUTO(buf) content = {0};
    AUTO(buf) document = {0};
    struct cert c = view(&certs[0]);
    struct cms got;
    for (int i = 0; i < CMS_LIMIT; i++)
        MUST_OK(buf_add_char(&content, 'x'));
    MUST_OK(cms_sign(keys[0], &c, buf_span(&content), DRILL_NOW, &document));
    MUST_FAIL(RC_LIMIT, cms_verify(buf_span(&document), world.new_ca, &got));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_verifies_what_is_signed),
        cmocka_unit_test(gives_back_what_was_signed),
        cmocka_unit_test(rsa_gives_the_same_bytes_again),
        cmocka_unit_test(takes_no_other_bytes),
        cmocka_unit_test(only_the_server_may_sign),
        cmocka_unit_test(the_signer_was_valid_then),
        cmocka_unit_test(has_a_limit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
